// S14: what only a witness outside the database can show, as auditors and operators see it; the clock that makes one.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chainHash } from '../../db/audit/repository.js';
import { connect, type Database } from '../../db/connection.js';
import { createObjectStore, type ObjectStore } from '../../db/objects/store.js';
import { createLeadership } from '../../db/reconcile/leadership.js';
import { withClient } from '../../local/postgres/databases.js';
import { ensureStorageCredentials } from '../../local/storage/credentials.js';
import { type EmbeddedStorage, startStorage } from '../../local/storage/server.js';
import { lead } from '../../workers/leader.js';
import { startTestApi, type TestApi } from '../support/app.js';
import type { Caller } from '../support/http.js';
import { operate } from '../support/operator-command.js';
import { until } from '../support/until.js';

let data_dir: string;
let storage: EmbeddedStorage;
let store: ObjectStore;
let s3: Record<string, string>;
let api: TestApi;
let reconcile_db: Database;
let auditor: Caller;

beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'grc-witness-'));
  const keys = await ensureStorageCredentials(data_dir);
  storage = await startStorage({
    data_dir,
    port: 0,
    credentials: keys,
    max_object_bytes: 1_000_000,
    bucket: 'grc',
  });
  store = createObjectStore({ endpoint: storage.url, region: 'auto', bucket: 'grc', ...keys });
  s3 = {
    S3_ENDPOINT: storage.url,
    S3_BUCKET: 'grc',
    S3_ACCESS_KEY_ID: keys.access_key_id,
    S3_SECRET_ACCESS_KEY: keys.secret_access_key,
  };
  api = await startTestApi(s3);
  reconcile_db = connect({ url: api.database.reconcile_url, pool_max: 2, application_name: 'test' });
  auditor = api.as('admin@witness.example');
});
afterAll(async () => {
  await reconcile_db.destroy();
  await api.stop();
  store.close();
  await storage.stop();
  await rm(data_dir, { recursive: true, force: true });
});

async function buildOrg(name: string): Promise<string> {
  const { body } = await auditor.post('/orgs', { name, domain: `${name.toLowerCase()}.example` });
  for (let n = 0; n < 5; n += 1) await auditor.put(`/orgs/${body.id}`, { name: `${name} ${String(n)}` });
  return body.id;
}

const verify = async (org: string) => (await auditor.get(`/orgs/${org}/audit-log/verify`)).body;

/** The workers' clock, with no Temporal beside it, until what is there is witnessed. */
async function witnessAll(orgs: readonly string[]): Promise<void> {
  const stopping = new AbortController();
  const connection = Connection.lazy({ address: '127.0.0.1:1', connectTimeout: '1s' });
  const leading = lead(
    {
      reconcile_db,
      db: api.database.db,
      client: new Client({ connection }),
      leadership: createLeadership(api.database.reconcile_url),
      anchors: store,
    },
    { every_ms: 100, ages: { row_s: 1, workflow_s: 1 }, anchor_period_ms: 1_000 },
    pino({ level: 'silent' }),
    stopping.signal,
  );
  await until(async () => {
    const verdicts = await Promise.all(orgs.map(verify));
    return verdicts.every(({ anchored, entries }) => anchored === entries);
  });
  stopping.abort();
  await leading;
}

const command = (env: Record<string, string>, ...args: string[]) =>
  operate({ DATABASE_URL: api.database.owner_url, ...env }, 'audit-verify', ...args);

async function forge(statements: readonly [string, unknown[]][]): Promise<void> {
  await withClient(api.database.owner_url, async (owner) => {
    await owner.query('alter table audit_log disable trigger user');
    for (const [text, values] of statements) await owner.query(text, values);
  });
}

