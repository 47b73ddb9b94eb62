// S10: the corpus of the guard's attacks, run without the guard as the query role. The role, the read-only transaction,
// the extended protocol, the timeout and the caps are walls of their own: nothing is written, read elsewhere, or late.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createSteampipe, type Steampipe } from '../../activities/steampipe/client.js';
import { withClient } from '../../local/postgres/databases.js';
import { ATTACKS } from '../kris/corpus/attacks.js';

const TIMEOUT_MS = 400;
const name = `wall_${randomBytes(6).toString('hex')}`;
const role = `${name}_reader`;
const never = new AbortController().signal;
let admin_url: string;
let owner_url: string;
let steampipe: Steampipe;

beforeAll(async () => {
  admin_url = inject('postgres_admin_url');
  const password = randomBytes(12).toString('hex');
  await withClient(admin_url, async (client) => {
    await client.query(`create database ${name}`);
    // as a Steampipe's reader: it may log in and read one schema
    await client.query(
      `create role ${role} login password '${password}' nosuperuser nocreatedb nocreaterole`,
    );
    await client.query(`revoke all on database ${name} from public`);
    await client.query(`grant connect on database ${name} to ${role}`);
  });
  const own = new URL(admin_url);
  own.pathname = `/${name}`;
  owner_url = own.toString();
  await withClient(owner_url, (client) =>
    client.query(`
      create schema aws;
      create table aws.aws_s3_bucket (name text, tags jsonb);
      create table aws.aws_ebs_volume (size int);
      insert into aws.aws_s3_bucket select 'b' || n, '{}' from generate_series(1, 3) n;
      insert into aws.aws_ebs_volume select n from generate_series(1, 3) n;
      create schema other;
      create table other.secret (v text);
      insert into other.secret values ('canary-7431');
      create sequence other.counter;
      create function other.evil() returns int language sql as 'select 42';
      revoke all on schema public from public;
      grant usage on schema aws to ${role};
      grant select on all tables in schema aws to ${role}`),
  );
  own.username = role;
  own.password = password;
  steampipe = createSteampipe({ database_url: own.toString(), statement_timeout_ms: TIMEOUT_MS });
});
afterAll(async () => {
  await steampipe.close();
  await withClient(admin_url, async (client) => {
    await client.query(`drop database ${name} with (force)`);
    await client.query(`drop role ${role}`);
  });
});

/** All that an attack could have changed: relations and rows, functions, roles, settings, files, what is kept open. */
async function state(): Promise<unknown> {
  return await withClient(owner_url, async (client) => {
    const one = async (sql: string): Promise<unknown> => (await client.query(sql)).rows;
    return {
      relations: await one(`select n.nspname, c.relname, c.relkind, c.relacl::text from pg_class c
        join pg_namespace n on n.oid = c.relnamespace where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        order by 1, 2`),
      rows: await one(`select (select array_agg(b order by name) from aws.aws_s3_bucket b)::text as buckets,
        (select array_agg(v) from aws.aws_ebs_volume v)::text as volumes, (select v from other.secret) as secret,
        (select last_value from other.counter) as counter, (select is_called from other.counter) as called`),
      functions: await one(`select count(*) from pg_proc`),
      objects: await one('select count(*) from pg_largeobject_metadata'),
      roles: await one(`select rolname, rolsuper, rolconfig from pg_roles where rolname = '${role}'`),
      settings: await one(`select * from pg_db_role_setting s where setdatabase =
        (select oid from pg_database where datname = '${name}')`),
      slots: await one(`select slot_name from pg_replication_slots where slot_name = 'evil'`),
      origins: await one(`select roname from pg_replication_origin where roname = 'evil'`),
      extensions: await one('select extname from pg_extension order by 1'),
      locks: await one(`select count(*) from pg_locks where locktype = 'advisory' and database =
        (select oid from pg_database where datname = '${name}')`),
      open: await one(
        `select count(*)::int as count from pg_stat_activity where usename = '${role}' and state <> 'idle'`,
      ),
      file: existsSync('/tmp/evil'),
    };
  });
}

async function eventuallyState(): Promise<unknown> {
  await expect
    .poll(async () => {
      const { open } = Object(await state());
      return open;
    })
    .toEqual([{ count: 0 }]);
  return await state();
}

