import type { Knex } from 'knex';
import { notFound } from '../../domain/errors.js';
import type {
  Organization,
  OrganizationCreate,
  OrganizationUpdate,
  OrgSettings,
} from '../../domain/orgs/schema.js';
import type { Database } from '../connection.js';
import { transact } from '../idempotency/scope.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader, UserReader } from '../tenancy.js';

const COLUMNS = ['id', 'name', 'domain', 'settings', 'created_at', 'updated_at'] as const;

/** Makes the organization with its founder as admin and lets `work` go on inside it, all in one transaction. */
export async function createOrg(
  db: Database,
  founder_id: string,
  body: OrganizationCreate,
  settings: OrgSettings,
  work: (trx: TenantDb, org: Organization) => Promise<void>,
): Promise<Organization> {
  return await transact(
    db,
    { org_id: '', user_id: '' }, // there is no organization yet to be in
    async (trx) => {
      const id = newId();
      const values = [id, body.name, body.domain, JSON.stringify(settings), founder_id];
      await trx.raw('select create_org(?, ?, ?, ?, ?)', values);
      const tenant = trx as TenantDb;
      const org = await getOrg(tenant);
      await work(tenant, org);
      return org;
    },
  );
}

/** The caller's organizations, newest first. */
export async function listOrgs(trx: UserReader, request: PageRequest): Promise<PageResult<Organization>> {
  const query = trx('org')
    .select(...COLUMNS)
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: Organization[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

export async function getOrg(trx: TenantReader): Promise<Organization> {
  return foundOrg(await orgRow(trx).first());
}

/** What reads it, for a reader who has more to read. */
export function orgRow(trx: TenantReader): Knex.QueryBuilder {
  return trx('org')
    .select(...COLUMNS)
    .whereNull('deleted_at');
}

/** @throws DomainError NOT_FOUND */
export function foundOrg(row: Organization | undefined): Organization {
  if (!row) throw notFound('organization');
  return row;
}

/** Merges; of the settings too, only what is named changes. */
export async function updateOrg(trx: TenantDb, body: OrganizationUpdate): Promise<Organization> {
  const { settings, ...columns } = body;
  const changed = await trx('org')
    .whereNull('deleted_at')
    .update({
      ...columns,
      ...(settings && { settings: trx.raw('settings || ?::jsonb', [JSON.stringify(settings)]) }),
      updated_at: trx.raw('clock_timestamp()'),
    });
  if (changed === 0) throw notFound('organization');
  return await getOrg(trx);
}

/** Hidden at once, its domain free. @returns when what is left of it is purged: not before, not earlier by anybody. */
export async function removeOrg(trx: TenantDb, keep_ms: number): Promise<string> {
  const removed: { purge_at: string }[] = await trx('org')
    .whereNull('deleted_at')
    .update(
      {
        deleted_at: trx.raw('clock_timestamp()'),
        purge_at: trx.raw(`clock_timestamp() + ? * interval '1 millisecond'`, [keep_ms]),
      },
      ['purge_at'],
    );
  if (!removed[0]) throw notFound('organization');
  return removed[0].purge_at;
}
