import { ActivityFailure, ApplicationFailure, CancelledFailure, TemporalFailure } from '@temporalio/workflow';

/**
 * A short step of our own database: once within the workflow's own task, which spares the hops of an activity, and by the
 * queue where that did not work out. So an outage is waited for as ever: it adds nothing to the history, and the Web UI
 * shows the retries. A first try that is in doubt may have happened: the step must bear a repetition.
 */
export async function localFirst<T>(here: () => Promise<T>, queued: () => Promise<T>): Promise<T> {
  try {
    return await here();
  } catch (error) {
    if (isFinal(error)) throw error;
    return await queued();
  }
}

/** Of a local activity the failure comes bare. */
function isFinal(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return cause.nonRetryable === true;
  return cause instanceof CancelledFailure || !(cause instanceof TemporalFailure);
}
