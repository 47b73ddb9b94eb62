import type { PolicyName } from '../../domain/policies/rules.js';
import { POLICY_NAMES } from '../../domain/policies/rules.js';
import type {
  KillSwitch,
  KillSwitchUpdate,
  PolicyDetail,
  PolicyRevision,
  PolicyView,
} from '../../domain/policies/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import { BUILT_IN_POLICIES } from '../seeds/policies/index.js';
import type { TenantDb, TenantReader } from '../tenancy.js';
import { policyHash } from './engine.js';

interface Row {
  name: PolicyName;
  revision: number;
  source: string | null;
  sha256: string;
  notes: string | null;
  changed_by: string;
  changed_at: string;
}

const COLUMNS = ['name', 'revision', 'source', 'sha256', 'notes', 'changed_by', 'changed_at'] as const;

/** By their names; there are as many as the product asks, so a page holds them all. */
export async function listPolicies(trx: TenantReader): Promise<PolicyView[]> {
  const rows: Row[] = await trx('policy_revision')
    .distinctOn('name')
    .select(...COLUMNS)
    .orderBy([{ column: 'name' }, { column: 'revision', order: 'desc' }]);
  return POLICY_NAMES.map((name) => {
    const {
      source: _,
      example_input: __,
      ...view
    } = detail(
      name,
      rows.find((row) => row.name === name),
    );
    return view;
  });
}

/** The one in force. */
export async function getPolicy(trx: TenantReader, name: PolicyName): Promise<PolicyDetail> {
  const row: Row | undefined = await trx('policy_revision')
    .select(...COLUMNS)
    .where({ name })
    .orderBy('revision', 'desc')
    .first();
  return detail(name, row);
}

function detail(name: PolicyName, row: Row | undefined): PolicyDetail {
  const { description, source, example_input } = BUILT_IN_POLICIES[name];
  return {
    name,
    description,
    revision: row?.revision ?? 0,
    built_in: (row?.source ?? null) === null,
    sha256: row === undefined || row.source === null ? policyHash(source) : row.sha256,
    notes: row?.notes ?? null,
    changed_by: row?.changed_by ?? null,
    changed_at: row?.changed_at ?? null,
    source: row?.source ?? source,
    example_input,
  };
}

export async function listPolicyRevisions(
  trx: TenantReader,
  name: PolicyName,
  request: PageRequest,
): Promise<PageResult<PolicyRevision>> {
  const query = trx('policy_revision')
    .select('id', ...COLUMNS)
    .where({ name })
    .orderBy('revision', 'desc')
    .limit(request.limit + 1);
  if (request.after) query.where('revision', '<', keyPart(request.after, 0));
  const rows: (Row & { id: string })[] = await query;
  const items = rows.map(({ source, ...row }) => ({
    ...row,
    built_in: source === null,
    source: source ?? BUILT_IN_POLICIES[name].source,
  }));
  return toPage(items, request.limit, (row) => [row.revision]);
}

/** @param source null: the built-in one again */
export async function insertPolicyRevision(
  trx: TenantDb,
  { org_id, actor_id }: TenantRef,
  { name, source, notes }: { name: PolicyName; source: string | null; notes: string | null },
): Promise<PolicyDetail> {
  // two changes at the same moment are two revisions
  await trx.raw(`select pg_advisory_xact_lock(hashtextextended(?, 19))`, [`${org_id}/${name}`]);
  await trx.raw(
    `insert into policy_revision (org_id, id, name, revision, source, sha256, notes, changed_by)
     select ?, ?, ?, coalesce(max(revision), 0) + 1, ?, ?, ?, ? from policy_revision where org_id = ? and name = ?`,
    [
      org_id,
      newId(),
      name,
      source,
      policyHash(source ?? BUILT_IN_POLICIES[name].source),
      notes,
      actor_id,
      org_id,
      name,
    ],
  );
  return await getPolicy(trx, name);
}

const OFF: KillSwitch = { engaged: false, reason: null, changed_by: null, changed_at: null };

export async function getKillSwitch(trx: TenantReader): Promise<KillSwitch> {
  const row: KillSwitch | undefined = await trx('kill_switch')
    .select('engaged', 'reason', 'changed_by', 'changed_at')
    .first();
  return row ?? OFF;
}

export async function setKillSwitch(
  trx: TenantDb,
  { org_id, actor_id }: TenantRef,
  { engaged, reason }: KillSwitchUpdate,
): Promise<KillSwitch> {
  await trx('kill_switch')
    .insert({ org_id, engaged, reason, changed_by: actor_id })
    .onConflict('org_id')
    .merge({ engaged, reason, changed_by: actor_id, changed_at: trx.raw('clock_timestamp()') });
  return await getKillSwitch(trx);
}
