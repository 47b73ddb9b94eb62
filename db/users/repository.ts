import { DomainError, notFound } from '../../domain/errors.js';
import type { Role } from '../../domain/tenant.js';
import type { Me, User, UserCreate, UserQuery, UserUpdate } from '../../domain/users/schema.js';
import { ask, type Database } from '../connection.js';
import { translated } from '../errors.js';
import { newId } from '../ids.js';
import { type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader, UserReader } from '../tenancy.js';

/** What a verified token proves. */
export type Principal =
  | {
      kind: 'person';
      email: string;
      access_sub: string;
      /** Left out for who has just signed in. */
      issued_at?: string;
    }
  | { kind: 'service'; common_name: string };

export interface Account {
  user_id: string;
  email: string | null;
  service_token_id: string | null;
  /** What the address was bound to at its first sign-in; null for a service token. */
  access_sub: string | null;
  sessions_revoked_at: string | null;
  /** The role in the organization asked for; null when not a member, or when none was asked for. */
  role: Role | null;
}

const COLUMNS = [
  'u.id',
  'u.email',
  'u.service_token_id',
  'm.name',
  'm.role',
  'm.created_at',
  'm.updated_at',
] as const;

/** Nobody's. For null Postgres would plan the function's query anew each time, because it falls apart then. */
const NO_ORG = '00000000-0000-0000-0000-000000000000';

/**
 * Finds the person or makes the account; undefined for a service token that no admin registered, and for a token of
 * before its person was told to sign in anew.
 */
export async function identifyUser(
  db: Database,
  principal: Principal,
  org_id: string | undefined,
): Promise<Account | undefined> {
  const asked = org_id ?? NO_ORG;
  const bindings =
    principal.kind === 'person'
      ? [newId(), principal.email, principal.access_sub, null, asked, principal.issued_at ?? null]
      : [null, null, null, principal.common_name, asked, null];
  return await translated(async () => {
    const sql = 'select * from identify($1, $2, $3, $4, $5, $6)';
    const [account] = await ask(db, { sql, bindings });
    return account as Account | undefined;
  });
}

export async function getMe(trx: UserReader, user_id: string): Promise<Me> {
  const account = await trx('app_user')
    .select('id', 'email', 'service_token_id')
    .where({ id: user_id })
    .first();
  if (!account) throw notFound('user');
  const memberships: (Me['memberships'][number] & { name: string })[] = await trx('membership as m')
    .join('org as o', 'o.id', 'm.org_id')
    .select('m.org_id', 'o.name as org_name', 'm.role', 'm.name')
    .where('m.user_id', user_id)
    .whereNull('m.ended_at')
    .orderBy('m.created_at');
  const fallback = account.email?.split('@')[0] ?? account.service_token_id;
  return {
    id: account.id,
    email: account.email,
    name: memberships[0]?.name ?? fallback,
    memberships: memberships.map(({ org_id, org_name, role }) => ({ org_id, org_name, role })),
  };
}

export async function listUsers(
  trx: TenantReader,
  filter: Pick<UserQuery, 'role'>,
  request: PageRequest,
): Promise<PageResult<User>> {
  const query = members(trx)
    .whereNull('m.ended_at')
    .orderBy([
      { column: 'm.created_at', order: 'desc' },
      { column: 'm.user_id', order: 'desc' },
    ])
    .limit(request.limit + 1);
  if (filter.role) query.whereIn('m.role', filter.role);
  if (request.after) query.whereRaw('(m.created_at, m.user_id) < (?, ?)', [...request.after]);
  const rows: User[] = await query;
  return toPage(rows, request.limit, (row) => [row.created_at, row.id]);
}

export async function getUser(trx: TenantReader, user_id: string): Promise<User> {
  const row = await members(trx).where('m.user_id', user_id).whereNull('m.ended_at').first();
  if (!row) throw notFound('user');
  return row;
}

/** Adds somebody to the organization; somebody who left before comes back with their history. */
export async function insertUser(trx: TenantDb, org_id: string, body: UserCreate): Promise<User> {
  const { rows } = await trx.raw('select invite_user(?, ?, ?) as id', [
    newId(),
    body.email ?? null,
    body.service_token_id ?? null,
  ]);
  const user_id: string = rows[0].id;
  const added = await trx('membership')
    .insert({ org_id, user_id, name: body.name, role: body.role })
    .onConflict(['org_id', 'user_id'])
    .merge({ name: body.name, role: body.role, ended_at: null, created_at: trx.raw('clock_timestamp()') })
    .whereNotNull('membership.ended_at')
    .returning('user_id');
  if (added.length === 0) {
    const field = body.email === undefined ? 'service_token_id' : 'email';
    throw new DomainError('CONFLICT', 'this user is already a member of the organization', { field });
  }
  return await getUser(trx, user_id);
}

export async function updateUser(trx: TenantDb, user_id: string, body: UserUpdate): Promise<User> {
  const changed = await trx('membership')
    .where({ user_id })
    .whereNull('ended_at')
    .update({ ...body, updated_at: trx.raw('clock_timestamp()') });
  if (changed === 0) throw notFound('user');
  return await getUser(trx, user_id);
}

/** Ends the membership; what the person did keeps their name. */
export async function removeUser(trx: TenantDb, user_id: string): Promise<void> {
  await trx('membership')
    .where({ user_id })
    .whereNull('ended_at')
    .update({ ended_at: trx.raw('clock_timestamp()') });
}

/** Locks the organization's admins, so that two cannot demote each other at the same moment. */
export async function lockAdmins(trx: TenantDb): Promise<string[]> {
  const rows: { user_id: string }[] = await trx('membership')
    .select('user_id')
    .where({ role: 'admin' })
    .whereNull('ended_at')
    .orderBy('user_id')
    .forUpdate();
  return rows.map((row) => row.user_id);
}

function members(trx: TenantReader) {
  return trx('membership as m')
    .join('app_user as u', 'u.id', 'm.user_id')
    .select(...COLUMNS);
}

/** @throws DomainError VALIDATION_ERROR on `field` for somebody who is not a member, or no more. */
export async function requireMember(trx: TenantDb, user_id: string, field: string): Promise<void> {
  const member: unknown = await trx('membership').where({ user_id }).whereNull('ended_at').first('user_id');
  if (!member) throw new DomainError('VALIDATION_ERROR', 'no such user in this organization', { field });
}

/** Undefined for somebody who is not a member, or no more. */
export async function findRole(trx: TenantDb, user_id: string): Promise<Role | undefined> {
  const row: { role: Role } | undefined = await trx('membership')
    .select('role')
    .where({ user_id })
    .whereNull('ended_at')
    .first();
  return row?.role;
}
