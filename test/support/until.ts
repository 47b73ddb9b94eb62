import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, never for a time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  deadline_ms = 30_000,
): Promise<void> {
  const end = Date.now() + deadline_ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to that');
    await sleep(20);
  }
}
