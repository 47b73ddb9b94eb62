import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

export interface Work<T> {
  /** Whether there is something to take. */
  pending(): boolean;
  take(): T;
  run(item: T): Promise<void>;
  /** Nothing new starts while true; what is in flight goes on. */
  held(): boolean;
  /** True: take nothing more and return when all is back. */
  leaving(): boolean;
}

/**
 * Keeps up to `lanes` items in flight: a new one starts as soon as one ends, unlike waves of batches. Returns
 * when nothing is left or when leaving; throws the first error of an item.
 */
export async function slide<T>(lanes: number, work: Work<T>): Promise<void> {
  let in_flight = 0;
  let broken: { error: unknown } | undefined;

  const launch = async (): Promise<void> => {
    in_flight += 1;
    try {
      await work.run(work.take());
    } catch (error) {
      // a cancelled run ends through its own scope, once
      const cancelled = isCancellation(error) && CancellationScope.current().consideredCancelled;
      if (!cancelled) broken ??= { error };
    } finally {
      in_flight -= 1;
    }
  };
  const startable = (): boolean => !work.held() && !work.leaving() && in_flight < lanes && work.pending();
  const drained = (): boolean => in_flight === 0 && (work.leaving() || !work.pending());

  for (;;) {
    while (startable()) void launch();
    if (drained()) return;
    await condition(() => broken !== undefined || startable() || drained());
    if (broken) throw broken.error;
  }
}
