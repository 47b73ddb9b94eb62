// Refusing early beats answering everybody late.
import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface Overload {
  isOverloaded(): boolean;
  stop(): void;
}

const MAX_LOOP_DELAY_MS = 200;
const MAX_POOL_QUEUE = 20;
// Long enough that one collection or one long task is not yet one per cent of the samples.
const WINDOW_MS = 5_000;

export function watchOverload(poolQueue: () => number): Overload {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let slow = false;
  const timer = setInterval(() => {
    slow = delay.percentile(99) / 1e6 > MAX_LOOP_DELAY_MS;
    delay.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    isOverloaded: () => slow || poolQueue() > MAX_POOL_QUEUE,
    stop: () => {
      clearInterval(timer);
      delay.disable();
    },
  };
}
