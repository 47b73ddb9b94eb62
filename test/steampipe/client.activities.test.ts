// R13: checks on the inventory, their caps, and that cancelling stops the query in the server.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createSteampipe, type Steampipe, type SteampipeMapping } from '../../activities/steampipe/client.js';
import { withClient } from '../../local/postgres/databases.js';

const never = new AbortController().signal;
const name = `inventory_${randomBytes(6).toString('hex')}`;
const role = `${name}_reader`;
const mapping = { schema: 'aws', role: null };
let admin_url: string;
let url: string;
let steampipe: Steampipe;

function rows(values: string): string {
  return `select * from (values ${values}) as t(resource, status, reason)`;
}

async function run(sql: string, given: SteampipeMapping = mapping) {
  return steampipe.runCheck({ name: 'check', sql }, given, never);
}

beforeAll(async () => {
  admin_url = inject('postgres_admin_url');
  await withClient(admin_url, (client) => client.query(`create database ${name}`));
  const own = new URL(admin_url);
  own.pathname = `/${name}`;
  url = own.toString();
  await withClient(url, (client) =>
    client.query(`create schema aws; create table aws.bucket (arn text, public boolean);
      insert into aws.bucket values ('arn:a', false), ('arn:b', true);
      create schema other; create table other.secret (v text);
      create role ${role}; grant usage on schema aws to ${role}; grant select on aws.bucket to ${role}`),
  );
  steampipe = createSteampipe({ database_url: url, statement_timeout_ms: 1_000 });
});
afterAll(async () => {
  await steampipe.close();
  await withClient(admin_url, async (client) => {
    await client.query(`drop database ${name} with (force)`);
    await client.query(`drop role ${role}`);
  });
});

describe('a check', () => {
  it.each([
    ['any alarm', `('a', 'ok', ''), ('b', 'alarm', 'open')`, 'fail'],
    ['only ok', `('a', 'ok', ''), ('b', 'skip', ''), ('c', 'info', '')`, 'pass'],
    ['an error without an alarm', `('a', 'ok', ''), ('b', 'error', '')`, 'error'],
    ['only skipped', `('a', 'skip', '')`, 'skipped'],
    ['only information', `('a', 'info', ''), ('b', 'skip', '')`, 'skipped'],
    ['a word that Powerpipe does not have', `('a', 'ok', ''), ('b', 'good', '')`, 'error'],
  ])('with %s is %s', async (_name, values, status) => {
    const result = await run(rows(values));
    expect(result.status).toBe(status);
    expect(result.rows_sha256).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('reads the mapped schema and says what it found', async () => {
    const result = await run(
      `select arn as resource, case when public then 'alarm' else 'ok' end as status, 'public' as reason, now() as extra from bucket;`,
    );
    expect(result).toMatchObject({ status: 'fail', counts: { ok: 1, alarm: 1 }, error: null });
  });

  it('without rows is skipped with the reason', async () => {
    expect(await run(`${rows(`('a', 'ok', '')`)} where false`)).toMatchObject({
      status: 'skipped',
      error: expect.stringContaining('no rows'),
    });
  });

  it('has the same hash in any order', async () => {
    const one = await run(rows(`('a', 'ok', ''), ('b', 'ok', '')`));
    const two = await run(rows(`('b', 'ok', ''), ('a', 'ok', '')`));
    expect(one.rows_sha256).toBe(two.rows_sha256);
  });

  it.each([
    [
      'a missing table',
      'select arn as resource, 1 as status, 2 as reason from nowhere',
      'relation "nowhere" does not exist',
    ],
    ['a syntax error', 'selec', 'syntax error'],
    ['missing columns', 'select 1 as one', 'column "resource" does not exist'],
    ['two statements', `${rows(`('a', 'ok', '')`)}; drop table bucket`, 'syntax error'],
    ['an escape from the brackets', `select 1) as x; drop table bucket; --`, ''],
    [
      'a write',
      `with d as (delete from bucket returning arn) select arn as resource, 'ok' as status, '' as reason from d`,
      '',
    ],
    [
      'too long a query',
      `select pg_sleep(5)::text as resource, 'ok' as status, '' as reason`,
      'took longer than 1 s',
    ],
    [
      'too many rows',
      `select 'r' as resource, 'ok' as status, '' as reason from generate_series(1, 10001)`,
      'more than 10000 rows',
    ],
    [
      'too many bytes',
      `select repeat('x', 400) as resource, 'ok' as status, '' as reason from generate_series(1, 5000)`,
      '1000000 bytes',
    ],
  ])('with %s is an error, not an exception', async (_name, sql, said) => {
    const result = await run(sql);
    expect(result.status).toBe('error');
    expect(result.error).toContain(said);
    expect(result.rows.length).toBeLessThanOrEqual(10_000);
    const left = await run(`select arn as resource, 'ok' as status, '' as reason from bucket`);
    expect(left.counts.ok).toBe(2);
  });

  it('runs as the mapped role and cannot read beyond it', async () => {
    const given = { schema: 'aws', role };
    const me = await run(`select current_user::text as resource, 'ok' as status, '' as reason`, given);
    expect(me.rows[0]?.resource).toBe(role);
    const beyond = await run(`select v as resource, 'ok' as status, '' as reason from other.secret`, given);
    expect(beyond).toMatchObject({ status: 'error', error: expect.stringContaining('permission denied') });
  });

  it('quotes what the operator mapped', async () => {
    const result = await run(
      `select current_setting('search_path') as resource, 'ok' as status, '' as reason`,
      { schema: 'we"ird', role: null },
    );
    expect(result.rows[0]?.resource).toBe('"we""ird"');
  });

  it('leaves nothing behind for the next one', async () => {
    await run(
      `select set_config('role', '${role}', false) as resource, 'ok' as status, pg_advisory_lock(7)::text as reason`,
    );
    const next = await run(
      `select current_user::text as resource, 'ok' as status, count(*)::text as reason from pg_locks
       where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    );
    expect(next.rows[0]).toMatchObject({ reason: '0' });
    expect(next.rows[0]?.resource).not.toBe(role);
  });
});

describe('R13: cancelling', () => {
  it('stops the query in the server and throws the reason', async () => {
    const slow = createSteampipe({ database_url: url, statement_timeout_ms: 60_000 });
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const running = slow.runCheck(
      { name: 'slow', sql: `select pg_sleep(50)::text as resource, 'ok' as status, 'r13' as reason` },
      mapping,
      controller.signal,
    );
    const settled = expect(running).rejects.toBe(reason);
    const active = async (): Promise<number> =>
      withClient(url, async (client) => {
        const found = await client.query<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where datname = $1 and application_name = 'grc-steampipe' and state = 'active'`,
          [name],
        );
        return found.rows[0]?.n ?? 0;
      });
    await expect.poll(active).toBe(1);
    controller.abort(reason);
    await settled;
    await expect.poll(active, { timeout: 2_000 }).toBe(0);
    await slow.close();
  });
});

