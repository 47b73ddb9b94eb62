// S6, S7: the wall in Postgres holds on its own, whatever the code above it forgets.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connection.js';
import { readTenant, readUser, type TenantReader, withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

/** Unique without the organization in front, each for its reason. */
const GLOBAL_KEYS = new Set([
  'org_pkey', // the organization itself
  'org_purge_pkey', // what is left of one
  'org_domain', // a domain belongs to one organization
  'app_user_pkey',
  'app_user_email_key',
  'app_user_service_token_id_key', // people and machines are global
  'framework_pkey',
  'control_pkey',
  'playbook_pkey', // shared catalogues
  'rate_window_pkey', // callers, before any organization is known
  'schema_migration_pkey',
  'schema_migration_lock_pkey',
]);

let database: TestDatabase;
let db: Database;
let owner: pg.Client;
let ours: TestOrg;
let theirs: TestOrg;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 4, application_name: 'test' });
  owner = new pg.Client({ connectionString: database.owner_url });
  await owner.connect();
  ours = await buildOrg(db);
  theirs = await buildOrg(db);
});

afterAll(async () => {
  await owner.end();
  await db.destroy();
  await database.drop();
});

async function column(sql: string): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(sql);
  return rows.map((row) => row.name);
}

test('every table with an organization has forced row-level security with a check on writes', async () => {
  const tables = await column(`select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'org_id'`);
  expect(tables.length).toBeGreaterThan(12);
  const walled = await column(`select c.relname as name from pg_class c
    where c.relrowsecurity and c.relforcerowsecurity and exists (
      select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polwithcheck is not null)`);
  expect(tables.filter((table) => !walled.includes(table))).toEqual([]);
});

test('every unique index starts with the organization, or is a known global key', async () => {
  const indexes = await column(`select c.relname as name from pg_index i
    join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and i.indisunique
      and (select attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) is distinct from 'org_id'`);
  expect(indexes.filter((index) => !GLOBAL_KEYS.has(index))).toEqual([]);
});

test('the application role owns nothing and can bypass nothing', async () => {
  const { rows } =
    await owner.query(`select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles
    where rolname like 'grc\\_%' and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)`);
  expect(rows).toEqual([]);
  const owned = await column(`select c.relname as name from pg_class c join pg_roles r on r.oid = c.relowner
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and r.rolname in ('grc_app', 'grc_reconcile', 'grc_report')`);
  expect(owned).toEqual([]);
  const memberships =
    await column(`select m.rolname as name from pg_auth_members a join pg_roles m on m.oid = a.member
    where m.rolname in ('grc_app', 'grc_reconcile', 'grc_report')`);
  expect(memberships).toEqual([]);
});

test('without an organization the application sees no tenant row at all', async () => {
  const tables = await column(`select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'org_id' and table_name not in ('framework', 'control', 'playbook')`);
  const present = await owner.query<{ n: number }>('select count(*)::int as n from membership');
  expect(present.rows[0]?.n).toBeGreaterThan(0);
  for (const table of tables) {
    const rows: unknown[] = await db(table).select('*');
    expect(rows, table).toEqual([]);
  }
  expect(await db('app_user').select('id')).toEqual([]);
});

test('an organization neither sees nor writes rows of another', async () => {
  const seen = await withTenant(db, ours.tenant, (trx) => trx('membership').distinct('org_id'));
  expect(seen).toEqual([{ org_id: ours.tenant.org_id }]);
  const stolen = await withTenant(db, ours.tenant, (trx) =>
    trx('membership').where({ org_id: theirs.tenant.org_id }).update({ role: 'viewer' }),
  );
  expect(stolen).toBe(0);
  const planted = withTenant(db, ours.tenant, (trx) =>
    trx('membership').insert({
      org_id: theirs.tenant.org_id,
      user_id: ours.tenant.actor_id,
      name: 'intruder',
      role: 'admin',
    }),
  );
  await expect(planted).rejects.toMatchObject({ code: '42501' });
});

