// R19: a key stands for one request. Sent again, at once, by fifty, or to another process after the first one was
// killed between commit and answer: one effect, one answer. With another body it is refused.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAlive } from '../../local/process.js';
import { startTestAccess, type TestAccess } from '../support/access.js';
import { type ApiProcess, startApiProcess } from '../support/api-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const FOUNDER = 'founder@people.example';
let database: TestDatabase;
let access: TestAccess;
let apis: [ApiProcess, ApiProcess];
let owner: pg.Client;
let org: string;

beforeAll(async () => {
  [database, access] = await Promise.all([createTestDatabase(), startTestAccess()]);
  apis = await Promise.all([start(), start()]);
  owner = new pg.Client({ connectionString: database.owner_url });
  await owner.connect();
  const founded = await apis[0].as(FOUNDER).post('/orgs', { name: 'Keys', domain: 'keys.example' });
  org = `/orgs/${String(founded.body.id)}`;
}, 120_000);

afterAll(async () => {
  await owner?.end();
  await Promise.all(apis.map((api) => api.kill('SIGTERM')));
  await access.stop();
  await database.drop();
});

const start = (env: Record<string, string> = {}): Promise<ApiProcess> =>
  startApiProcess(access, { DATABASE_APP_URL: database.app_url, TEMPORAL_ADDRESS: '127.0.0.1:1', ...env });

interface Sent {
  status: number;
  replayed: boolean;
  text: string;
}

async function post(api: ApiProcess, path: string, key: string, body: unknown): Promise<Sent> {
  const answer = await fetch(`${api.url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${access.token(FOUNDER)}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
  const replayed = answer.headers.get('idempotent-replayed') === 'true';
  const text = await answer.text();
  // a busy machine refuses before it looks at anything
  if (answer.status === 503 && text.includes('overloaded')) {
    await sleep(200);
    return await post(api, path, key, body);
  }
  return { status: answer.status, replayed, text };
}

async function namesOf(path: string): Promise<string[]> {
  const { body } = await apis[1].as(FOUNDER).get(`${path}?limit=200`);
  return body.items.map(({ name, title }: { name?: string; title?: string }) => name ?? title);
}

const member = (name: string): object => ({ name, email: `${name}@people.example`, role: 'viewer' });
const INCIDENT = { severity: 'high', category: 'malicious_code', description: 'seen twice' };

test('sent again, the first answer comes byte by byte, from any process', async () => {
  for (const [path, body] of [
    ['/orgs', { name: 'Again', domain: 'again.example' }],
    [`${org}/users`, member('again')],
  ] as const) {
    const first = await post(apis[0], path, 'again', body);
    expect(first).toMatchObject({ status: 201, replayed: false });
    const same = Object.fromEntries(Object.entries(body).toReversed());
    expect(await post(apis[1], path, 'again', same)).toEqual({ ...first, replayed: true });
    expect((await namesOf(path)).filter((name) => name.toLowerCase() === 'again')).toHaveLength(1);
  }
});

test('with another body, or for another path, a key is refused', async () => {
  await post(apis[0], `${org}/users`, 'other', member('one'));
  const refused = await post(apis[1], `${org}/users`, 'other', member('two'));
  expect([refused.status, JSON.parse(refused.text).code]).toEqual([409, 'CONFLICT']);
  expect((await post(apis[1], `${org}/incidents`, 'other', { ...INCIDENT, title: 'x' })).status).toBe(409);
  expect(await namesOf(`${org}/users`)).not.toContain('two');
  expect(await namesOf(`${org}/incidents`)).not.toContain('x');
});

test('what was refused may be asked again, and keys of others are not in the way', async () => {
  expect((await post(apis[0], `${org}/users`, 'retry', { name: 'x' })).status).toBe(422);
  expect(await post(apis[0], `${org}/users`, 'retry', member('retry'))).toMatchObject({
    status: 201,
    replayed: false,
  });
  for (const key of ['', 'with blank', 'x'.repeat(256)]) {
    const refused = await post(apis[0], `${org}/users`, key, member('never'));
    expect([refused.status, JSON.parse(refused.text).field], key.slice(0, 10)).toEqual([
      422,
      'Idempotency-Key',
    ]);
  }
});

test('fifty at once are one', async () => {
  const sent = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      post(apis[at % 2 === 0 ? 0 : 1], `${org}/users`, 'fifty', member('fifty')),
    ),
  );
  const done = sent.filter(({ status }) => status === 201);
  // a process that is short of time says so, and the caller asks again
  expect(sent.filter(({ status }) => status !== 201 && status !== 503)).toEqual([]);
  expect(done.length).toBeGreaterThan(0);
  expect(new Set(done.map(({ text }) => text)).size).toBe(1);
  expect(done.filter(({ replayed }) => !replayed).length).toBeLessThanOrEqual(1);
  expect((await namesOf(`${org}/users`)).filter((name) => name === 'fifty')).toHaveLength(1);
}, 60_000);

test.each(['after_commit', 'before_response'])(
  'killed at %s, nothing is lost and nothing is done twice',
  async (point) => {
    const tries: [string, Record<string, unknown>][] = [
      ['/orgs', { name: `Killed ${point}`, domain: `${point.replace('_', '-')}.example` }],
      [`${org}/incidents`, { ...INCIDENT, title: `Killed ${point}` }],
    ];
    for (const [path, body] of tries) {
      const victim = await start({ GRC_FAILPOINT: point });
      // whoever waits hears nothing, or on a busy machine that it takes too long
      await post(victim, path, point, body).catch(() => undefined);
      await expect.poll(() => isAlive(victim.pid), { timeout: 20_000 }).toBe(false);
      const retried = await post(apis[0], path, point, body);
      expect(retried, retried.text).toMatchObject({ status: 201, replayed: true });
      expect(await post(apis[1], path, point, body)).toEqual(retried);
      expect((await namesOf(path)).filter((name) => name === `Killed ${point}`)).toHaveLength(1);
    }
  },
  120_000,
);

test('answers are sealed at rest, and forgotten after a day', async () => {
  const body = member('secretive');
  await post(apis[0], `${org}/users`, 'secretive-key', body);
  await owner.query('alter table idempotency_record no force row level security');
  const { rows } = await owner.query<{ row: string }>('select k::text as row from idempotency_record k');
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.filter(({ row }) => row.includes('secretive'))).toEqual([]);
  const aged = await owner.query(`update idempotency_record set expires_at = now() - interval '1 second'`);
  await owner.query('alter table idempotency_record force row level security');
  expect(aged.rowCount).toBeGreaterThan(0);
  // its time is over: it is a request like any other, refused because the person is there
  expect((await post(apis[0], `${org}/users`, 'secretive-key', body)).status).toBe(409);
  expect(await post(apis[0], `${org}/users`, 'secretive-key', member('later'))).toMatchObject({
    status: 201,
    replayed: false,
  });
});
