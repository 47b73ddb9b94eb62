// The same exact window inside one process: the fallback, and what tests without a database use.
import type { LocalRateStore } from './rate-limit.js';

// An attacker with many addresses must not fill the memory; dropping the longest idle key forgets least.
const MAX_KEYS = 20_000;

export function createMemoryRateStore(now: () => number = Date.now): LocalRateStore {
  const windows = new Map<string, number[]>();

  function touch(key: string): number[] {
    const hits = windows.get(key) ?? [];
    windows.delete(key);
    windows.set(key, hits);
    if (windows.size > MAX_KEYS) {
      const idle = windows.keys().next();
      if (!idle.done) windows.delete(idle.value);
    }
    return hits;
  }

  return {
    hit(key, limit, window_ms) {
      const hits = touch(key);
      const at = Math.max(now(), hits.at(-1) ?? 0);
      const gone = hits.findIndex((hit) => hit > at - window_ms);
      hits.splice(0, gone === -1 ? hits.length : gone);
      const allowed = hits.length < limit;
      if (allowed) hits.push(at);
      return {
        allowed,
        limit,
        remaining: Math.max(limit - hits.length, 0),
        reset_at_ms: (hits[0] ?? at) + window_ms,
        now_ms: at,
      };
    },
  };
}
