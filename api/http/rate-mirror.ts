// What this process has admitted in each window: it decides by that alone, and tells it again, when a store was away.
import type { Hit } from './rate-limit.js';

export interface MirrorEntry {
  /** By the store's clock. */
  at_us: number;
  /** The same admission told twice is one. */
  member: string;
  told: boolean;
}

interface Told {
  key: string;
  window_ms: number;
  entries: MirrorEntry[];
}

export interface RateMirror {
  remember(key: string, window_ms: number, entry: MirrorEntry): void;
  /** The store's clock may be ahead of ours or behind. */
  learnClock(now_us: number): void;
  hit(key: string, limit: number, window_ms: number, member: string): Hit;
  hasUntold(): boolean;
  /** What the store has not been told, or everything that is still in a window; from then on it counts as told. */
  untold(all: boolean): Told[];
}

// An attacker with many addresses must not fill the memory; dropping the longest idle key forgets least.
const MAX_KEYS = 20_000;

export function createRateMirror(now: () => number): RateMirror {
  const windows = new Map<string, Told>();
  let ahead_us = 0;
  let untold = 0;

  const clock = (): number => now() * 1000 + ahead_us;

  function windowOf(key: string, window_ms: number): Told {
    const window = windows.get(key) ?? { key, window_ms, entries: [] };
    windows.delete(key);
    windows.set(key, window);
    if (windows.size > MAX_KEYS) {
      const idle = windows.keys().next();
      if (!idle.done) windows.delete(idle.value);
    }
    return window;
  }

  /** In the order of time, whatever order the answers came in; without what has left the window. */
  function add(window: Told, entry: MirrorEntry | undefined, at_us: number): void {
    if (entry) {
      window.entries.push(entry);
      window.entries.sort((a, b) => a.at_us - b.at_us);
    }
    const left = at_us - window.window_ms * 1000;
    const gone = window.entries.findIndex((each) => each.at_us > left);
    window.entries.splice(0, gone === -1 ? window.entries.length : gone);
  }

  return {
    remember: (key, window_ms, entry) => add(windowOf(key, window_ms), entry, entry.at_us),
    learnClock(now_us) {
      ahead_us = now_us - now() * 1000;
    },
    hit(key, limit, window_ms, member) {
      const window = windowOf(key, window_ms);
      const at_us = Math.max(clock(), window.entries.at(-1)?.at_us ?? 0);
      add(window, undefined, at_us);
      const allowed = window.entries.length < limit;
      if (allowed) {
        window.entries.push({ at_us, member, told: false });
        untold += 1;
      }
      return {
        allowed,
        limit,
        remaining: Math.max(limit - window.entries.length, 0),
        reset_at_ms: Math.ceil((window.entries[0]?.at_us ?? at_us) / 1000) + window_ms,
        now_ms: Math.floor(at_us / 1000),
      };
    },
    hasUntold: () => untold > 0,
    untold(all) {
      untold = 0;
      const at_us = clock();
      return [...windows.values()].flatMap(({ key, window_ms, entries }) => {
        const left = at_us - window_ms * 1000;
        const wanted = entries.filter((entry) => entry.at_us > left && (all || !entry.told));
        for (const entry of wanted) entry.told = true;
        return wanted.length === 0 ? [] : [{ key, window_ms, entries: wanted }];
      });
    },
  };
}