test('the organization of one request never leaks to the next user of the connection', async () => {
  const orgs = await Promise.all(Array.from({ length: 20 }, () => buildOrg(db)));
  const wrong: string[] = [];
  const ask = async (index: number): Promise<void> => {
    const org = orgs[index % orgs.length];
    if (!org) return;
    const work = async (rows: TenantReader): Promise<void> => {
      const seen: { org_id: string }[] = await rows('membership').select('org_id');
      if (seen.length === 0 || seen.some((row) => row.org_id !== org.tenant.org_id)) wrong.push('within');
      if (index % 7 === 0) throw new Error('a request that fails in the middle');
      if (index % 11 === 0) await rows.raw('select 1/0');
    };
    const door = index % 2 === 0 ? withTenant : readTenant;
    await door(db, org.tenant, work).catch(() => undefined);
    if (index % 5 === 0) {
      const outside: unknown[] = await db('membership').select('org_id');
      if (outside.length > 0) wrong.push('outside');
    }
  };
  // in waves, so that nobody waits for one of the four connections longer than it may
  for (let wave = 0; wave < 50; wave += 1) {
    await Promise.all(Array.from({ length: 20 }, (_, index) => ask(wave * 20 + index)));
  }
  expect(wrong).toEqual([]);
});

test('a read sees what its organization may see, with and without bound values, and nothing of the person', async () => {
  const { org_id, actor_id } = ours.tenant;
  const all: unknown = await readTenant(db, ours.tenant, (rows) => rows('membership').distinct('org_id'));
  expect(all).toEqual([{ org_id }]);
  const asked = { org_id: theirs.tenant.org_id };
  const others: unknown = await readTenant(db, ours.tenant, (rows) => rows('membership').where(asked));
  expect(others).toEqual([]);
  const settings = `select current_setting('app.org_id') as org, current_setting('app.user_id') as person`;
  const { rows: ofOrg } = await readTenant(db, ours.tenant, (rows) => rows.raw(settings));
  expect(ofOrg).toEqual([{ org: org_id, person: '' }]);
  const { rows: ofUser } = await readUser(db, actor_id, (rows) => rows.raw(settings));
  expect(ofUser).toEqual([{ org: '', person: actor_id }]);
});

test('what is read with cannot write, and what it set ends with it', async () => {
  const one = connect({ url: database.app_url, pool_max: 1, application_name: 'test' });
  const renamed = async (rows: TenantReader): Promise<unknown> =>
    await rows('membership').update({ name: 'renamed' });
  await expect(readTenant(one, ours.tenant, renamed)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  const left = await one.raw(
    `select current_setting('app.org_id') as org, current_setting('transaction_read_only') as read_only`,
  );
  expect(left.rows).toEqual([{ org: '', read_only: 'off' }]);
  const names: unknown[] = await withTenant(one, ours.tenant, (trx) => trx('membership').pluck('name'));
  expect(names).not.toContain('renamed');
  await one.destroy();
});

test('a statement that fails, at any point of its way, leaves the connection as good as it was', async () => {
  const one = connect({ url: database.app_url, pool_max: 1, application_name: 'test' });
  const failures = ['select no_such_column', 'select 1/0', `select '\u0001'::xml`, 'select 1; select 2', '('];
  for (const sql of [...failures, ...failures]) {
    await expect(
      readTenant(one, ours.tenant, (rows) => rows.raw(sql)),
      sql,
    ).rejects.toThrow();
    const seen: unknown = await readTenant(one, theirs.tenant, (rows) =>
      rows('membership').distinct('org_id'),
    );
    expect(seen, sql).toEqual([{ org_id: theirs.tenant.org_id }]);
  }
  await one.destroy();
});

test('more texts than names are answered all the same', async () => {
  for (let text = 0; text < 150; text += 1) {
    const sql = `select ${String(text)} as text, ?::int as bound, count(distinct org_id)::int as orgs from membership`;
    const { rows } = await readTenant(db, ours.tenant, (reader) => reader.raw(sql, [text]));
    expect(rows).toEqual([{ text, bound: text, orgs: 1 }]);
  }
});
