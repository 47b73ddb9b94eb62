// Anchors: what Temporal itself costs.
import { condition, defineUpdate, setHandler, sleep } from '@temporalio/workflow';

export const touchUpdate = defineUpdate<number, []>('touch');

/** An update that does nothing but run. */
export async function touchedWorkflow(): Promise<void> {
  let touched = 0;
  setHandler(touchUpdate, () => (touched += 1));
  await condition(() => false);
}

/** @returns how late the timer was, in milliseconds */
export async function sleepingWorkflow(due: number): Promise<number> {
  await sleep(Math.max(1, due - Date.now()));
  return Date.now() - due;
}