test(
  'a cut and a rewritten log verify by themselves, and are named by endpoint and command',
  { timeout: 120_000 },
  async () => {
    const [honest, cut, rewritten] = [
      await buildOrg('Honest'),
      await buildOrg('Cut'),
      await buildOrg('Rewritten'),
    ];
    expect(await verify(cut)).toMatchObject({ valid: true, entries: 6, anchored: 0 });
    await witnessAll([honest, cut, rewritten]);
    const { entries } = await verify(cut);
    expect(await verify(rewritten)).toMatchObject({ valid: true, entries, anchored: entries });
    const before = await command(s3);
    expect(before.output).toContain(`${honest}: ${entries} entries, unbroken, ${entries} of them witnessed`);
    expect(before.output).toMatch(/witnessed at 20\d\d-.*, root [0-9a-f]{64}\n/);
    expect(before.code).toBe(0);

    await forge([
      ['delete from audit_log where org_id = $1 and seq = $2', [cut, entries]],
      [
        `update audit_head h set seq = l.seq, hash = l.hash from audit_log l
       where h.org_id = $1 and l.org_id = $1 and l.seq = $2`,
        [cut, entries - 1],
      ],
      ...(await rewriteFrom(rewritten, 3)),
    ]);

    expect(await verify(honest)).toMatchObject({ valid: true });
    expect(await verify(cut)).toMatchObject({ valid: false, first_bad_seq: entries });
    expect(await verify(rewritten)).toMatchObject({ valid: false, first_bad_seq: entries });
    const after = await command(s3);
    expect(after.output).toContain(`${honest}: ${entries} entries, unbroken`);
    expect(after.output).toContain(`${cut}: BROKEN at ${entries}`);
    expect(after.output).toContain(`${rewritten}: BROKEN at ${entries}`);
    expect(after.code).toBe(1);
    // without its witnesses nobody would know
    const blind = await command({});
    expect(blind.output).toContain('no object store is configured');
    expect(blind.code).toBe(0);
  },
);

test('a store that does not answer makes no log look verified', async () => {
  const org = await buildOrg('Blind');
  const blind = await startTestApi({ ...s3, S3_ENDPOINT: 'http://127.0.0.1:1' }, api);
  const answer = await blind.as('admin@witness.example').get(`/orgs/${org}/audit-log/verify`);
  expect(answer).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  await blind.stop();
});

/** The whole chain from there on, with another story and hashes that fit. */
async function rewriteFrom(org: string, from: number): Promise<[string, unknown[]][]> {
  return await withClient(api.database.owner_url, async (owner) => {
    const { rows } = await owner.query<{ seq: string; body: string; hash: string }>(
      'select seq, body, hash from audit_log where org_id = $1 order by seq',
      [org],
    );
    const statements: [string, unknown[]][] = [];
    let previous = '0'.repeat(64);
    for (const row of rows) {
      const seq = Number(row.seq);
      const body = seq < from ? row.body : row.body.replace('org.update', 'org.review');
      previous = chainHash(previous, seq, body);
      const text = `update audit_log set body = $3::text, hash = $4, action = $3::text::jsonb ->> 'action'
        where org_id = $1 and seq = $2`;
      statements.push([text, [org, seq, body, previous]]);
    }
    statements.push(['update audit_head set hash = $2 where org_id = $1', [org, previous]]);
    return statements;
  });
}

test.each([
  ['nobody', 1, /^--org: must be a UUID\n$/],
  ['01a21a76-2eb4-75b8-8a59-000000000000', 1, /^organization 01a2\S+ not found\n$/],
])('of the organization %s nothing is said to be unbroken', async (org, code, line) => {
  const refused = await command(s3, '--org', org);
  expect(refused).toEqual({ code, output: expect.stringMatching(line) });
});

test.each([
  [
    { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/none' },
    [],
    1,
    /^DATABASE_URL: the database does not answer: .*\n$/,
  ],
  [{}, ['--organisation', 'x'], 2, /^Unknown option '--organisation'.*\n$/],
  [{}, ['--org', '01a21a76-2eb4-75b8-8a59-000000000000', 'b'], 2, /^b: one thing too many; usage: .*\n$/],
])('what cannot be checked is told in one line: %j %j', async (env, args, code, line) => {
  expect(await command({ ...s3, ...env }, ...args)).toEqual({ code, output: expect.stringMatching(line) });
});
