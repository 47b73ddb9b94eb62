// What every kind of workflow tells the reconciler: one entry per kind, the rest is common.
import type { ReconcileDb, TenantDb } from '../tenancy.js';

/** A row that says that its workflow is at work. */
export interface LiveRow {
  org_id: string;
  id: string;
  /** Old enough to be judged, and its start is not owed: whatever Temporal says of it now counts. */
  due: boolean;
  /** The run itself is over in the row, and something beside it says otherwise: it may not be open any more. */
  over: boolean;
}

/** How the workflow of a live row was found: over, or unknown to Temporal. */
export type Fate = 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed_out' | 'unknown';

/** `waiting`: it is started again later; `lost`: only an operator can help. */
export type RowRepair = 'row_ended' | 'started_again' | 'waiting' | 'lost';

export interface WorkflowKind {
  /** Prefix of its workflow ids: `<kind>:<org>:<record>`. */
  kind: string;
  workflow_type: string;
  /** Live rows of all organizations. */
  listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]>;
  /** Makes row and workflow agree again, audited in the same transaction; undefined when they did already. */
  repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined>;
  /** False for a workflow whose record is gone, or has been over for longer than that: then it is cancelled. */
  mayBeOpen(trx: TenantDb, id: string, age_s: number): Promise<boolean>;
}

export function workflowIdOf(
  { kind }: Pick<WorkflowKind, 'kind'>,
  row: Pick<LiveRow, 'org_id' | 'id'>,
): string {
  return `${kind}:${row.org_id}:${row.id}`;
}

/** What repairs are audited by: nobody's doing. */
export function systemActor(org_id: string): { org_id: string; actor_id: null; request_id: string } {
  return { org_id, actor_id: null, request_id: 'reconciler' };
}

/** True while the start of the workflow that belongs to the row `alias` is undelivered. */
export function owedSql(kind: string, alias: string): string {
  return `exists (select from outbox o where o.org_id = ${alias}.org_id and o.kind = 'workflow_start'
    and o.workflow_id = '${kind}:' || ${alias}.org_id || ':' || ${alias}.id and o.delivered_at is null)`;
}
