// The same exact window inside one process: the fallback, and what tests without a database use.
import type { LocalRateStore } from './rate-limit.js';
import { createRateMirror } from './rate-mirror.js';

export function createMemoryRateStore(now: () => number = Date.now): LocalRateStore {
  const mirror = createRateMirror(now);
  return { hit: (key, limit, window_ms) => mirror.hit(key, limit, window_ms, '') };
}
