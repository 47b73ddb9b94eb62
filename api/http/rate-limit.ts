// Exact sliding windows: in any window of that length at most `limit` calls pass, and a refused call costs nothing.
import { DomainError } from '../../domain/errors.js';
import { limitKeyOf } from './address.js';
import type { Edge, EdgeContext } from './edge.js';

export interface LimitState {
  limit: number;
  /** Calls left after this one. */
  remaining: number;
  /** When the oldest counted call leaves the window, milliseconds since 1970. */
  reset_at_ms: number;
}

export interface Hit extends LimitState {
  allowed: boolean;
  /** The store's clock, so that a skewed clock here does not make a caller wait too short or too long. */
  now_ms: number;
}

/** One shared counter per key; the server's clock is the only clock. */
export interface RateStore {
  hit(key: string, limit: number, window_ms: number): Promise<Hit>;
  /** What this process may admit by itself while the store is away; the local store decides where it is left out. */
  hitAlone?(key: string, limit: number, window_ms: number): Hit;
  /** True while asking would only cost time; where it is left out, for a while after each failure. */
  isAway?(): boolean;
  /** Asked for longer, it counts as down. */
  timeout_ms?: number;
}

export interface LocalRateStore {
  hit(key: string, limit: number, window_ms: number): Hit;
}

export interface RateLimiter {
  /** Counts against the shared store, or in this process alone while that is down. */
  hit(key: string): Promise<Hit>;
  /**
   * Counts in this process only: for probes and for calls refused under load, which must not wait for a store, and for
   * calls that come by the hundred.
   * @param times how many times the limit may be used
   */
  hitLocally(key: string, times?: number): Hit;
  /** True while the shared store does not answer. */
  isDegraded(): boolean;
}

export const WINDOW_MS = 60_000;
// A store that is slow is treated as down: a limit must not cost more than the call it protects.
const STORE_TIMEOUT_MS = 500;
// After a failure the store is left alone for this long, so that an outage does not slow every request.
const RETRY_AFTER_MS = 2_000;

export interface LimiterOptions {
  /** 0 switches limits off; the headers stay and say 0. */
  limit: number;
  window_ms?: number;
  store: RateStore | undefined;
  local: LocalRateStore;
  onStoreFailure(error: unknown): void;
  now?: () => number;
}

export function createRateLimiter(options: LimiterOptions): RateLimiter {
  const { limit, store, local, window_ms = WINDOW_MS, now = Date.now } = options;
  let down_until = 0;

  const hitLocally = (key: string, times = 1): Hit => {
    if (limit === 0) return { allowed: true, limit: 0, remaining: 0, reset_at_ms: now(), now_ms: now() };
    return local.hit(key, limit * times, window_ms);
  };

  const hitAlone = (key: string): Hit =>
    limit > 0 && store?.hitAlone ? store.hitAlone(key, limit, window_ms) : hitLocally(key);
  const isAway = (): boolean => store?.isAway?.() ?? now() < down_until;

  return {
    hitLocally,
    isDegraded: isAway,
    async hit(key) {
      if (limit === 0 || store === undefined || isAway()) return hitAlone(key);
      try {
        return await withDeadline(store.hit(key, limit, window_ms), store.timeout_ms ?? STORE_TIMEOUT_MS);
      } catch (error) {
        down_until = now() + RETRY_AFTER_MS;
        options.onStoreFailure(error);
        return hitAlone(key);
      }
    },
  };
}

export async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const silence = new DOMException(`no answer within ${ms} ms`, 'TimeoutError');
    timer = setTimeout(() => reject(silence), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The headers show the tightest limit: the one with fewer calls left, of two the later, which is the narrower. */
export function showLimit(ctx: EdgeContext, state: LimitState): void {
  const shown = ctx.state.limit;
  // one that is switched off says 0 and is no limit
  const tighter =
    shown?.limit === 0 || (state.limit > 0 && state.remaining <= (shown?.remaining ?? Infinity));
  if (shown === undefined || tighter) ctx.state.limit = state;
}

export function limitHeaders(state: LimitState): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(state.limit),
    'X-RateLimit-Remaining': String(state.remaining),
    'X-RateLimit-Reset': String(Math.ceil(state.reset_at_ms / 1000)),
  };
}

/** A limit that the work itself counts: where it refuses, the headers show that nothing of it is left. */
export async function countingWithin<T>(
  { limit, countsAgainst }: { limit: number; countsAgainst: (state: LimitState) => void },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'RATE_LIMITED') {
      const reset_at_ms = Date.now() + (error.extras.retry_after_s ?? 0) * 1_000;
      countsAgainst({ limit, remaining: 0, reset_at_ms });
    }
    throw error;
  }
}

/** @throws DomainError RATE_LIMITED, with the seconds to wait. */
export function enforce(ctx: EdgeContext, hit: Hit): void {
  showLimit(ctx, hit);
  if (hit.allowed) return;
  const retry_after_s = Math.max(1, Math.ceil((hit.reset_at_ms - hit.now_ms) / 1000));
  throw new DomainError('RATE_LIMITED', `more than ${hit.limit} requests per minute`, { retry_after_s });
}

/**
 * Before sign-in the address is the caller. Probes count apart and in this process: they must answer while the
 * shared store is down, and orchestrators' probes are never refused.
 */
export async function limitAnonymous(
  edge: Edge,
  ctx: EdgeContext,
  probe: 'counted' | 'never-refused' | undefined,
): Promise<void> {
  const key = limitKeyOf(ctx.state.address);
  if (probe === undefined) enforce(ctx, await edge.limiter.hit(key));
  else if (probe === 'counted') enforce(ctx, edge.limiter.hitLocally(`probe:${key}`));
  else showLimit(ctx, edge.limiter.hitLocally(`probe:${key}`));
}
