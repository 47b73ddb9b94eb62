// S14: whoever changes the log, as superuser even, is found, and where.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AnchorStore, readAnchors, readNewestTree, writeAnchors } from '../../db/audit/anchors.js';
import { appendAudit, chainHash } from '../../db/audit/repository.js';
import type { Head } from '../../db/audit/merkle.js';
import { verifyAudit } from '../../db/audit/verify.js';
import { connect, type Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { createObjectStore, type ObjectStore } from '../../db/objects/store.js';
import { ensureStorageCredentials } from '../../local/storage/credentials.js';
import { type EmbeddedStorage, startStorage } from '../../local/storage/server.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

const ENTRIES = 12;
let database: TestDatabase;
let db: Database;
let owner: pg.Client;
let org: TestOrg;
let storage: EmbeddedStorage;
let store: ObjectStore;
let data_dir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 10, application_name: 'test' });
  owner = new pg.Client({ connectionString: database.owner_url });
  await owner.connect();
  await owner.query('alter table audit_log disable trigger user');
  data_dir = await mkdtemp(join(tmpdir(), 'grc-anchors-'));
  const credentials = await ensureStorageCredentials(data_dir);
  storage = await startStorage({
    data_dir,
    port: 0,
    credentials,
    max_object_bytes: 1_000_000,
    bucket: 'anchors',
  });
  store = createObjectStore({ endpoint: storage.url, region: 'auto', bucket: 'anchors', ...credentials });
});

beforeEach(async () => {
  org = await buildOrg(db);
  const entry = (n: number) => ({
    action: 'test.note',
    resource_type: 'test',
    resource_id: String(n),
    after: { n },
  });
  await withTenant(db, org.tenant, (trx) =>
    appendAudit(
      trx,
      org.tenant,
      Array.from({ length: ENTRIES }, (_, n) => entry(n)),
    ),
  );
});

afterAll(async () => {
  store.close();
  await storage.stop();
  await rm(data_dir, { recursive: true, force: true });
  await owner.end();
  await db.destroy();
  await database.drop();
});

const verify = (anchors?: Map<number, string>) =>
  withTenant(db, org.tenant, (trx) => verifyAudit(trx, anchors));

async function headOf(): Promise<Head> {
  const { rows } = await owner.query<Head>('select org_id, seq, hash from audit_head where org_id = $1', [
    org.tenant.org_id,
  ]);
  const [head] = rows;
  if (!head) throw new Error('the organization has entries');
  return head;
}

/** Hours of which no two are the same. */
let hours = 0;
const nextHour = () => new Date(Date.UTC(2026, 0, 1, (hours += 1))).toISOString();

async function witness(): Promise<Map<number, string>> {
  await writeAnchors(store, nextHour(), [await headOf()]);
  return await readAnchors(store, org.tenant.org_id);
}

test('an untouched chain verifies', async () => {
  expect(await verify(await witness())).toMatchObject({ valid: true, entries: ENTRIES, first_bad_seq: null });
});

test('a changed entry is named', async () => {
  await owner.query(
    `update audit_log set body = replace(body, 'test.note', 'test.Note') where org_id = $1 and seq = 5`,
    [org.tenant.org_id],
  );
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: 5 });
});

test.each([
  ['resource_id', `'elsewhere'`],
  ['resource_type', `'other'`],
  ['action', `'test.other'`],
  ['at', `at - interval '1 day'`],
  ['actor_id', '(select id from app_user limit 1)'],
])('an entry that lists no longer find by its %s is named', async (column, value) => {
  await owner.query(`update audit_log set ${column} = ${value} where org_id = $1 and seq = 6`, [
    org.tenant.org_id,
  ]);
  expect(await verify()).toMatchObject({
    valid: false,
    first_bad_seq: 6,
    reason: 'its columns are not those of the entry',
  });
});

test('a name that was changed or put beside an entry is named, one that was erased is no error', async () => {
  const { org_id } = org.tenant;
  const [subject] = (await owner.query<{ id: string }>('select id from app_user limit 1')).rows;
  const entry = { action: 'test.named', resource_type: 'test', resource_id: null };
  const personal = { subject_id: subject?.id ?? '', data: { name: 'Dana', email: 'dana@a.example' } };
  await withTenant(db, org.tenant, (trx) => appendAudit(trx, org.tenant, { ...entry, personal }));
  expect(await verify()).toMatchObject({ valid: true, entries: ENTRIES + 1 });

  const reason = 'the names beside it are not those of the entry';
  await owner.query(`update audit_personal set data = data || '{"name": "Eve"}' where org_id = $1`, [org_id]);
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: ENTRIES + 1, reason });
  await owner.query('delete from audit_personal where org_id = $1', [org_id]);
  expect(await verify()).toMatchObject({ valid: true });
  await owner.query(
    `insert into audit_personal (org_id, seq, subject_id, salt, data) values ($1, 4, $2, 'a', '{"n": 9}')`,
    [org_id, subject?.id],
  );
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: 4, reason });
});

