import { Context } from '@temporalio/activity';

/** Well under the heartbeat timeout, so that one late beat does not cost the attempt. */
const EVERY_MS = 1_500;

/** Beats with `details` while `work` goes on, and once more at its end: a next attempt starts from there. */
export async function beating<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const { heartbeat } = Context.current();
  const beat = (): void => heartbeat(details());
  beat();
  const timer = setInterval(beat, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    beat();
  }
}
