// Rows that say that a schedule is theirs, and how one is repaired: by the message that made it, audited.
import { kriScheduleId } from '../../domain/temporal.js';
import { appendAudit } from '../audit/repository.js';
import { scheduleMessage } from '../kris/schedules.js';
import { insertOutbox } from '../outbox/repository.js';
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { systemActor } from './types.js';

export interface ScheduledRow {
  org_id: string;
  id: string;
  paused: boolean;
  /** Old enough to be judged, and nothing about its schedule is owed. */
  due: boolean;
}

export type ScheduleFate = 'missing' | 'paused' | 'running';

/** Indicators with a schedule, of all living organizations. */
export async function listScheduled(trx: ReconcileDb, age_s: number): Promise<ScheduledRow[]> {
  const { rows } = await trx.raw<{ rows: ScheduledRow[] }>(
    `select k.org_id, k.id, k.paused,
       k.updated_at < clock_timestamp() - ? * interval '1 second' and not exists (
         select from outbox o where o.org_id = k.org_id and o.delivered_at is null
           and o.workflow_id = 'schedule:kri:' || k.org_id || ':' || k.id) as due
     from kri k join org g on g.id = k.org_id and g.deleted_at is null
     where k.collection_method = 'steampipe'`,
    [age_s],
  );
  return rows;
}

/** False when the row has come to agree with what was found. */
export async function repairSchedule(
  trx: TenantDb,
  { org_id, id }: Pick<ScheduledRow, 'org_id' | 'id'>,
  found: ScheduleFate,
): Promise<boolean> {
  const kri: (Parameters<typeof scheduleMessage>[1] & { created_by: string }) | undefined = await trx('kri')
    .select('id', 'collection_method', 'schedule', 'interval_s', 'paused', 'created_by')
    .where({ id, collection_method: 'steampipe' })
    .forNoKeyUpdate()
    .first();
  if (!kri || found === (kri.paused ? 'paused' : 'running')) return false;
  const tenant = { org_id, actor_id: kri.created_by, request_id: 'reconciler' };
  await insertOutbox(trx, org_id, scheduleMessage(tenant, kri), 0);
  await note(trx, org_id, id, 'kri.schedule_restore', found);
  return true;
}

/** A schedule of an indicator that is gone, or is manual now. False when it is its indicator's after all. */
export async function endOrphan(trx: TenantDb, org_id: string, kri_id: string): Promise<boolean> {
  const row: unknown = await trx('kri')
    .join('org', 'org.id', 'kri.org_id')
    .where({ 'kri.id': kri_id, collection_method: 'steampipe' })
    .whereNull('org.deleted_at')
    .first('kri.id');
  if (row !== undefined) return false;
  // of an organization that is purged there is no outbox and no log to write to
  const org: unknown = await trx('org').select('id').where({ id: org_id }).first();
  if (org === undefined) return false;
  const workflow_id = kriScheduleId(org_id, kri_id);
  await insertOutbox(trx, org_id, { kind: 'schedule_delete', workflow_id, payload: {} }, 0);
  await note(trx, org_id, kri_id, 'kri.schedule_remove', 'without a record');
  return true;
}

async function note(
  trx: TenantDb,
  org_id: string,
  kri_id: string,
  action: string,
  found: string,
): Promise<void> {
  await appendAudit(trx, systemActor(org_id), {
    action,
    resource_type: 'kri',
    resource_id: kri_id,
    after: { found },
  });
}
