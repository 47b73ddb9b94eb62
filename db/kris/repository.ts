import { notFound } from '../../domain/errors.js';
import type { Kri, KriCreate, KriQuery } from '../../domain/kris/schema.js';
import type { KriStatus } from '../../domain/kris/rules.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { moment } from '../moment.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

const COLUMNS = [
  'id',
  'name',
  'description',
  'unit',
  'green_threshold',
  'amber_threshold',
  'collection_method',
  'steampipe_query',
  'schedule',
  'paused',
  'hysteresis',
  'owner_id',
  'current_value',
  'measured_at',
  'status',
  'warnings',
  'created_at',
  'updated_at',
].map((column) => `k.${column}`);

const SHOWN = `
  case when k.green_threshold <= k.amber_threshold then 'higher_is_worse' else 'lower_is_worse' end as direction,
  k.interval_s is not null
    and coalesce(k.value_at, k.created_at) < clock_timestamp() - 2 * k.interval_s * interval '1 second' as stale,
  (select json_build_object('id', e.id, 'opened_at', ${moment('e.opened_at')}, 'worst_status', e.worst_status,
      'good_samples', e.good_samples)
    from kri_episode e where e.org_id = k.org_id and e.kri_id = k.id and e.closed_at is null) as open_episode,
  case when k.collection_id is not null then json_build_object('id', k.collection_id,
    'at', ${moment('k.collected_at')}, 'error', k.collection_error, 'duration_ms', k.collection_ms,
    'rows_sha256', k.rows_sha256) end as last_collection`;

function kris(trx: TenantReader) {
  return trx('kri as k').select(...COLUMNS, trx.raw(SHOWN));
}

function living(trx: TenantDb) {
  return kris(trx).whereExists((org) =>
    org.select('id').from('org').whereRaw('org.id = k.org_id').whereNull('deleted_at'),
  );
}

/** Newest first. */
export async function listKris(
  trx: TenantReader,
  filter: Omit<KriQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<Kri>> {
  const query = kris(trx)
    .orderBy('k.id', 'desc')
    .limit(request.limit + 1);
  for (const column of ['status', 'collection_method', 'owner_id'] as const) {
    const values = filter[column];
    if (values) query.whereIn(`k.${column}`, [...values]);
  }
  if (request.after) query.where('k.id', '<', keyPart(request.after, 0));
  const rows: Kri[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

/** @throws DomainError NOT_FOUND */
export async function getKri(trx: TenantReader, kri_id: string): Promise<Kri> {
  const row: Kri | undefined = await kris(trx).where('k.id', kri_id).first();
  if (!row) throw notFound('key risk indicator');
  return row;
}

/** Until the end of the transaction nobody else changes it. @throws DomainError NOT_FOUND */
export async function lockKri(trx: TenantDb, kri_id: string): Promise<Kri> {
  const kri = await findLockedKri(trx, kri_id);
  if (!kri) throw notFound('key risk indicator');
  return kri;
}

/** Undefined when it is gone, also with its organization. */
export async function findKri(trx: TenantDb, kri_id: string): Promise<Kri | undefined> {
  const row: Kri | undefined = await living(trx).where('k.id', kri_id).first();
  return row;
}

export async function findLockedKri(trx: TenantDb, kri_id: string): Promise<Kri | undefined> {
  const row: Kri | undefined = await living(trx).where('k.id', kri_id).forNoKeyUpdate('k').first();
  return row;
}

export interface KriSettings extends KriCreate {
  interval_s: number | null;
  warnings: string[];
}

export async function insertKri(trx: TenantDb, tenant: TenantRef, settings: KriSettings): Promise<string> {
  const id = newId();
  await trx('kri').insert({ org_id: tenant.org_id, id, created_by: tenant.actor_id, ...settings });
  return id;
}

/** With the colour that its present value has by its thresholds. */
export async function updateKri(
  trx: TenantDb,
  kri_id: string,
  settings: KriSettings,
  status: KriStatus | null,
): Promise<void> {
  await trx('kri')
    .where({ id: kri_id })
    .update({ ...settings, status });
}

/** With its values and episodes. @throws DomainError NOT_FOUND */
export async function removeKri(trx: TenantDb, kri_id: string): Promise<void> {
  const removed = await trx('kri').where({ id: kri_id }).delete();
  if (removed === 0) throw notFound('key risk indicator');
}
