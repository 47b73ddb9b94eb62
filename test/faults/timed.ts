// Calls with their time, so that a test can say what no caller ever waited for.
import { expect } from 'vitest';
import type { Answer } from '../support/http.js';

/** Three seconds are promised; the rest is for a machine that runs other tests at the same time. */
export const LONGEST_MS = 6_000;

export interface Timed {
  name: string;
  ms: number;
  answer: Answer;
}

export interface Stopwatch {
  calls: Timed[];
  time(name: string, call: () => Promise<Answer>): Promise<Answer>;
  /** No call took too long, and none failed but in the one documented way. */
  expectPatience(): void;
}

export function stopwatch(): Stopwatch {
  const calls: Timed[] = [];
  return {
    calls,
    async time(name, call) {
      const began = performance.now();
      const answer = await call();
      calls.push({ name, ms: performance.now() - began, answer });
      return answer;
    },
    expectPatience() {
      const late = calls
        .filter(({ ms }) => ms > LONGEST_MS)
        .map(({ name, ms }) => `${name}: ${ms.toFixed(0)} ms`);
      expect(late).toEqual([]);
      const failed = calls.filter(({ answer }) => answer.status >= 500 && !isDocumented(answer));
      expect(failed.map(({ name, answer }) => `${name}: ${String(answer.status)}`)).toEqual([]);
    },
  };
}

function isDocumented({ status, headers, body }: Answer): boolean {
  return status === 503 && body?.code === 'SERVICE_UNAVAILABLE' && Number(headers.get('retry-after')) > 0;
}
