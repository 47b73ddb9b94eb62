import { DomainError } from '../../domain/errors.js';
import { readCron } from '../../domain/kris/cron.js';
import { DEFAULT_SCHEDULE, statusOf } from '../../domain/kris/rules.js';
import type {
  Kri,
  KriCollection,
  KriCreate,
  KriHistory,
  KriHistoryQuery,
  KriUpdate,
  KriValueCreate,
} from '../../domain/kris/schema.js';
import { REQUEST_DEADLINE_MS } from '../../domain/temporal.js';
import { type TenantContext, toTenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import { getHistory } from '../../db/kris/history.js';
import {
  getKri,
  insertKri,
  type KriSettings,
  lockKri,
  removeKri,
  updateKri,
} from '../../db/kris/repository.js';
import { oweSchedule, oweScheduleRemoval, requestCollection } from '../../db/kris/schedules.js';
import { guardQuery } from '../../db/kris/sql-guard.js';
import { tableWarnings } from '../../db/kris/tables.js';
import { recordValue } from '../../db/kris/values.js';
import { findSteampipe, type SteampipeMapping } from '../../db/orgs/steampipe.js';
import { readTenant, type TenantDb, withTenant } from '../../db/tenancy.js';
import { requireMember } from '../../db/users/repository.js';
import type { CommandDeps } from '../commands.js';
import { type WebUi, workflowLink } from '../web-ui.js';

export interface KriDeps extends CommandDeps {
  /** Undefined where no Steampipe is configured. */
  inventory_url: string | undefined;
  /** Whether this installation can send e-mail. */
  email_configured: boolean;
  web_ui: WebUi;
}

/** Clocks of callers may be ahead of ours. */
const CLOCK_SKEW_MS = 60_000;

function wrong(field: string, detail: string): DomainError {
  return new DomainError('VALIDATION_ERROR', detail, { field });
}

/** What is asked for, made whole: a query that passes the guard, a schedule that comes, what to warn of. */
async function settle(deps: KriDeps, tenant: TenantContext, wanted: KriCreate): Promise<KriSettings> {
  const { collection_method: method, steampipe_query: query } = wanted;
  if (method === 'manual' && query !== null)
    throw wrong('steampipe_query', 'is only for the collection method steampipe');
  if (method === 'steampipe' && query === null)
    throw wrong('steampipe_query', 'is needed for the collection method steampipe');
  const schedule = wanted.schedule ?? (method === 'steampipe' ? DEFAULT_SCHEDULE : null);
  const cron = schedule === null ? null : readCron(schedule);
  if (cron?.ok === false) throw wrong('schedule', cron.detail);
  const timing = { schedule: cron?.expression ?? null, interval_s: cron?.interval_s ?? null };
  if (query === null) return { ...wanted, ...timing, warnings: [] };
  const mapping = await withTenant(deps.db, tenant, (trx) => findSteampipe(trx));
  const guarded = await guardQuery(query, schemasOf(mapping));
  if (!guarded.ok) throw wrong('steampipe_query', guarded.detail);
  return { ...wanted, ...timing, warnings: await tableWarnings(deps.inventory_url, mapping, guarded.tables) };
}

function schemasOf(mapping: SteampipeMapping | undefined): string[] {
  return mapping === undefined ? [] : [mapping.schema_name];
}

interface Owed {
  kri_id: string;
  outbox_ids: string[];
}

/** What Temporal is owed after a change; a query that is new is tried at once, so that its author sees what it says. */
async function owe(
  trx: TenantDb,
  tenant: TenantContext,
  kri_id: string,
  settings: KriSettings,
  is_new: boolean,
): Promise<string[]> {
  const ref = toTenantRef(tenant);
  const owed = [await oweSchedule(trx, ref, { ...settings, id: kri_id })];
  const mapped = is_new && !settings.paused && settings.collection_method === 'steampipe';
  if (mapped && (await findSteampipe(trx)) !== undefined)
    owed.push((await requestCollection(trx, ref, kri_id)).outbox_id);
  return owed;
}

async function answer(deps: KriDeps, tenant: TenantContext, { kri_id, outbox_ids }: Owed): Promise<Kri> {
  await Promise.all(outbox_ids.map((id) => deps.temporal.deliver(tenant, id, REQUEST_DEADLINE_MS)));
  return await withTenant(deps.db, tenant, (trx) => getKri(trx, kri_id));
}

/** @throws DomainError VALIDATION_ERROR with the field, and for a query with its line and column */
export async function createKri(deps: KriDeps, tenant: TenantContext, body: KriCreate): Promise<Kri> {
  const settings = await settle(deps, tenant, body);
  const owed = await withTenant(deps.db, tenant, async (trx) => {
    if (settings.owner_id !== null) await requireMember(trx, settings.owner_id, 'owner_id');
    const kri_id = await insertKri(trx, tenant, settings);
    const steampipe = settings.collection_method === 'steampipe';
    const outbox_ids = steampipe ? await owe(trx, tenant, kri_id, settings, true) : [];
    await appendAudit(trx, tenant, {
      action: 'kri.create',
      resource_type: 'kri',
      resource_id: kri_id,
      after: snapshotOf(settings),
    });
    return { kri_id, outbox_ids };
  });
  return await answer(deps, tenant, owed);
}

/** Merges. New thresholds colour the present value anew; an episode goes by samples. */
export async function changeKri(
  deps: KriDeps,
  tenant: TenantContext,
  kri_id: string,
  body: KriUpdate,
): Promise<Kri> {
  const seen = await withTenant(deps.db, tenant, (trx) => getKri(trx, kri_id));
  const settings = await settle(deps, tenant, merge(seen, body));
  const owed = await withTenant(deps.db, tenant, async (trx) => {
    const before = await lockKri(trx, kri_id);
    if (
      before.updated_at !== seen.updated_at &&
      JSON.stringify(settingsOf(before)) !== JSON.stringify(settingsOf(seen))
    )
      throw new DomainError('CONFLICT', 'somebody else has just changed it: read it again');
    if (settings.owner_id !== null && settings.owner_id !== before.owner_id)
      await requireMember(trx, settings.owner_id, 'owner_id');
    const { current_value } = before;
    await updateKri(trx, kri_id, settings, current_value === null ? null : statusOf(current_value, settings));
    const asked = (['collection_method', 'steampipe_query'] as const).some(
      (field) => settings[field] !== before[field],
    );
    const timed = asked || settings.schedule !== before.schedule || settings.paused !== before.paused;
    const outbox_ids = timed ? await owe(trx, tenant, kri_id, settings, asked) : [];
    await appendAudit(trx, tenant, {
      action: 'kri.update',
      resource_type: 'kri',
      resource_id: kri_id,
      before: snapshotOf(settingsOf(before)),
      after: snapshotOf(settings),
    });
    return { kri_id, outbox_ids };
  });
  return await answer(deps, tenant, owed);
}

function settingsOf(kri: Kri): KriCreate {
  const { name, description, unit, green_threshold, amber_threshold, collection_method } = kri;
  const { steampipe_query, schedule, paused, hysteresis, owner_id } = kri;
  return {
    name,
    description,
    unit,
    green_threshold,
    amber_threshold,
    collection_method,
    steampipe_query,
    schedule,
    paused,
    hysteresis,
    owner_id,
  };
}

/** Who changes it to manual need not say that its query goes. */
function merge(kri: Kri, body: KriUpdate): KriCreate {
  const present = settingsOf(kri);
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const merged: KriCreate = { ...present, ...given };
  const leaves = merged.collection_method === 'manual' && present.collection_method === 'steampipe';
  return leaves && body.steampipe_query === undefined ? { ...merged, steampipe_query: null } : merged;
}

/** Names of people's making stay out of the log; their queries are what an auditor looks for. */
function snapshotOf(settings: KriCreate): Record<string, unknown> {
  const { green_threshold, amber_threshold, collection_method, steampipe_query, schedule, paused } = settings;
  const { hysteresis, owner_id, name } = settings;
  const rest = { schedule, paused, hysteresis, owner_id };
  return { name, green_threshold, amber_threshold, collection_method, steampipe_query, ...rest };
}

/** Its schedule goes with it. */
export async function deleteKri(
  deps: KriDeps,
  tenant: TenantContext,
  kri_id: string,
): Promise<{ id: string; deleted: true }> {
  const outbox_id = await withTenant(deps.db, tenant, async (trx) => {
    const before = await lockKri(trx, kri_id);
    const owed = await oweScheduleRemoval(trx, tenant.org_id, kri_id);
    await removeKri(trx, kri_id);
    await appendAudit(trx, tenant, {
      action: 'kri.delete',
      resource_type: 'kri',
      resource_id: kri_id,
      before: snapshotOf(settingsOf(before)),
    });
    return owed;
  });
  await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return { id: kri_id, deleted: true };
}

/** A value by hand. @throws DomainError VALIDATION_ERROR for one of the future */
export async function postValue(
  deps: KriDeps,
  tenant: TenantContext,
  kri_id: string,
  { value, measured_at = new Date().toISOString() }: KriValueCreate,
): Promise<Kri> {
  if (Date.parse(measured_at) > Date.now() + CLOCK_SKEW_MS) throw wrong('measured_at', 'lies in the future');
  return await withTenant(deps.db, tenant, async (trx) => {
    const kri = await lockKri(trx, kri_id);
    const email = deps.email_configured;
    await recordValue(trx, tenant, kri, { value, measured_at, email });
    return await getKri(trx, kri_id);
  });
}

/** @throws DomainError CONFLICT for a manual one, SERVICE_UNAVAILABLE where there is nothing to collect from */
export async function collectNow(
  deps: KriDeps,
  tenant: TenantContext,
  kri_id: string,
): Promise<KriCollection> {
  const { collection_id, workflow_id, outbox_id } = await withTenant(deps.db, tenant, async (trx) => {
    const kri = await getKri(trx, kri_id);
    if (kri.collection_method === 'manual')
      throw new DomainError('CONFLICT', 'it is manual: its values are posted');
    if (deps.inventory_url === undefined || (await findSteampipe(trx)) === undefined)
      throw new DomainError('SERVICE_UNAVAILABLE', 'the inventory (steampipe) is not_configured');
    const requested = await requestCollection(trx, toTenantRef(tenant), kri_id);
    await appendAudit(trx, tenant, {
      action: 'kri.collect',
      resource_type: 'kri',
      resource_id: kri_id,
      after: { collection_id: requested.collection_id },
    });
    return requested;
  });
  const { run_id } = await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return { id: collection_id, kri_id, workflow: workflowLink(deps.web_ui, workflow_id, run_id) };
}

export async function readHistory(
  deps: KriDeps,
  tenant: TenantContext,
  kri_id: string,
  query: KriHistoryQuery,
): Promise<KriHistory> {
  const { since, until } = query;
  if (since !== undefined && until !== undefined && Date.parse(since) > Date.parse(until))
    throw wrong('until', 'lies before since');
  return await readTenant(deps.db, tenant, async (trx) => getHistory(trx, await getKri(trx, kri_id), query));
}
