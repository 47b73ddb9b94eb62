// A value comes in, by hand or by a collection: its point, the indicator's colour, the episode it belongs to, who is told,
// and what is audited, in one transaction under the indicator's lock.
import { type Breach, type BreachStep, statusOf, stepBreach } from '../../domain/kris/rules.js';
import type { Kri } from '../../domain/kris/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit, type AuditActor } from '../audit/repository.js';
import { newId } from '../ids.js';
import type { TenantDb } from '../tenancy.js';
import { tellOfBreach } from './notices.js';

export interface Collected {
  collection_id: string;
  duration_ms: number;
  rows_sha256: string;
}

export interface NewValue {
  value: number;
  measured_at: string;
  /** Of a value that a collection brought; absent of one that a person has posted. */
  collected?: Collected;
  /** Whether this installation can send e-mail. */
  email: boolean;
}

/** Who is audited: a person for what is posted, nobody for what the schedule brings. */
function actorOf(tenant: TenantRef, collected: Collected | undefined): AuditActor {
  if (!collected) return tenant;
  return { org_id: tenant.org_id, actor_id: null, request_id: `collection ${collected.collection_id}` };
}

/** @param kri under its lock. Repeatable: a collection brings one value, however often it is recorded. */
export async function recordValue(
  trx: TenantDb,
  tenant: TenantRef,
  kri: Kri,
  { value, measured_at, collected, email }: NewValue,
): Promise<void> {
  const { org_id } = tenant;
  const status = statusOf(value, kri);
  const id = newId();
  const inserted = await trx('kri_value')
    .insert({
      org_id,
      id,
      kri_id: kri.id,
      value,
      status,
      measured_at,
      source: collected ? 'steampipe' : 'manual',
      recorded_by: collected ? null : tenant.actor_id,
      collection_id: collected?.collection_id ?? null,
      duration_ms: collected?.duration_ms ?? null,
      rows_sha256: collected?.rows_sha256 ?? null,
    })
    .onConflict(['org_id', 'kri_id', 'collection_id'])
    .ignore()
    .returning('id');
  if (inserted.length === 0) return;
  // what was true before the latest value is history: it changes neither the colour nor an episode
  const latest = kri.measured_at === null || Date.parse(measured_at) >= Date.parse(kri.measured_at);
  await trx('kri')
    .where({ id: kri.id })
    .update({
      value_at: trx.raw('clock_timestamp()'),
      ...(latest && { current_value: value, measured_at, status }),
      ...(collected && collectionColumns(trx, collected, null)),
    });
  const steps = latest ? await followBreach(trx, org_id, kri, { value, measured_at }) : undefined;
  if (steps?.event !== undefined) {
    const { event, episode_id, worst_status } = steps;
    await tellOfBreach(trx, tenant, { kri, event, episode_id, worst_status, email });
  }
  await appendAudit(trx, actorOf(tenant, collected), {
    action: 'kri.measure',
    resource_type: 'kri',
    resource_id: kri.id,
    before: { value: kri.current_value, status: kri.status },
    after: {
      value,
      status,
      measured_at,
      source: collected ? 'steampipe' : 'manual',
      ...(steps?.event !== undefined && { episode: { ...steps } }),
    },
  });
}

/** Why the latest collection brought no value. Repeatable; audited when it is news. */
export async function recordFailure(
  trx: TenantDb,
  tenant: TenantRef,
  kri: Kri,
  collection: Omit<Collected, 'rows_sha256'>,
  error: string,
): Promise<void> {
  const { collection_id } = collection;
  await trx('kri')
    .where({ id: kri.id })
    .update(collectionColumns(trx, { ...collection, rows_sha256: null }, error));
  if (kri.last_collection?.error === error) return;
  await appendAudit(trx, actorOf(tenant, { ...collection, rows_sha256: '' }), {
    action: 'kri.collection_fail',
    resource_type: 'kri',
    resource_id: kri.id,
    after: { collection_id, error },
  });
}

function collectionColumns(
  trx: TenantDb,
  {
    collection_id,
    duration_ms,
    rows_sha256,
  }: Omit<Collected, 'rows_sha256'> & { rows_sha256: string | null },
  error: string | null,
): object {
  return {
    collection_id,
    collected_at: trx.raw('clock_timestamp()'),
    collection_ms: duration_ms,
    rows_sha256,
    collection_error: error,
  };
}

interface Followed {
  event: BreachStep['event'];
  episode_id: string;
  worst_status: Breach['worst_status'];
}

async function followBreach(
  trx: TenantDb,
  org_id: string,
  kri: Kri,
  { value, measured_at }: { value: number; measured_at: string },
): Promise<Followed | undefined> {
  const open: (Breach & { id: string }) | undefined = await trx('kri_episode')
    .select('id', 'worst_status', 'worst_value', 'good_samples')
    .where({ kri_id: kri.id })
    .whereNull('closed_at')
    .first();
  const step = stepBreach(open, value, kri.hysteresis, kri);
  if (!open) {
    if (!step.open) return undefined;
    const episode_id = newId();
    await trx('kri_episode').insert({
      org_id,
      id: episode_id,
      kri_id: kri.id,
      opened_at: measured_at,
      opened_value: value,
      ...step.open,
    });
    return { event: step.event, episode_id, worst_status: step.open.worst_status };
  }
  const { worst_status, worst_value, good_samples } = step.open ?? {
    ...open,
    good_samples: open.good_samples + 1,
  };
  await trx('kri_episode')
    .where({ id: open.id })
    .update({
      worst_status,
      worst_value,
      good_samples,
      ...(step.event === 'closed' && { closed_at: measured_at, closed_value: value }),
    });
  return { event: step.event, episode_id: open.id, worst_status };
}