test('a removed entry is named', async () => {
  await owner.query('delete from audit_log where org_id = $1 and seq = 7', [org.tenant.org_id]);
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: 7 });
});

test('two entries that changed places are found', async () => {
  await owner.query(
    `update audit_log a set body = b.body, hash = b.hash from audit_log b
     where a.org_id = $1 and b.org_id = $1 and (a.seq, b.seq) in ((3, 4), (4, 3))`,
    [org.tenant.org_id],
  );
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: 3 });
});

test('a cut tail is found, also when the head was put back to fit', async () => {
  const anchors = await witness();
  await owner.query('delete from audit_log where org_id = $1 and seq > 9', [org.tenant.org_id]);
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: 10 });
  await owner.query(
    `update audit_head h set seq = 9, hash = (select hash from audit_log where org_id = h.org_id and seq = 9)
     where org_id = $1`,
    [org.tenant.org_id],
  );
  expect(await verify()).toMatchObject({ valid: true });
  expect(await verify(anchors)).toMatchObject({ valid: false, first_bad_seq: 10 });
});

test('a chain that was rewritten whole is found by its anchor only', async () => {
  const anchors = await witness();
  const { rows } = await owner.query<{ seq: number; body: string }>(
    'select seq, body from audit_log where org_id = $1 order by seq',
    [org.tenant.org_id],
  );
  let hash = '0'.repeat(64);
  for (const row of rows) {
    const body = row.body.replace('test.note', 'test.lie');
    hash = chainHash(hash, Number(row.seq), body);
    await owner.query(
      `update audit_log set body = $3, hash = $4, action = 'test.lie' where org_id = $1 and seq = $2`,
      [org.tenant.org_id, row.seq, body, hash],
    );
  }
  await owner.query('update audit_head set hash = $2 where org_id = $1', [org.tenant.org_id, hash]);
  expect(await verify()).toMatchObject({ valid: true });
  expect(await verify(anchors)).toMatchObject({ valid: false, first_bad_seq: ENTRIES });
});

test('the application may add entries but neither change nor remove one', async () => {
  const change = withTenant(db, org.tenant, (trx) => trx('audit_log').update({ body: '{}' }));
  await expect(change).rejects.toMatchObject({ code: '42501' });
  const remove = withTenant(db, org.tenant, (trx) => trx('audit_log').del());
  await expect(remove).rejects.toMatchObject({ code: '42501' });
});

test('entries written at the same moment form one chain without gaps', async () => {
  await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      withTenant(db, org.tenant, (trx) =>
        appendAudit(trx, org.tenant, { action: 'test.race', resource_type: 'test', resource_id: String(n) }),
      ),
    ),
  );
  expect(await verify()).toMatchObject({ valid: true, entries: ENTRIES + 40 });
});

test('of an hour there is one tree: who comes later, or again after a crash, completes it and changes nothing', async () => {
  const hour = nextHour();
  const head = await headOf();
  const other = { org_id: randomUUID(), seq: 7, hash: 'ab'.repeat(32) };
  // dies after the tree, before the organizations' own entries
  const dying: AnchorStore = {
    ...store,
    put: (input) => (input.key.includes('/orgs/') ? Promise.reject(new Error('died')) : store.put(input)),
  };
  await expect(writeAnchors(dying, hour, [other, head])).rejects.toThrow('died');
  expect(await readAnchors(store, head.org_id)).toEqual(new Map());

  const later = { ...head, seq: head.seq + 1, hash: 'cd'.repeat(32) };
  const tree = await writeAnchors(store, hour, [later]);
  expect(tree.heads).toHaveLength(2);
  expect(await readAnchors(store, head.org_id)).toEqual(new Map([[head.seq, head.hash]]));
  expect(await readAnchors(store, other.org_id)).toEqual(new Map([[other.seq, other.hash]]));
  expect(await readNewestTree(store)).toEqual({ ...tree, intact: true });
});

test('a tree whose heads were changed does not have its root any more', async () => {
  const heads = [1, 2, 3, 4, 5].map((seq) => ({ org_id: randomUUID(), seq, hash: '0a'.repeat(32) }));
  const hour = nextHour();
  const tree = await writeAnchors(store, hour, heads);
  for (const forged of [
    heads.slice(1),
    heads.map((head, at) => (at === 4 ? { ...head, hash: '0b'.repeat(32) } : head)),
    heads.map((head, at) => (at === 0 ? { ...head, seq: 9 } : head)),
  ]) {
    const body = Buffer.from(JSON.stringify({ ...tree, heads: forged }));
    await store.put({ key: `audit-anchors/trees/${hour}.json`, body, content_type: 'application/json' });
    expect(await readNewestTree(store)).toMatchObject({ root: tree.root, intact: false });
  }
});