describe('an inventory that does not answer', () => {
  it.each([
    ['refuses', 'postgres://x:y@127.0.0.1:1/z'],
    ['has no such database', () => url.replace(name, 'nowhere')],
    ['refuses the password', () => url.replace(/:[^:@/]+@/u, ':wrong@')],
  ])('(%s) is thrown to be retried', async (_name, given) => {
    const gone = createSteampipe({
      database_url: typeof given === 'string' ? given : given(),
      connect_timeout_ms: 500,
    });
    await expect(gone.ping(never)).rejects.toMatchObject({
      type: 'STEAMPIPE_UNREACHABLE',
      nonRetryable: false,
    });
    await gone.close();
  });

  it('(accepts and says nothing) is thrown to be retried', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const gone = createSteampipe({
      database_url: `postgres://x:y@127.0.0.1:${port}/z`,
      connect_timeout_ms: 500,
    });
    await expect(gone.runCheck({ name: 'c', sql: 'select 1' }, mapping, never)).rejects.toMatchObject({
      type: 'STEAMPIPE_UNREACHABLE',
    });
    await gone.close();
    silent.close();
  });

  it('(dies in the middle) is thrown to be retried', async () => {
    const running = run(`select pg_sleep(0.8)::text as resource, 'ok' as status, 'dies' as reason`);
    const settled = expect(running).rejects.toMatchObject({ type: 'STEAMPIPE_UNREACHABLE' });
    const killer = new pg.Client(url);
    await killer.connect();
    const kill = async (): Promise<number> => {
      const found = await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query like '%fetch 500%' and pid <> pg_backend_pid()`,
        [name],
      );
      return found.rowCount ?? 0;
    };
    await expect.poll(kill, { interval: 20 }).toBeGreaterThan(0);
    await killer.end();
    await settled;
  });
});
