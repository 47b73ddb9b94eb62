// R18: the limit holds in every window, over three processes with wrong clocks, while Redis restarts, and without it.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connectRateRedis, createRedisRateStore } from '../../api/http/rate-store-redis.js';
import { connect, type Database } from '../../db/connection.js';
import { takeRate } from '../../db/rates/repository.js';
import { startTestAccess, type TestAccess } from '../support/access.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import type { Answer } from '../support/http.js';
import { startRedis, type TestRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { hammer, mostInAnyWindow } from './windows.js';

const PLACES = 3;
const LIMIT = 20;
const WINDOW_MS = 1_000;

let database: TestDatabase;
let redis: TestRedis;

interface Place {
  hit(key: string, limit: number, window_ms: number): Promise<{ allowed: boolean; reset_at_ms: number }>;
  hitAlone(key: string, limit: number, window_ms: number): { allowed: boolean };
  close(): Promise<void>;
}

beforeAll(async () => {
  [database, redis] = await Promise.all([createTestDatabase(), startRedis()]);
}, 120_000);

afterAll(async () => {
  await redis?.stop();
  await database?.drop();
});

function postgresPlace(): Place {
  const db: Database = connect({ url: database.app_url, pool_max: 4, application_name: 'place' });
  return {
    async hit(key, limit, window_ms) {
      const { allowed, reset_ms } = await takeRate(db, key, limit, window_ms);
      return { allowed, reset_at_ms: reset_ms };
    },
    hitAlone: () => ({ allowed: false }),
    close: () => db.destroy(),
  };
}

/** @param clock this process's own, which must not matter */
function redisPlace(clock: () => number = Date.now): Place {
  const client = connectRateRedis(redis.url, () => undefined);
  const store = createRedisRateStore(client, { patience_ms: 20_000, alive_every_ms: 200, now: clock });
  return {
    hit: (key, limit, window_ms) => store.hit(key, limit, window_ms),
    hitAlone: (key, limit, window_ms) => store.hitAlone(key, limit, window_ms),
    close() {
      store.stop();
      client.disconnect();
      return Promise.resolve();
    },
  };
}

const SKEWS = [0, 600_000, -600_000];
const places: Record<'Postgres' | 'Redis', () => Place[]> = {
  Postgres: () => SKEWS.map(() => postgresPlace()),
  Redis: () => SKEWS.map((skew) => redisPlace(() => Date.now() + skew)),
};

describe.each(['Postgres', 'Redis'] as const)('the window in %s', (kind) => {
  let three: Place[];
  beforeAll(() => {
    three = places[kind]();
  });
  afterAll(() => Promise.all(three.map((place) => place.close())));

  test('never lets one too many through, and lets in at the time it names', { timeout: 60_000 }, async () => {
    const ask = (place: Place) => async () => (await place.hit('edge', LIMIT, WINDOW_MS)).allowed;
    const { admitted, asked } = await hammer(three.map(ask), { for_ms: 5_000, at_once: 4 });
    expect(asked).toBeGreaterThan(admitted.length * 2);
    // whoever asks all the time gets all there is, but for what the last window still owes
    expect(admitted.length).toBeGreaterThanOrEqual(3 * LIMIT);
    expect(mostInAnyWindow(admitted, WINDOW_MS)).toBeLessThanOrEqual(LIMIT);

    for (let round = 0; round < 5; round += 1) {
      const key = `reset-${String(round)}`;
      const some = async (index: number) => await three[index % PLACES]?.hit(key, LIMIT, WINDOW_MS);
      await Promise.all(Array.from({ length: LIMIT }, (_, index) => some(index)));
      const refused = await some(round);
      expect(refused?.allowed).toBe(false);
      await sleep(Math.max(0, (refused?.reset_at_ms ?? 0) - Date.now()));
      expect((await some(round + 1))?.allowed).toBe(true);
    }
  });
});

describe('while Redis is away', () => {
  const LONG_MS = 4_000;
  let three: Place[];
  beforeAll(() => {
    three = places.Redis();
  });
  afterAll(() => Promise.all(three.map((place) => place.close())));

  test('a restart that forgets everything lets nothing more through', { timeout: 60_000 }, async () => {
    const ask = (place: Place) => async () => (await place.hit('restart', LIMIT, LONG_MS)).allowed;
    const attack = hammer(three.map(ask), { for_ms: 9_000, at_once: 3 });
    await sleep(1_500);
    await redis.kill();
    await redis.start();
    const { admitted } = await attack;
    expect(admitted.length).toBeGreaterThanOrEqual(2 * LIMIT);
    expect(mostInAnyWindow(admitted, LONG_MS)).toBeLessThanOrEqual(LIMIT);
  });

  test('each process admits its share, and tells it when Redis is back', { timeout: 60_000 }, async () => {
    const [first, second, third] = three;
    // each knows by now how many there are
    await until(async () => {
      const shares = three.map((place) => countAlone(place, `share-${String(performance.now())}`));
      return Promise.resolve(shares.every((share) => share === Math.floor(LIMIT / PLACES)));
    });
    await redis.kill();
    const alone = three.map((place) => countAlone(place, 'outage')).reduce((sum, count) => sum + count, 0);
    expect(alone).toBe(PLACES * Math.floor(LIMIT / PLACES));
    await redis.start();
    const left = LIMIT - alone;
    const answers: (boolean | undefined)[] = [];
    for (const place of [first, second, third, first]) {
      answers.push((await place?.hit('outage', LIMIT, 60_000))?.allowed);
    }
    expect(answers.filter(Boolean)).toHaveLength(left);
  });

  function countAlone(place: Place, key: string): number {
    return Array.from({ length: LIMIT }, () => place.hitAlone(key, LIMIT, 60_000)).filter(
      ({ allowed }) => allowed,
    ).length;
  }
});

describe('three processes over HTTP', () => {
  let access: TestAccess;
  let apis: ApiProcess[];
  beforeAll(async () => {
    access = await startTestAccess();
    const preload = new URL('skewed-clock.mjs', import.meta.url).href;
    apis = await Promise.all(
      SKEWS.map((skew) =>
        startApiProcess(access, {
          DATABASE_APP_URL: database.app_url,
          REDIS_URL: redis.url,
          RATE_LIMIT_PER_MINUTE: String(LIMIT),
          TEMPORAL_ADDRESS: inject('temporal_address'),
          NODE_OPTIONS: `--import ${preload}`,
          SKEW_MS: String(skew),
        }),
      ),
    );
  }, 120_000);
  afterAll(async () => {
    await Promise.all((apis ?? []).map((api) => api.kill()));
    await access?.stop();
  });

  /** Valid for every one of the wrong clocks. */
  function authorization(email: string): Record<string, string> {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now - 3_600, nbf: now - 3_600, exp: now + 3_600 };
    return { authorization: `Bearer ${access.mint(access.person(email, times))}` };
  }

  const call = (index: number, path: string, init: RequestInit = {}): Promise<Answer> => {
    const api = apis[index % PLACES];
    if (!api) throw new Error('no such process');
    return api.raw(path, init);
  };

  function limitOf({ headers }: Answer): { limit: number; remaining: number; reset: number } {
    const read = (name: string): number => Number(headers.get(`x-ratelimit-${name}`) ?? NaN);
    return { limit: read('limit'), remaining: read('remaining'), reset: read('reset') };
  }

  test('admit together what one may, and all name the same time', { timeout: 60_000 }, async () => {
    const headers = authorization('crowd@rate.example');
    const began = Date.now();
    const answers = await Promise.all(
      Array.from({ length: 3 * LIMIT }, (_, index) => call(index, '/api/v1/users/me', { headers })),
    );
    const ended = Date.now();
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(LIMIT);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2 * LIMIT);
    for (const answer of answers) {
      const { limit, remaining, reset } = limitOf(answer);
      expect(limit).toBe(LIMIT);
      expect(reset).toBeGreaterThanOrEqual(Math.floor(began / 1000) + 60);
      expect(reset).toBeLessThanOrEqual(Math.ceil(ended / 1000) + 60);
      if (answer.status !== 429) continue;
      expect(remaining).toBe(0);
      expect(answer.body.code).toBe('RATE_LIMITED');
      const retry_after = Number(answer.headers.get('retry-after'));
      expect(retry_after).toBeGreaterThan(0);
      expect(retry_after).toBeLessThanOrEqual(60);
    }
    const seen = answers.filter(({ status }) => status === 200).map((answer) => limitOf(answer).remaining);
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: LIMIT }, (_, index) => index));
    // somebody else is not concerned
    const other = { headers: authorization('other@rate.example') };
    expect((await call(0, '/api/v1/users/me', other)).status).toBe(200);
  });

  test('show the limit on every answer, errors and health included', { timeout: 60_000 }, async () => {
    const headers = authorization('errors@rate.example');
    const json = { ...headers, 'content-type': 'application/json' };
    const large = JSON.stringify({ name: 'x'.repeat(300_000), domain: 'large.example' });
    const ask = async (): Promise<Answer[]> => [
      await call(0, '/api/v1/users/me'),
      await call(1, '/api/v1/nothing', { headers }),
      await call(2, '/api/v1/orgs', { method: 'POST', headers: json, body: large }),
      await call(0, '/api/v1/orgs', { method: 'POST', headers: json, body: '{' }),
      await call(1, '/api/v1/orgs', { method: 'POST', headers: json, body: '{}' }),
      await call(2, '/api/v1/orgs', { method: 'PATCH', headers }),
      await call(0, '/api/v1/orgs', {
        method: 'POST',
        headers: { ...headers, 'content-type': 'text/plain' },
        body: 'x',
      }),
      await call(1, '/api/v1/frameworks', { headers }),
      await call(0, '/livez'),
      await call(1, '/readyz'),
      await call(2, '/health'),
      await call(0, '/api/v1/docs', { method: 'HEAD' }),
      await call(1, '/docs', { redirect: 'manual' }),
    ];
    const answers = await withoutTable('framework', ask);
    expect(answers.map(({ status }) => status)).toEqual([
      401, 404, 413, 400, 422, 405, 415, 500, 200, 200, 200, 200, 308,
    ]);
    for (const answer of answers) {
      const { limit, remaining, reset } = limitOf(answer);
      expect({ limit, ok: remaining >= 0 && remaining < LIMIT, whole: Number.isInteger(reset) }).toEqual({
        limit: LIMIT,
        ok: true,
        whole: true,
      });
    }
  });

  /** What nobody expects: the statement fails, and the answer is a 500. */
  async function withoutTable<T>(table: string, work: () => Promise<T>): Promise<T> {
    const owner = new pg.Client({ connectionString: database.owner_url });
    await owner.connect();
    await owner.query(`alter table ${table} rename to gone`);
    try {
      return await work();
    } finally {
      await owner.query(`alter table gone rename to ${table}`);
      await owner.end();
    }
  }

  test('stay bounded without Redis, and health says so', { timeout: 90_000 }, async () => {
    // asked now and then, of one after the other: it counts as well
    let asked = 0;
    const health = async (): Promise<Answer> => {
      await sleep(300);
      asked += 1;
      return await call(asked, '/health');
    };
    // each part is asked for the first time, and on a busy machine one of them answers late
    await until(async () => (await health()).body.status === 'healthy');
    await redis.kill();
    // each process by itself, within the second for which it keeps an answer
    await until(async () => {
      const { status, body } = await health();
      return status === 200 && body.status === 'degraded' && body.services.redis === 'unhealthy';
    });
    const headers = authorization('outage@rate.example');
    const answers = await Promise.all(
      Array.from({ length: 3 * LIMIT }, (_, index) => call(index, '/api/v1/users/me', { headers })),
    );
    const admitted = answers.filter(({ status }) => status === 200).length;
    expect(admitted).toBeGreaterThan(0);
    expect(admitted).toBeLessThanOrEqual(LIMIT);
    expect(answers.every((answer) => limitOf(answer).limit > 0)).toBe(true);
    await redis.start();
    await until(async () => (await health()).body.status === 'healthy');
    const after = await Promise.all(
      Array.from({ length: 3 * LIMIT }, (_, index) => call(index, '/api/v1/users/me', { headers })),
    );
    expect(admitted + after.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(LIMIT);
  });
});
