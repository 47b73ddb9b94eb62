// S14 for incidents: whatever is changed in a timeline by somebody who owns the database is found, and the first entry
// that is not as it was is named; what was rewritten whole is found by signatures, and by their witnesses.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connection.js';
import { parseSigningKeys } from '../../db/crypto/signing-keys.js';
import { signTimeline, verifyTimeline } from '../../db/incidents/checkpoints.js';
import { entryHash } from '../../db/incidents/timeline.js';
import { readRows } from '../../db/incidents/verify.js';
import { createObjectStore, type ObjectStore } from '../../db/objects/store.js';
import { type TenantDb, withTenant } from '../../db/tenancy.js';
import { withClient } from '../../local/postgres/databases.js';
import { ensureStorageCredentials } from '../../local/storage/credentials.js';
import { type EmbeddedStorage, startStorage } from '../../local/storage/server.js';
import { createCheckpoints } from '../../workers/checkpoints.js';
import { startTestApi, type TestApi } from '../support/app.js';
import type { Caller } from '../support/http.js';
import { newSigningKey, TEST_SIGNING_KEYS } from '../support/signing.js';

const HOUR = 3_600_000;
const NOTES = 5;
const KEYS = parseSigningKeys(TEST_SIGNING_KEYS);

let data_dir: string;
let storage: EmbeddedStorage;
let store: ObjectStore;
let api: TestApi;
let reconcile_db: Database;
/** As superuser: no wall holds. */
let owner_db: Database;
let admin: Caller;
let org_id: string;

beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'grc-proof-'));
  const keys = await ensureStorageCredentials(data_dir);
  const options = { data_dir, port: 0, credentials: keys, max_object_bytes: 1_000_000, bucket: 'grc' };
  storage = await startStorage(options);
  store = createObjectStore({ endpoint: storage.url, region: 'auto', bucket: 'grc', ...keys });
  api = await startTestApi({
    S3_ENDPOINT: storage.url,
    S3_BUCKET: 'grc',
    S3_ACCESS_KEY_ID: keys.access_key_id,
    S3_SECRET_ACCESS_KEY: keys.secret_access_key,
  });
  reconcile_db = connect({ url: api.database.reconcile_url, pool_max: 2, application_name: 'test' });
  owner_db = connect({ url: api.database.owner_url, pool_max: 2, application_name: 'test' });
  admin = api.as('admin@proof.example');
  org_id = (await admin.post('/orgs', { name: 'Proof', domain: 'proof.example' })).body.id;
});
afterAll(async () => {
  await owner_db.destroy();
  await reconcile_db.destroy();
  await api.stop();
  store.close();
  await storage.stop();
  await rm(data_dir, { recursive: true, force: true });
});

const path = (id: string, more = '') => `/orgs/${org_id}/incidents/${id}${more}`;
const verdict = async (id: string) => (await admin.get(path(id, '/timeline/verify'))).body;
const note = (id: string, description: string) => admin.post(path(id, '/timeline'), { description });

/** Entries 1 to NOTES + 2: created, notes, the redaction of entry 2. */
async function report(): Promise<string> {
  const body = { title: 'Proof', description: 'x', category: 'other', severity: 'low' };
  const created = await admin.post(`/orgs/${org_id}/incidents`, body);
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const { id } = created.body;
  for (let count = 0; count < NOTES; count += 1) await note(id, `Note ${count}`);
  expect((await admin.post(path(id, '/timeline/2/redact'), { reason: 'A name' })).status).toBe(200);
  return id;
}

async function sign(incident_id: string): Promise<unknown> {
  const key = { org_id, incident_id };
  return await withTenant(api.database.db, key, (trx) => signTimeline(trx, KEYS, key));
}

function sweep(keys = KEYS, period_ms = HOUR, lines: string[] = []): () => Promise<void> {
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  const deps = { db: api.database.db, reconcile_db, anchors: store, signing: keys };
  const checkpoint = createCheckpoints(deps, period_ms, log);
  return () => checkpoint(new AbortController().signal);
}

class Undo extends Error {}

/** What is found when somebody has done that; then it is undone. */
async function afterwards(
  incident_id: string,
  deed: (trx: TenantDb) => Promise<unknown>,
): ReturnType<typeof verifyTimeline> {
  const key = { org_id, incident_id };
  const found: Awaited<ReturnType<typeof verifyTimeline>>[] = [];
  const undone = withTenant(owner_db, key, async (trx) => {
    await trx.raw('set local session_replication_role = replica'); // neither triggers nor foreign keys
    await deed(trx);
    await trx.raw('set local role grc_app');
    found.push(await verifyTimeline(trx, key, KEYS.jwks));
    throw new Undo();
  });
  await expect(undone).rejects.toBeInstanceOf(Undo);
  return found[0] ?? expect.fail('nothing was verified');
}

