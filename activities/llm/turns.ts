// While the model server fails, callers take turns: however many controls wait for it, it gets one try a second.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Turns {
  /** At once while all is well. Throws the signal's reason when aborted. */
  take(signal: AbortSignal): Promise<void>;
  failed(): void;
  /** Everybody who waits may go. */
  answered(): void;
}

export function createTurns(gap_ms: number): Turns {
  let sick: { next_at: number; healed: AbortController } | undefined;
  return {
    async take(signal) {
      if (sick === undefined) return;
      const now = Date.now();
      const at = Math.max(now, sick.next_at);
      sick.next_at = at + gap_ms;
      const waiting = AbortSignal.any([signal, sick.healed.signal]);
      await sleep(at - now, undefined, { signal: waiting }).catch(() => signal.throwIfAborted());
    },
    failed() {
      sick ??= { next_at: Date.now() + gap_ms, healed: new AbortController() };
    },
    answered() {
      sick?.healed.abort();
      sick = undefined;
    },
  };
}
