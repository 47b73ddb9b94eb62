// The incident as it stands at a moment, to be kept as evidence.
import type { TenantRef } from '../../domain/tenant.js';
import { insertVerifiedEvidence } from '../evidence/repository.js';
import { getShownIncident, listClocks, listVisits } from '../incidents/repository.js';
import { listTasksOf } from '../incidents/tasks.js';
import { latestTimeline } from '../incidents/timeline.js';
import type { TenantDb } from '../tenancy.js';

/** Entries at the end of the chain; its head commits to all before. */
const ENTRIES = 200;

export async function snapshotOf(trx: TenantDb, incident_id: string, title: string): Promise<object> {
  const { policy: _, run_id: _run, ...incident } = await getShownIncident(trx, incident_id);
  return {
    title,
    incident,
    visits: await listVisits(trx, incident_id),
    clocks: await listClocks(trx, incident_id),
    tasks: await listTasksOf(trx, incident_id),
    timeline: await latestTimeline(trx, incident_id, ENTRIES),
    timeline_head: await trx('timeline_head').where({ incident_id }).select('seq', 'hash').first(),
  };
}

/** Repeatable: the object's name tells a repetition. */
export async function insertSnapshot(
  trx: TenantDb,
  tenant: TenantRef,
  stored: { filename: string; size: number; sha256: string; object_key: string },
): Promise<{ id: string }> {
  const known: { id: string } | undefined = await trx('evidence')
    .select('id')
    .where({ object_key: stored.object_key })
    .first();
  if (known) return known;
  return await insertVerifiedEvidence(trx, tenant, {
    ...stored,
    content_type: 'application/json',
    collected_at: new Date().toISOString(),
  });
}
