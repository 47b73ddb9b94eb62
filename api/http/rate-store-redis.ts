/*
 * One Lua script, so that reading, deciding and writing are one step; Redis' TIME is the only clock. Each process
 * remembers what it admitted and tells it again after an outage, so that a Redis which lost its memory counts on. A
 * restart is waited for; in a longer outage each process admits its share of the limit.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { type Hit, type RateStore, withDeadline } from './rate-limit.js';
import { createRateMirror } from './rate-mirror.js';

const HIT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[2]) * 1000
local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if newest and tonumber(newest) > now then now = tonumber(newest) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - window))
local count = redis.call('ZCARD', KEYS[1])
local allowed = 0
if count < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  allowed = 1
  count = count + 1
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2] or now
return { allowed, count, string.format('%.0f', tonumber(oldest)), string.format('%.0f', now) }
`;
/** How many processes there are, by their signs of life. */
const ALIVE = `
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`;

const PREFIX = 'grc:rate:';
const ALIVE_KEY = 'grc:rate-processes';
const ALIVE_EVERY_MS = 5_000;
const ALIVE_FOR_S = 15;
/** A call waits so long for Redis to come back: a restart takes less, and a caller bears three seconds. */
const PATIENCE_MS = 1_500;
/** One command; on a link that swallows everything nothing else ends it. */
const COMMAND_MS = 500;
/** After a reconnection: the time in which the other processes tell theirs too. */
const SETTLE_MS = 300;
const LOOK_MS = 20;
/** A Redis that is connected and does not answer is left alone for so long. */
const REST_MS = 2_000;

const answer = z.tuple([z.number(), z.number(), z.coerce.number(), z.coerce.number()]);

export interface RedisRateStore extends Required<RateStore> {
  stop(): void;
}

export interface RedisRateOptions {
  patience_ms?: number;
  alive_every_ms?: number;
  now?: () => number;
}

export function connectRateRedis(url: string, onError: (error: unknown) => void): Redis {
  const redis = new Redis(url, {
    // the store itself asks again, once it has told what a restarted Redis forgot
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    connectTimeout: 1_000,
    // a refused connection costs nothing, and all processes should be back at once
    retryStrategy: () => 50,
  });
  // once per outage, not at each of its many attempts
  let told = false;
  redis.on('error', (error) => {
    if (!told) onError(error);
    told = true;
  });
  redis.on('ready', () => {
    told = false;
  });
  return redis;
}

/** @param redis from connectRateRedis */
export function createRedisRateStore(redis: Redis, options: RedisRateOptions = {}): RedisRateStore {
  const { patience_ms = PATIENCE_MS, alive_every_ms = ALIVE_EVERY_MS, now = Date.now } = options;
  const process_id = randomUUID();
  const mirror = createRateMirror(now);
  let processes = 1;
  let sequence = 0;
  let connections = 0;
  let must_tell_all = false;
  let down_since: number | undefined = now();
  let settled_at = 0;
  let silent_until = 0;

  const nextMember = (): string => {
    sequence += 1;
    return `${process_id}:${String(sequence)}`;
  };
  const command = (work: Promise<unknown>): Promise<unknown> => withDeadline(work, COMMAND_MS);

  /** In one go, so that what is asked next comes after it. */
  async function tell(): Promise<void> {
    const all = must_tell_all;
    must_tell_all = false;
    const pipeline = redis.pipeline();
    for (const { key, window_ms, entries } of mirror.untold(all)) {
      const scored = entries.flatMap(({ at_us, member }) => [at_us.toFixed(0), member]);
      pipeline.zadd(PREFIX + key, 'NX', ...scored).pexpire(PREFIX + key, window_ms);
    }
    try {
      await command(pipeline.exec());
    } catch (error) {
      must_tell_all = true;
      throw error;
    }
  }

  async function signOfLife(): Promise<void> {
    const alive = await command(redis.eval(ALIVE, 1, ALIVE_KEY, process_id, ALIVE_FOR_S));
    processes = Math.max(1, Number(alive));
  }

  async function ask(key: string, limit: number, window_ms: number): Promise<Hit> {
    const member = nextMember();
    const raw = await command(redis.eval(HIT, 1, PREFIX + key, limit, window_ms, member));
    const [allowed, count, oldest_us, now_us] = answer.parse(raw);
    mirror.learnClock(now_us);
    if (allowed === 1) mirror.remember(key, window_ms, { at_us: now_us, member, told: true });
    return {
      allowed: allowed === 1,
      limit,
      remaining: Math.max(limit - count, 0),
      reset_at_ms: Math.ceil(oldest_us / 1000) + window_ms,
      now_ms: Math.floor(now_us / 1000),
    };
  }

  const onReady = (): void => {
    // at the first connection nobody has anything to tell
    settled_at = connections === 0 ? 0 : now() + SETTLE_MS;
    connections += 1;
    down_since = undefined;
    silent_until = 0;
    must_tell_all = true;
    void Promise.allSettled([tell(), signOfLife()]);
  };
  const onClose = (): void => {
    down_since ??= now();
  };
  redis.on('ready', onReady);
  redis.on('close', onClose);
  const timer = setInterval(() => void signOfLife().catch(() => undefined), alive_every_ms);
  timer.unref();

  const isGivenUp = (): boolean => down_since !== undefined && now() - down_since > patience_ms;

  return {
    timeout_ms: patience_ms + SETTLE_MS + COMMAND_MS,
    isAway: () => isGivenUp() || now() < silent_until,
    async hit(key, limit, window_ms) {
      for (;;) {
        while (down_since !== undefined || now() < settled_at) {
          if (isGivenUp()) throw new Error('redis is away');
          await sleep(LOOK_MS);
        }
        try {
          if (must_tell_all || mirror.hasUntold()) await tell();
          return await ask(key, limit, window_ms);
        } catch (error) {
          if (isRefusal(error)) {
            silent_until = now() + REST_MS;
            throw error;
          }
          // the connection is lost, which may be known here before it is said
          onClose();
        }
      }
    },
    hitAlone: (key, limit, window_ms) =>
      mirror.hit(key, Math.max(1, Math.floor(limit / processes)), window_ms, nextMember()),
    stop() {
      clearInterval(timer);
      redis.off('ready', onReady);
      redis.off('close', onClose);
    },
  };
}

/** Connected, but silent or unwilling: a reconnection is not to be expected. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'ReplyError');
}
