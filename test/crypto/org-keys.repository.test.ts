// S16: the organizations' keys in Postgres: made once, wrapped, forgotten when they are destroyed, held while it is away.
import { randomUUID } from 'node:crypto';
import { createConnection, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrgKeys, KEY_DESTROYED, type OrgKeys } from '../../db/crypto/org-keys.js';
import { connect, type Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { freePort } from '../../local/ports.js';
import { withClient } from '../../local/postgres/databases.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const OLD = `old:${Buffer.alloc(32, 1).toString('base64')}`;
const NEW = `new:${Buffer.alloc(32, 2).toString('base64')}`;
const DESTROYED = { type: KEY_DESTROYED, nonRetryable: true };
let database: TestDatabase;
let clock = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const keysOf = (payload_keys = OLD, db: Database = database.db, most_kept = 1_000): OrgKeys =>
  createOrgKeys(db, payload_keys, { now: () => clock, most_kept });

async function found(): Promise<string> {
  const id = randomUUID();
  await owner('insert into org (id, name, domain, settings) values ($1, $2, $3, $4)', [id, 'Org', id, '{}']);
  return id;
}

async function owner<T extends object>(sql: string, values: unknown[]): Promise<T[]> {
  return await withClient(database.owner_url, async (client) => (await client.query<T>(sql, values)).rows);
}

interface Row {
  kid: string;
  wrapped: Buffer;
}

const rowOf = async (org_id: string): Promise<Row | undefined> =>
  (await owner<Row>('select kid, wrapped from org_key where org_id = $1', [org_id]))[0];

test('is made at the first use, once, however many processes come at the same time', async () => {
  const org_id = await found();
  await expect(keysOf().forReading(org_id)).rejects.toMatchObject(DESTROYED);
  const keys = await Promise.all(Array.from({ length: 8 }, () => keysOf().forWriting(org_id)));
  expect(new Set(keys.map(({ key }) => key.toString('hex'))).size).toBe(1);
  const other = await keysOf().forWriting(await found());
  expect(other.key.equals(keys[0]?.key ?? Buffer.alloc(0))).toBe(false);
  const row = await rowOf(org_id);
  expect(row?.kid).toBe('old');
  expect(row?.wrapped.includes(keys[0]?.key ?? Buffer.alloc(0))).toBe(false);
});

test('is bound to its organization: the wrapped key of another one does not open', async () => {
  const [mine, foreign] = [await found(), await found()];
  await keysOf().forWriting(mine);
  await keysOf().forWriting(foreign);
  await owner(
    'update org_key k set wrapped = o.wrapped from org_key o where k.org_id = $1 and o.org_id = $2',
    [mine, foreign],
  );
  await expect(keysOf().forReading(mine)).rejects.toThrow();
});

test('is wrapped anew by the first root key when it is read, and then needs the old one no more', async () => {
  const org_id = await found();
  const made = await keysOf().forWriting(org_id);
  await expect(keysOf(NEW).forReading(org_id)).rejects.toThrow('wrapped by old: not in PAYLOAD_KEYS');
  const rotated = await keysOf(`${NEW},${OLD}`).forReading(org_id);
  expect((await rowOf(org_id))?.kid).toBe('new');
  const alone = await keysOf(NEW).forReading(org_id);
  for (const { kid, key } of [rotated, alone]) {
    expect(kid).toBe(made.kid);
    expect(key.equals(made.key)).toBe(true);
  }
});

test('is kept for a minute; after that a destroyed one is gone everywhere', async () => {
  const org_id = await found();
  const keys = keysOf();
  const made = await keys.forWriting(org_id);
  await owner('delete from org_key where org_id = $1', [org_id]);
  clock += 59_000;
  expect(await keys.forReading(org_id)).toBe(made);
  clock += 1_000;
  await expect(keys.forReading(org_id)).rejects.toMatchObject(DESTROYED);
  await owner('delete from org where id = $1', [org_id]);
  await expect(keys.forWriting(org_id)).rejects.toMatchObject({
    ...DESTROYED,
    message: expect.stringContaining(org_id),
  });
});

test('no more than so many are kept', async () => {
  const [first, second] = [await found(), await found()];
  const keys = keysOf(OLD, database.db, 1);
  const made = await keys.forWriting(first);
  await keys.forWriting(second);
  const again = await keys.forReading(first);
  expect(again).not.toBe(made);
  expect(again).toEqual(made);
});

test('outlives a database that does not answer, for a while', async () => {
  const org_id = await found();
  const link = await startLink();
  const url = new URL(database.app_url);
  const keys_url = Object.assign(new URL(url), { port: String(link.port) }).toString();
  const db = connect({ url: keys_url, pool_max: 1, application_name: 'test' });
  const keys = keysOf(OLD, db);
  const made = await keys.forWriting(org_id);
  await link.cut();
  clock += 14 * 60_000;
  expect(await keys.forReading(org_id)).toBe(made);
  clock += 60_000;
  await expect(keys.forReading(org_id)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  await db.destroy();
});

/** A way to Postgres that can be cut. */
async function startLink(): Promise<{ port: number; cut(): Promise<void> }> {
  const target = new URL(database.app_url);
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = createConnection(Number(target.port), target.hostname);
    for (const socket of [incoming, outgoing]) sockets.add(socket.on('error', () => undefined));
    incoming.pipe(outgoing).pipe(incoming);
  });
  const port = await freePort();
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    port,
    cut: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

test('the application cannot destroy one, nor touch another organization’s', async () => {
  const [mine, foreign] = [await found(), await found()];
  await keysOf().forWriting(mine);
  await keysOf().forWriting(foreign);
  const removed = withTenant(database.db, { org_id: mine }, (trx) => trx('org_key').delete());
  await expect(removed).rejects.toMatchObject({ code: '42501' });
  const seen = await withTenant(database.db, { org_id: mine }, (trx) => trx('org_key').select('org_id'));
  expect(seen).toEqual([{ org_id: mine }]);
});