/** Another value for a column of that type and name. */
function otherThan(column: string, type: string): string {
  if (column === 'actor_type') return `case when actor_type = 'vendor' then 'agent' else 'vendor' end`;
  if (type === 'integer') return `coalesce("${column}", 0) + 1000`;
  if (type === 'uuid') return 'gen_random_uuid()';
  if (type === 'timestamp with time zone') return `"${column}" + interval '1 microsecond'`;
  if (type === 'jsonb') return `"${column}" || '{"data": {"forged": true}}'`;
  // one character, so that the length is no clue
  return `coalesce(overlay("${column}" placing case when right("${column}", 1) = '0' then '1' else '0' end
    from length("${column}")), 'forged')`;
}

async function columnsOf(table: string): Promise<{ name: string; type: string }[]> {
  return await withClient(api.database.owner_url, async (client) => {
    const { rows } = await client.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
       where table_schema = 'public' and table_name = $1`,
      [table],
    );
    return rows;
  });
}

test('a change of any column of any entry is found, and that entry is named', async () => {
  const id = await report();
  const last = NOTES + 2;
  for (const table of ['timeline', 'timeline_payload']) {
    const columns = await columnsOf(table);
    expect(columns.length).toBeGreaterThan(4);
    for (const { name, type } of columns) {
      for (const seq of [1, 4, last]) {
        const found = await afterwards(id, async (trx) => {
          const sql = `update ${table} set "${name}" = ${otherThan(name, type)} where incident_id = ? and seq = ?`;
          await trx.raw(sql, [id, seq]);
        });
        expect(found, `${table}.${name} of ${seq}`).toMatchObject({ valid: false, first_bad_seq: seq });
      }
    }
  }
  expect(await verdict(id)).toMatchObject({ valid: true, entries: last, redacted: 1 });
});

test('so is a word of a payload, a removed entry, a swapped pair, words that went without a redaction', async () => {
  const id = await report();
  const set = (field: string) => (trx: TenantDb) =>
    trx('timeline_payload')
      .where({ incident_id: id, seq: 3 })
      .update({ payload: trx.raw(`jsonb_set(payload, '{${field}}', '"forged"')`) });
  for (const field of ['description', 'actor', 'data'])
    expect(await afterwards(id, set(field)), field).toMatchObject({ valid: false, first_bad_seq: 3 });
  const remove = (table: string) => (trx: TenantDb) => trx(table).where({ incident_id: id, seq: 3 }).delete();
  expect(await afterwards(id, remove('timeline'))).toMatchObject({ valid: false, first_bad_seq: 3 });
  expect(await afterwards(id, remove('timeline_payload'))).toMatchObject({ valid: false, first_bad_seq: 3 });
  const swapped = await afterwards(id, async (trx) => {
    for (const [from, to] of [[3, -1], [4, 3], [-1, 4]]) await trx('timeline').where({ incident_id: id, seq: from }).update({ seq: to }); // prettier-ignore
  });
  expect(swapped).toMatchObject({ valid: false, first_bad_seq: 3 });
});

test('a change of the head or of a checkpoint is found', async () => {
  const id = await report();
  await sign(id);
  await note(id, 'More');
  await sign(id);
  // what is due is found by these; what holds is not
  const bookkeeping = /^(signed_|witnessed_)/;
  for (const { name, type } of (await columnsOf('timeline_head')).filter(
    (each) => !bookkeeping.test(each.name),
  )) {
    const sql = `update timeline_head set "${name}" = ${otherThan(name, type)} where incident_id = ?`;
    const found = await afterwards(id, (trx) => trx.raw(sql, [id]));
    expect(found, `timeline_head.${name}`).toMatchObject({ valid: false });
  }
  for (const { name, type } of await columnsOf('timeline_checkpoint')) {
    const other = name === 'signed_at' ? `signed_at + interval '1 second'` : otherThan(name, type);
    const sql = `update timeline_checkpoint set "${name}" = ${other} where incident_id = ? and no = 1`;
    const found = await afterwards(id, (trx) => trx.raw(sql, [id]));
    expect(found, `timeline_checkpoint.${name}`).toMatchObject({ valid: false });
  }
  expect(await verdict(id)).toMatchObject({
    valid: true,
    checkpoints: 2,
    checkpoint: { no: 2, kid: 'test' },
  });
});

/** What a patient forger does: changes one header, and every hash after it, and the head. */
async function rewrite(trx: TenantDb, incident_id: string, from: number): Promise<void> {
  const rows = await readRows(trx, incident_id, 0);
  let prev_hash = rows[from - 2]?.entry_hash ?? '0'.repeat(64);
  for (const row of rows.slice(from - 1)) {
    const event_type = row.seq === from ? 'forged' : row.event_type;
    const header = canonicalize({ ...JSON.parse(row.header), event_type, prev_hash }) ?? '';
    const entry_hash = entryHash(header);
    await trx('timeline')
      .where({ incident_id, seq: row.seq })
      .update({ event_type, header, prev_hash, entry_hash });
    prev_hash = entry_hash;
  }
  await trx('timeline_head').where({ incident_id }).update({ hash: prev_hash });
}

test('a chain that was rewritten whole, or cut short with its head, does not match its checkpoint', async () => {
  const id = await report();
  // without a checkpoint nobody can tell: the reason why there are any
  expect(await afterwards(id, (trx) => rewrite(trx, id, 3))).toMatchObject({ valid: true });
  await sign(id);
  expect(await afterwards(id, (trx) => rewrite(trx, id, 3))).toMatchObject({
    valid: false,
    first_bad_seq: 7,
  });
  const cut = await afterwards(id, async (trx) => {
    await trx('timeline').where({ incident_id: id }).where('seq', '>', 5).delete();
    const [, , , , fifth] = await readRows(trx, id, 0);
    await trx('timeline_head').where({ incident_id: id }).update({ seq: 5, hash: fifth?.entry_hash });
    await trx('timeline_payload').where({ incident_id: id }).where('seq', '>', 5).delete();
  });
  expect(cut).toMatchObject({ valid: false, first_bad_seq: 6 });
  expect(cut.reason).toContain('gone');
});

test('whoever removes the checkpoints too is found by what was put into the object store', async () => {
  const id = await report();
  await sweep()();
  expect(await verdict(id)).toMatchObject({ valid: true, checkpoints: 1, witnessed: 1 });
  await withTenant(owner_db, { org_id }, async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx('timeline_checkpoint').where({ incident_id: id }).delete();
    await rewrite(trx, id, 3);
  });
  expect(await verdict(id)).toMatchObject({ valid: false, first_bad_seq: 7, checkpoints: 0, witnessed: 1 });
});

test('timelines are signed when they are new, after moves, after fifty entries, and by age', async () => {
  const id = await report();
  const signed = async () => (await verdict(id)).checkpoints;
  await sweep()();
  expect(await signed()).toBe(1);
  await note(id, 'Alone it waits for the hour');
  await sweep()();
  expect(await signed()).toBe(1);
  for (const _once of ['for its age', 'nothing new']) await sweep(KEYS, 1)();
  expect(await signed()).toBe(2);
  await note(id, 'And a move');
  await withTenant(api.database.db, { org_id }, (trx) =>
    trx('incident').where({ id }).update({ visit_no: 2 }),
  );
  await sweep()();
  expect(await signed()).toBe(3);
  for (let count = 0; count < 50; count += 1) await note(id, `Note ${count}`);
  await sweep()();
  expect(await verdict(id)).toMatchObject({ valid: true, checkpoints: 4, witnessed: 4 });
});

test('a chain that was changed is not signed any more, which is said once', async () => {
  const id = await report();
  await withTenant(owner_db, { org_id }, async (trx) => {
    await trx.raw('set local session_replication_role = replica');
    await trx('timeline').where({ incident_id: id, seq: 3 }).update({ event_type: 'forged' });
  });
  const lines: string[] = [];
  const sweeping = sweep(KEYS, HOUR, lines);
  await sweeping();
  await sweeping();
  expect(lines.filter((line) => line.includes(id))).toHaveLength(1);
  expect(await verdict(id)).toMatchObject({ valid: false, first_bad_seq: 3, checkpoints: 0 });
});

test('after a change of keys old checkpoints hold as long as the old public key is kept', async () => {
  const [older, newer] = [newSigningKey('older'), newSigningKey('newer')];
  const before = parseSigningKeys(older.private_half);
  const rotated = parseSigningKeys(`${newer.private_half},${older.public_half}`);
  const forgotten = parseSigningKeys(newer.private_half);
  const incident_id = await report();
  const key = { org_id, incident_id };
  const withKeys = <T>(work: (trx: TenantDb) => Promise<T>) => withTenant(api.database.db, key, work);
  await withKeys((trx) => signTimeline(trx, before, key));
  await note(incident_id, 'More');
  await withKeys((trx) => signTimeline(trx, rotated, key));
  expect(await withKeys((trx) => verifyTimeline(trx, key, rotated.jwks))).toMatchObject({
    valid: true,
    checkpoint: { kid: 'newer' },
  });
  expect(await withKeys((trx) => verifyTimeline(trx, key, forgotten.jwks))).toMatchObject({
    valid: false,
    reason: 'checkpoint 1 is signed by a key that is not known',
  });
});
