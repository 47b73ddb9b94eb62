// S20: bytes that no client would send, at a process of its own. Each is refused in the shape of every refusal, none is
// read as two requests, others are served meanwhile, and the process does not grow.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestAccess, type TestAccess } from '../support/access.js';
import { type ApiProcess, startApiProcess } from '../support/api-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { exchange, openRaw, type RawAnswer } from '../support/raw-socket.js';
import { startWitness, type Witness } from './witness.js';

let database: TestDatabase;
let access: TestAccess;
let api: ApiProcess;
let witness: Witness;
let rss_before_mb: number;

beforeAll(async () => {
  [database, access] = await Promise.all([createTestDatabase(), startTestAccess()]);
  api = await startApiProcess(access, {
    DATABASE_APP_URL: database.app_url,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
  });
  auth = `Authorization: Bearer ${access.token('abuser@people.example')}\r\n`;
  const caller = api.as('witness@people.example');
  for (let call = 0; call < 200; call += 1) await caller.get('/orgs');
  rss_before_mb = residentMb();
  witness = startWitness(() => caller.get('/orgs'));
}, 120_000);

afterAll(async () => {
  await api.kill('SIGTERM');
  await access.stop();
  await database.drop();
});

let auth = '';
const HOST = 'Host: grc.example\r\n';
const JSON_TYPE = 'Content-Type: application/json\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
/** What an attacker hides behind the first request. */
const HIDDEN = `GET /livez HTTP/1.1\r\n${HOST}\r\n`;

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\n${HOST}${auth}${headers}\r\n`;
const post = (headers: string, body = ''): string =>
  `POST /api/v1/orgs HTTP/1.1\r\n${HOST}${auth}${JSON_TYPE}${headers}\r\n${body}`;
const sized = (body: string | Buffer, headers = ''): Buffer =>
  Buffer.concat([
    Buffer.from(post(`${headers}Content-Length: ${String(body.length)}\r\n`)),
    Buffer.from(body),
  ]);

function residentMb(): number {
  const status = readFileSync(`/proc/${String(api.pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

function expectRefusal(answer: RawAnswer | undefined, status: number, what: string): void {
  expect(answer?.status, what).toBe(status);
  const body: unknown = JSON.parse(answer?.body ?? '');
  expect(body, what).toMatchObject({
    detail: expect.any(String),
    code: expect.any(String),
    request_id: expect.any(String),
  });
  for (const name of ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset', 'x-request-id']) {
    expect(answer?.headers, what).toHaveProperty(name);
  }
}

const REFUSED: Record<string, [status: number, () => string | Buffer]> = {
  'no HTTP at all': [400, () => 'EHLO grc.example\r\n\r\n'],
  'the preface of HTTP/2': [400, () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  'bare line feeds': [400, () => 'GET /livez HTTP/1.1\nHost: grc.example\n\n'],
  'no host': [400, () => 'GET /livez HTTP/1.1\r\n\r\n'],
  'two hosts': [400, () => get('/livez', 'Host: other.example\r\n')],
  'two tokens': [400, () => get('/api/v1/users/me', 'Authorization: Bearer x\r\n')],
  'two types of body': [400, () => post('Content-Type: text/plain\r\nContent-Length: 2\r\n', '{}')],
  'a folded header': [400, () => get('/livez', 'X-A: a\r\n b\r\n')],
  'NUL in a header': [400, () => get('/livez', 'X-A: a\0b\r\n')],
  'a header of 100 KB': [431, () => get('/livez', `X-A: ${'a'.repeat(100_000)}\r\n`)],
  'a path of 60 KB': [431, () => get(`/${'a'.repeat(60_000)}`)],
  '1,000 headers': [
    400,
    () => get('/livez', Array.from({ length: 1000 }, (_, index) => `X-${String(index)}: 1\r\n`).join('')),
  ],
  'NUL in the path': [400, () => get('/api/v1/orgs/%00')],
  'broken escapes in the path': [400, () => get('/api/v1/orgs/%zz')],
  'NUL in the query': [400, () => get('/api/v1/orgs?limit=%00')],
  'broken escapes in the query': [400, () => get('/api/v1/orgs?limit=%zz')],
  'a parameter twice': [422, () => get('/api/v1/orgs?limit=1&limit=2')],
  'limit=1e9': [422, () => get('/api/v1/orgs?limit=1e9')],
  'limit=1000000000': [422, () => get('/api/v1/orgs?limit=1000000000')],
  'a deep offset': [422, () => get('/api/v1/orgs?offset=100000000')],
  'a made-up cursor': [422, () => get(`/api/v1/orgs?cursor=${'A'.repeat(900)}`)],
  '10,000 parameters': [422, () => get(`/api/v1/orgs?${'a=1&'.repeat(7000)}limit=1`)],
  TRACE: [405, () => `TRACE /livez HTTP/1.1\r\n${HOST}\r\n`],
  'an unknown path': [404, () => get('/api/v1/../../etc/passwd')],
  'half a character in a body': [422, () => sized('{"name":"a\\ud800b","domain":"a.example"}')],
  'NUL in a body': [422, () => sized('{"name":"a\\u0000b","domain":"a.example"}')],
  '50,000 keys': [413, () => sized(object(50_000))],
  '20,000 keys': [422, () => sized(object(20_000))],
  'an array of 100,000': [422, () => sized(`{"name":[${'1,'.repeat(99_999)}1]}`)],
  'depth 10,000': [422, () => sized(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
  'depth 120,000': [422, () => sized(`${'['.repeat(120_000)}${']'.repeat(120_000)}`)],
  'depth that never closes': [400, () => sized('['.repeat(200_000))],
  'a gzip bomb': [415, () => sized(gzipSync(Buffer.alloc(50_000_000, ' ')), 'Content-Encoding: gzip\r\n')],
  'bytes that are no UTF-8': [400, () => sized(Buffer.from([0x22, 0xff, 0xfe, 0x22]))],
  'a lone surrogate key': [422, () => sized('{"\\ud800":1}')],
  'a claim of 1 GB': [413, () => post('Content-Length: 1073741824\r\n')],
  'a negative chunk': [400, () => post(CHUNKED, '-1\r\n{}\r\n0\r\n\r\n')],
  'a chunk beyond all numbers': [400, () => post(CHUNKED, 'FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n')],
  'a chunk with 20 KB of extensions': [
    413,
    () => post(CHUNKED, `2;${'a'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`),
  ],
};

function object(keys: number): string {
  return `{${Array.from({ length: keys }, (_, index) => `"k${String(index)}":1`).join(',')}}`;
}

test.each(Object.entries(REFUSED))('refuses %s', async (what, [status, bytes]) => {
  const [answer] = await exchange(api.url, bytes());
  expectRefusal(answer, status, what);
});

const SMUGGLED: Record<string, () => string> = {
  'length and chunks': () => post(`Content-Length: 4\r\n${CHUNKED}`, `0\r\n\r\n${HIDDEN}`),
  'chunks and length': () => post(`${CHUNKED}Content-Length: 4\r\n`, `0\r\n\r\n${HIDDEN}`),
  'two lengths': () => post(`Content-Length: 0\r\nContent-Length: ${String(HIDDEN.length)}\r\n`, HIDDEN),
  'a list of lengths': () => post(`Content-Length: 0, ${String(HIDDEN.length)}\r\n`, HIDDEN),
  'a signed length': () => post('Content-Length: +0\r\n', HIDDEN),
  'a space before the colon': () => post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'an unknown coding': () => post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'a coding after chunked': () => post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`),
  'two codings': () => post(`${CHUNKED}Transfer-Encoding: identity\r\n`, `0\r\n\r\n${HIDDEN}`),
  'a vertical tab in the coding': () => post('Transfer-Encoding: \x0bchunked\r\n', `0\r\n\r\n${HIDDEN}`),
  'a bare carriage return': () => post(`X-A: a\r${CHUNKED}`, `0\r\n\r\n${HIDDEN}`),
};

test.each(Object.entries(SMUGGLED))(
  'reads one request where others could see two: %s',
  async (what, bytes) => {
    const connection = await openRaw(api.url);
    connection.write(bytes());
    await connection.closed;
    expect(connection.answers(), what).toHaveLength(1);
    expectRefusal(connection.answers()[0], 400, what);
  },
);

const CODINGS = { 'by length': `Content-Length: ${String(2 ** 30)}\r\n`, 'in chunks': CHUNKED };
const SENDERS: [string, number, () => string][] = [
  ['signed in', 413, () => auth],
  ['unknown', 401, () => ''],
];
const STREAMS = Object.entries(CODINGS).flatMap(([way, coding]) =>
  SENDERS.map(([who, status, sender]) => [who, way, status, () => `${sender()}${coding}`] as const),
);

test.each(STREAMS)('hangs up on 1 GB from a caller who is %s, %s', async (_who, way, status, headers) => {
  const connection = await openRaw(api.url);
  connection.write(`POST /api/v1/orgs HTTP/1.1\r\n${HOST}${JSON_TYPE}${headers()}\r\n`);
  const bytes = Buffer.alloc(65_536, ' ');
  const block =
    way === 'in chunks' ? Buffer.concat([Buffer.from('10000\r\n'), bytes, Buffer.from('\r\n')]) : bytes;
  const drained = () => new Promise((resolve) => connection.socket.once('drain', resolve));
  let sent = 0;
  while (!connection.socket.destroyed && sent < 2 ** 30) {
    sent += block.length;
    if (!connection.write(block)) await Promise.race([drained(), connection.closed]);
  }
  await connection.closed;
  // 8 MB, and what the two kernels hold between them
  expect(sent).toBeLessThan(64 * 2 ** 20);
  // the reset that ends what nobody will read may overtake the answer on its way
  const [answer] = connection.answers();
  if (answer) expectRefusal(answer, status, way);
});

const SLOW: Record<string, [connections: number, start: () => string, drip: string]> = {
  'headers that never end': [100, () => `GET /livez HTTP/1.1\r\n${HOST}`, 'X-A: b\r\n'],
  // each waits for its caller to be known first: more at once would be shed
  'a body that never ends': [20, () => post('Content-Length: 1000\r\n', '{'), ' '],
};

test.concurrent.each(Object.entries(SLOW))(
  'ends %s, of many connections at once',
  async (what, [count, start, drip]) => {
    const connections = await Promise.all(Array.from({ length: count }, () => openRaw(api.url)));
    for (const connection of connections) connection.write(start());
    const dripping = setInterval(() => connections.forEach((connection) => connection.write(drip)), 1_000);
    await Promise.all(connections.map(({ closed }) => closed));
    clearInterval(dripping);
    const answers = connections.map((connection) => connection.answers()[0]);
    const late = answers.filter((answer) => answer?.status !== 503);
    expect(late.length, what).toBeGreaterThan(count / 2);
    for (const answer of late) expectRefusal(answer, 408, what);
  },
  90_000,
);

test('after all of that others were served all the time, and the process has not grown', async () => {
  const { served, shed, failed } = await witness.stop();
  expect(failed).toEqual([]);
  expect(served).toBeGreaterThan(shed * 10);
  expect(residentMb() - rss_before_mb).toBeLessThan(100);
  expect((await api.as('abuser@people.example').get('/orgs')).body.items).toEqual([]);
});

test('when it is told to stop, the log has a line for every request that was answered', async () => {
  const caller = api.as('witness@people.example');
  const ids: string[] = [];
  for (let call = 0; call < 30; call += 1)
    ids.push((await caller.get('/orgs')).headers.get('x-request-id') ?? 'none');
  await api.kill('SIGTERM');
  await expect.poll(() => api.output(), { timeout: 10_000 }).toContain('"stopped"');
  expect(ids.filter((id) => !api.output().includes(id))).toEqual([]);
});
