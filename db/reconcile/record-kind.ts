// Kinds whose row is the state: the workflow reads where it is from there, so a lost one is started again and goes on.
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, type WorkflowKind } from './types.js';

/** In SQL the row is called `r`. */
export interface RecordKind {
  kind: string;
  workflow_type: string;
  table: string;
  /** Condition under which its workflow is at work. */
  live: string;
  /** Time since which it is to be so. */
  since: string;
  /** Time of its last change, after which an idle row's workflow may still be ending; without it, as long as there is a row. */
  touched?: string;
}

/** Those of an organization that is being deleted are ended with it, so none of them is live. */
export function recordKind({
  kind,
  workflow_type,
  table,
  live,
  since,
  touched = 'clock_timestamp()',
}: RecordKind): WorkflowKind {
  const age = `clock_timestamp() - ? * interval '1 second'`;
  const from = `from ${table} r join org g on g.id = r.org_id and g.deleted_at is null`;
  return {
    kind,
    workflow_type,

    async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
      const { rows } = await trx.raw<{ rows: LiveRow[] }>(
        `select r.org_id, r.id, false as over, ${since} < ${age} and not ${owedSql(kind, 'r')} as due
         ${from} where ${live}`,
        [age_s],
      );
      return rows;
    },

    async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
      const { rows } = await trx.raw<{ rows: unknown[] }>(
        `select r.id ${from} where r.id = ? and ${live} for no key update of r`,
        [row.id],
      );
      if (rows.length === 0) return undefined;
      return await startAgain(trx, { kind: { kind }, row, fate, after_end: true });
    },

    async mayBeOpen(trx: TenantDb, id: string, age_s: number): Promise<boolean> {
      const { rows } = await trx.raw<{ rows: unknown[] }>(
        `select r.id from ${table} r where r.id = ? and (${live} or ${touched} > ${age})`,
        [id, age_s],
      );
      return rows.length > 0;
    },
  };
}
