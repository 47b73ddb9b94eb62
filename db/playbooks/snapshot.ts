// The incident as it stands at a moment, to be kept as evidence.
import type { TenantRef } from '../../domain/tenant.js';
import { insertVerifiedEvidence } from '../evidence/repository.js';
import { readWhole } from '../incidents/whole.js';
import type { TenantDb } from '../tenancy.js';

/** Entries at the end of the chain; its head commits to all before. */
const ENTRIES = 200;

export async function snapshotOf(trx: TenantDb, incident_id: string, title: string): Promise<object> {
  const { row, visits, clocks, tasks, timeline } = await readWhole(trx, incident_id, ENTRIES);
  const { policy: _, run_id: _run, ...incident } = row;
  return {
    title,
    incident,
    visits,
    clocks,
    tasks,
    timeline,
    timeline_head: await trx('timeline_head').where({ incident_id }).select('seq', 'hash').first(),
  };
}

/**
 * The first one of a command stays, whatever has happened to the incident since.
 * @param stored its filename is the command's: no other one of the run has it
 * @returns what is kept
 */
export async function insertSnapshot(
  trx: TenantDb,
  tenant: TenantRef,
  run_id: string,
  stored: { filename: string; size: number; sha256: string; object_key: string },
): Promise<{ id: string; sha256: string }> {
  // an attempt that was given up may still be at work
  await trx('playbook_run').select('id').where({ id: run_id }).forUpdate();
  const known: { id: string; sha256: string } | undefined = await trx('evidence')
    .select('id', 'sha256')
    .where({ filename: stored.filename })
    .whereLike('object_key', `evidence/${tenant.org_id}/playbook/${run_id}/%`)
    .first();
  if (known) return known;
  const { id } = await insertVerifiedEvidence(trx, tenant, {
    ...stored,
    content_type: 'application/json',
    collected_at: new Date().toISOString(),
  });
  return { id, sha256: stored.sha256 };
}
