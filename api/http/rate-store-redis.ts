// One Lua script, so that reading, deciding and writing are one step; Redis' TIME is the only clock.
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { RateStore } from './rate-limit.js';

const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[2]) * 1000
local newest = redis.call('LINDEX', KEYS[1], -1)
if newest and tonumber(newest) > now then now = tonumber(newest) end
local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest and tonumber(oldest) <= now - window do
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end
local count = redis.call('LLEN', KEYS[1])
local allowed = 0
if count < tonumber(ARGV[1]) then
  redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  allowed = 1
  count = count + 1
  if not oldest then oldest = now end
end
local reset = math.ceil(((tonumber(oldest) or now) + window) / 1000)
return { allowed, count, string.format('%.0f', reset), string.format('%.0f', math.floor(now / 1000)) }
`;

const answer = z.tuple([z.number(), z.number(), z.coerce.number(), z.coerce.number()]);

/** Keys are hashed by the caller where they hold addresses; the prefix keeps them apart from other users of the server. */
export function createRedisRateStore(redis: Redis): RateStore {
  return {
    async hit(key, limit, window_ms) {
      const raw: unknown = await redis.eval(SCRIPT, 1, `grc:rate:${key}`, limit, window_ms);
      const [allowed, count, reset_at_ms, now_ms] = answer.parse(raw);
      return { allowed: allowed === 1, limit, remaining: Math.max(limit - count, 0), reset_at_ms, now_ms };
    },
  };
}
