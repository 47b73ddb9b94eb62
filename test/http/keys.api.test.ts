// S2: the team's keys change, and the place where they are published is away. Time is the test's own, the requests and
// the fetches of keys are real.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAccessKeys, type AccessKeys } from '../../api/http/access-keys.js';
import { createTokenVerifier } from '../../api/http/access-token.js';
import { createAuthenticator } from '../../api/http/authenticate.js';
import { type CertsBehaviour, type Forgery, startTestAccess, type TestAccess } from '../support/access.js';
import { startTestApi, type TestApi } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const PAUSE = 30 * SECOND;

interface Clock {
  now: () => number;
  after: (ms: number, work: () => Promise<void>) => () => void;
  /** Lets time pass: whatever falls due in it is done, one after the other. */
  pass(ms: number): Promise<void>;
}

function createClock(): Clock {
  let now = Date.now();
  let due: { at: number; work: () => Promise<void> }[] = [];
  return {
    now: () => now,
    after(ms, work) {
      const entry = { at: now + ms, work };
      due.push(entry);
      return () => {
        due = due.filter((each) => each !== entry);
      };
    },
    async pass(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = due.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (!next) break;
        due = due.filter((each) => each !== next);
        now = Math.max(now, next.at);
        await next.work();
      }
      now = end;
    },
  };
}

let database: TestDatabase;
let access: TestAccess;
let clock: Clock;
let keys: AccessKeys;
let api: TestApi;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  access = await startTestAccess();
  clock = createClock();
  const { now, after } = clock;
  keys = createAccessKeys({ url: `${access.url}/cdn-cgi/access/certs`, now, after });
  const verifier = createTokenVerifier({ keys, issuer: access.url, audience: [access.aud], now });
  const edge = { authenticator: createAuthenticator(verifier) };
  api = await startTestApi({}, { database, access }, () => ({ edge }));
});

afterEach(async () => {
  keys.stop();
  await api.stop();
  await access.stop();
});

/** A token that is valid for an hour from now on, as the test counts time. */
function mint(email: string, forgery: Forgery = {}): string {
  const iat = Math.floor(clock.now() / SECOND);
  return access.mint({ ...access.person(email), iat, nbf: iat, exp: iat + 3600 }, forgery);
}

const ask = (token: string) => api.raw('/api/v1/users/me', { headers: { authorization: `Bearer ${token}` } });
const statusOf = async (token: string): Promise<number> => (await ask(token)).status;
const stranger = (): string => mint('x@keys.example', { header: { kid: randomUUID() } });

test('a rotation while running refuses nobody: the new key is fetched, the old one is good for 7 days', async () => {
  await keys.start();
  expect(await statusOf(mint('ada@keys.example'))).toBe(200);
  await clock.pass(5 * MINUTE);

  access.rotate();
  const before = access.fetches();
  const callers = ['ada', 'bob', 'cid', 'dot'].map((name) => `${name}@keys.example`);
  const answers = callers.flatMap((email) => [mint(email), mint(email, { key: 'previous' })]).map(statusOf);
  expect(await Promise.all(answers)).toEqual(answers.map(() => 200));
  expect(access.fetches() - before).toBe(1);

  for (let day = 1; day <= 7; day += 1) {
    await clock.pass(24 * HOUR);
    expect(await statusOf(mint('ada@keys.example', { key: 'previous' }))).toBe(200);
    expect(await statusOf(mint('ada@keys.example'))).toBe(200);
  }
});

test('a key that the team withdraws takes its tokens with it, also those that were seen before', async () => {
  await keys.start();
  const seen = mint('ada@keys.example');
  expect(await statusOf(seen)).toBe(200);
  access.rotate({ forget_previous: true });
  await clock.pass(10 * MINUTE);
  expect(await statusOf(seen)).toBe(401);
  expect(await statusOf(mint('ada@keys.example'))).toBe(200);
});

test('the background refresh knows a new key before anybody brings it', async () => {
  await keys.start();
  access.rotate();
  await clock.pass(10 * MINUTE);
  const before = access.fetches();
  expect(await statusOf(mint('ada@keys.example'))).toBe(200);
  expect(access.fetches()).toBe(before);
});

test('an outage of 24 hours refuses nobody and is asked about once in 30 seconds', async () => {
  const ways: CertsBehaviour[] = ['error', 'garbage', 'redirect', 'no-keys'];
  await keys.start();
  const steps = (24 * HOUR) / PAUSE - 1;
  for (let step = 0; step < steps; step += 1) {
    access.behave(step % 240 === 239 ? 'huge' : (ways[step % ways.length] ?? 'error'));
    const before = access.fetches();
    await clock.pass(PAUSE);
    if (step % 60 === 0) {
      const known = mint(`caller-${String(step)}@keys.example`);
      expect(await Promise.all([known, known, stranger()].map(statusOf)), `step ${String(step)}`).toEqual([
        200, 200, 401,
      ]);
    }
    expect(access.fetches() - before).toBeLessThanOrEqual(1);
  }
  expect(keys.isReady()).toBe(true);
  const last = mint('ada@keys.example');
  expect(await statusOf(last)).toBe(200);

  // a day after the last good answer nobody can be verified: that is our fault, not the caller's
  await clock.pass(2 * PAUSE);
  const refused = await ask(last);
  expect(refused).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);

  access.behave('serve');
  await clock.pass(PAUSE);
  expect(await statusOf(last)).toBe(200);
}, 120_000);

test('while the keys hang, whoever brings a known one does not wait', async () => {
  await keys.start();
  const known = mint('ada@keys.example');
  await clock.pass(PAUSE);
  access.behave('hang');
  const before = access.fetches();
  let answered = false;
  const unknown = statusOf(stranger()).then((status) => {
    answered = true;
    return status;
  });
  await until(() => access.fetches() > before);
  for (const token of [known, mint('bob@keys.example'), known]) expect(await statusOf(token)).toBe(200);
  expect(answered).toBe(false);
  expect(await unknown).toBe(401);
  expect(access.fetches() - before).toBe(1);
});

test('1,000 unknown kids cost one fetch in 30 seconds, and no valid caller anything', async () => {
  await keys.start();
  const known = mint('ada@keys.example');
  for (let round = 0; round < 5; round += 1) {
    await clock.pass(PAUSE);
    const before = access.fetches();
    for (let batch = 0; batch < 10; batch += 1) {
      const calls = Array.from({ length: 20 }, () => statusOf(stranger()));
      expect(await statusOf(known)).toBe(200);
      expect(new Set(await Promise.all(calls))).toEqual(new Set([401]));
    }
    expect(access.fetches() - before).toBe(1);
  }
}, 120_000);

test('a new key that comes amid a flood of unknown kids is taken at the next fetch', async () => {
  await keys.start();
  await clock.pass(PAUSE);
  expect(await statusOf(stranger())).toBe(401);
  access.rotate();
  expect(await statusOf(mint('ada@keys.example', { key: 'previous' }))).toBe(200);
  await clock.pass(PAUSE);
  const both = await Promise.all([statusOf(stranger()), statusOf(mint('ada@keys.example'))]);
  expect(both).toEqual([401, 200]);
});

test('an API that starts in an outage says so, and serves as soon as there are keys', async () => {
  access.behave('error');
  await keys.start();
  const token = mint('ada@keys.example');
  expect(await ask(token)).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  access.behave('serve');
  await clock.pass(PAUSE);
  expect(await statusOf(token)).toBe(200);
});