test('the role that asks is one that may nothing but read its schema', async () => {
  const me = await steampipe.measure(
    'select count(*) from aws_s3_bucket',
    { schema: 'aws', role: null },
    never,
  );
  expect(me).toMatchObject({ value: 3 });
  const rights = await withClient(owner_url, async (client) => {
    const found = await client.query(
      `select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication,
         pg_has_role(oid, 'pg_read_server_files', 'member') as files,
         has_database_privilege(oid, current_database(), 'temporary') as temporary,
         has_schema_privilege(oid, 'other', 'usage') as other
       from pg_roles where rolname = $1`,
      [role],
    );
    return found.rows[0];
  });
  expect(Object.values(Object(rights)).every((right) => right === false)).toBe(true);
});

test(
  `${ATTACKS.length} attacks leave nothing behind, read nothing of others, and end in time`,
  { timeout: 180_000 },
  async () => {
    const before = await eventuallyState();
    const spent: [number, string][] = [];
    const answers: Record<string, number> = {};
    for (const attack of ATTACKS) {
      const began = performance.now();
      const answer = await steampipe
        .measure(attack, { schema: 'aws', role: null }, never)
        .catch((error: unknown) => ({ failure: error instanceof Error ? error.message : String(error) }));
      spent.push([performance.now() - began, attack]);
      const text = JSON.stringify(answer);
      expect(text.length, attack).toBeLessThan(1_000);
      expect(text, attack).not.toContain('canary');
      if ('value' in answer) answers[attack] = answer.value;
    }
    expect(await eventuallyState()).toEqual(before);
    // what does answer tells how long, how many, or when; a name of a WITH is no table
    const reached = /other\.|secret|from pg_(shadow|authid|largeobject)\b/;
    expect(Object.keys(answers).filter((attack) => reached.test(attack))).toEqual([
      'with pg_shadow as (select 1) select count(*) from pg_shadow',
    ]);
    // the server ends each by itself; the rest is what this machine takes for a connection
    const [slowest = 0, which] = spent.toSorted((a, b) => b[0] - a[0])[0] ?? [];
    expect(slowest, which).toBeLessThan(TIMEOUT_MS + 20_000);
  },
);

test.each([
  ['rows', 'select n from generate_series(1, 1000000) n', 'more than one row'],
  ['columns', 'select 1, 2', '2 columns'],
  ['bytes', `select repeat('x', 10000000)`, 'not numeric'],
  ['digits', `select 10::numeric ^ 4000`, 'too large'],
  ['nothing', 'select 1 where false', 'no row'],
  ['nulls', 'select null::int', 'NULL'],
  ['no numbers', `select 'NaN'::float8`, 'none at all'],
  ['time', 'select 1 from pg_sleep(30)', 'took longer than 0.4 s'],
])('the answer is one number: no %s', async (_, sql, said) => {
  const answer = await steampipe.measure(sql, { schema: 'aws', role: null }, never);
  expect(answer).toMatchObject({ failure: expect.stringContaining(said) });
});

test('a read past the cache switches it off first, in the same session, where there is one', async () => {
  await withClient(owner_url, (client) =>
    client.query(`
      create schema steampipe_internal;
      create table steampipe_internal.switched (command text, backend int);
      create function steampipe_internal.meta_cache(command text) returns void language sql security definer
        as 'insert into steampipe_internal.switched values (command, pg_backend_pid())';
      create function aws.backend() returns int language sql as 'select pg_backend_pid()';
      grant usage on schema steampipe_internal to ${role}`),
  );
  const answer = await steampipe.measure('select backend()', { schema: 'aws', role: null }, never);
  const switched = await withClient(owner_url, async (client) => {
    const { rows } = await client.query<{ command: string; backend: number }>(
      'select * from steampipe_internal.switched',
    );
    return rows;
  });
  expect(switched).toEqual([{ command: 'off', backend: 'value' in answer ? answer.value : null }]);
});

test('one connection is never used twice', async () => {
  const backends = new Set<number>();
  for (let times = 0; times < 3; times += 1) {
    const answer = await steampipe.measure('select backend()', { schema: 'aws', role: null }, never);
    if ('value' in answer) backends.add(answer.value);
  }
  expect(backends.size).toBe(3);
});
