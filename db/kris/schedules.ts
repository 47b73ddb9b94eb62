// What Temporal is owed for an indicator: its schedule as the row says, and a collection at once where one is asked for.
import type { KriCollectionInput } from '../../domain/kris/collection.js';
import type { Kri } from '../../domain/kris/schema.js';
import { kriCollectionWorkflowId, kriScheduleId, TASK_QUEUES } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { insertOutbox, type OutboxMessage } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';

const SUMMARY = 'Collection of a key risk indicator';

function startOf({ org_id, actor_id, request_id }: TenantRef, kri_id: string, collection_id: string | null) {
  const input: KriCollectionInput = { tenant: { org_id, actor_id, request_id }, kri_id, collection_id };
  return {
    workflow_type: 'kriCollectionWorkflow',
    task_queue: TASK_QUEUES.core,
    resource_id: kri_id,
    summary: SUMMARY,
    input,
  } as const;
}

/** Pure: the schedule that the row asks for; of a manual one, none. */
export function scheduleMessage(
  tenant: TenantRef,
  kri: Pick<Kri, 'id' | 'collection_method' | 'schedule' | 'paused'> & { interval_s: number | null },
): OutboxMessage {
  const workflow_id = kriScheduleId(tenant.org_id, kri.id);
  if (kri.collection_method !== 'steampipe' || kri.schedule === null || kri.interval_s === null)
    return { kind: 'schedule_delete', workflow_id, payload: {} };
  return {
    kind: 'schedule_upsert',
    workflow_id,
    payload: {
      ...startOf(tenant, kri.id, null),
      spec: { cron: kri.schedule },
      paused: kri.paused,
      // what is older than one interval is answered by the next run just as well
      catch_up_ms: kri.interval_s * 1_000,
    },
  };
}

/** @returns the outbox row, to be tried at once */
export async function oweSchedule(
  trx: TenantDb,
  tenant: TenantRef,
  kri: Parameters<typeof scheduleMessage>[1],
): Promise<string> {
  return await insertOutbox(trx, tenant.org_id, scheduleMessage(tenant, kri));
}

/** Of an indicator, or of an organization, that goes. */
export async function oweScheduleRemoval(trx: TenantDb, org_id: string, kri_id: string): Promise<string> {
  const workflow_id = kriScheduleId(org_id, kri_id);
  return await insertOutbox(trx, org_id, { kind: 'schedule_delete', workflow_id, payload: {} });
}

/** With the organization's deletion: after these no message about its schedules counts any more. */
export async function endSchedules(trx: TenantDb, org_id: string): Promise<void> {
  const rows: { id: string }[] = await trx('kri').where({ collection_method: 'steampipe' }).select('id');
  for (const { id } of rows) await oweScheduleRemoval(trx, org_id, id);
}

export interface RequestedCollection {
  collection_id: string;
  workflow_id: string;
  outbox_id: string;
}

export async function requestCollection(
  trx: TenantDb,
  tenant: TenantRef,
  kri_id: string,
): Promise<RequestedCollection> {
  const collection_id = newId();
  const workflow_id = kriCollectionWorkflowId(tenant.org_id, collection_id);
  const outbox_id = await insertOutbox(trx, tenant.org_id, {
    kind: 'workflow_start',
    workflow_id,
    payload: startOf(tenant, kri_id, collection_id),
  });
  return { collection_id, workflow_id, outbox_id };
}
