// Somebody who uses the API while others abuse it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../support/http.js';

export interface Witness {
  stop(): Promise<Testimony>;
}

export interface Testimony {
  served: number;
  /** Told to come back, because the machine as a whole is busy. */
  shed: number;
  failed: string[];
}

export function startWitness(call: () => Promise<Answer>): Witness {
  const seen: Testimony = { served: 0, shed: 0, failed: [] };
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const answer = await call().catch((error: unknown) => String(error));
      if (typeof answer === 'string') seen.failed.push(answer);
      else if (answer.status === 200) seen.served += 1;
      else if (answer.status === 503) seen.shed += 1;
      else seen.failed.push(JSON.stringify(answer.body));
      await sleep(50);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return seen;
    },
  };
}
