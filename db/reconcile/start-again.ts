// A workflow that Temporal has lost, or that ended before its record did, is started once more.
import { appendAudit } from '../audit/repository.js';
import { insertOutbox, type StartPayload } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';
import { type Fate, type LiveRow, systemActor, type WorkflowKind, workflowIdOf } from './types.js';

/** Between restarts of one workflow: at once, then after 1, 2, 4 … minutes; it may die each time of the same cause. */
const WAIT_SQL = `least(3600, 30 * power(2, count(*) - 1))`;

export interface StartAgain {
  kind: Pick<WorkflowKind, 'kind'>;
  row: LiveRow;
  fate: Fate;
  /** Also after a run of that id that has ended: only for workflows that read where they are from their rows. */
  after_end: boolean;
}

/**
 * By the outbox, like every start; what was the input then is the input now.
 * @returns `lost` when its start is nowhere to be found.
 */
export async function startAgain(
  trx: TenantDb,
  { kind, row, fate, after_end }: StartAgain,
): Promise<'started_again' | 'waiting' | 'lost'> {
  const workflow_id = workflowIdOf(kind, row);
  const { rows } = await trx.raw<{ rows: { payload: StartPayload | null; starts: number; wait: boolean }[] }>(
    `select (array_agg(payload order by created_at desc))[1] as payload, count(*) as starts,
       count(*) > 1 and max(created_at) > clock_timestamp() - ${WAIT_SQL} * interval '1 second' as wait
     from outbox where workflow_id = ? and kind = 'workflow_start'
       and (created_at > clock_timestamp() - interval '1 day'
         or created_at = (select max(created_at) from outbox where workflow_id = ? and kind = 'workflow_start'))`,
    [workflow_id, workflow_id],
  );
  const last = rows[0];
  if (!last?.payload) return 'lost';
  if (last.wait) return 'waiting';
  const message = {
    kind: 'workflow_start',
    workflow_id,
    payload: { ...last.payload, after_end },
  } as const;
  await insertOutbox(trx, row.org_id, message, 0);
  await appendAudit(trx, systemActor(row.org_id), {
    action: `${kind.kind}.workflow_restart`,
    resource_type: kind.kind,
    resource_id: row.id,
    after: { workflow_id, found: fate },
  });
  return 'started_again';
}
