// S14: whoever changes the log, as superuser even, is found, and where.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { readAnchors, writeAnchors } from '../../db/audit/anchors.js';
import { appendAudit, chainHash } from '../../db/audit/repository.js';
import { verifyAudit } from '../../db/audit/verify.js';
import { connect, type Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

const ENTRIES = 12;
let database: TestDatabase;
let db: Database;
let owner: pg.Client;
let org: TestOrg;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 10, application_name: 'test' });
  owner = new pg.Client({ connectionString: database.owner_url });
  await owner.connect();
  await owner.query('alter table audit_log disable trigger user');
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
  await owner.end();
  await db.destroy();
  await database.drop();
});

const verify = (anchors?: Map<number, string>) =>
  withTenant(db, org.tenant, (trx) => verifyAudit(trx, anchors));

function memoryStore() {
  const keys: string[] = [];
  return {
    put: (key: string) => Promise.resolve(keys.push(key)),
    listKeys: (prefix: string) => Promise.resolve(keys.filter((key) => key.startsWith(prefix))),
  };
}

async function witness(): Promise<Map<number, string>> {
  const store = memoryStore();
  const { rows } = await owner.query<{ org_id: string; seq: number; hash: string }>(
    'select org_id, seq, hash from audit_head where org_id = $1',
    [org.tenant.org_id],
  );
  await writeAnchors(store, rows, new Map());
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
    await owner.query('update audit_log set body = $3, hash = $4 where org_id = $1 and seq = $2', [
      org.tenant.org_id,
      row.seq,
      body,
      hash,
    ]);
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
