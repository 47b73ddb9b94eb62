// In: why an activity failed for good. Out: a refusal that becomes the wire's error.
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ErrorCode } from '../domain/errors.js';

export interface Cause {
  code: string;
  detail: string;
}

/** The only error a workflow or a validator throws: of any other the code would be lost. */
export function refuse(code: ErrorCode, detail: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(detail, code);
}

/** Code and sentence of an activity that failed for good; anything that is no activity failure is rethrown. */
export function causeOf(error: unknown): Cause {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof ApplicationFailure)
    return { code: cause.type ?? 'INTERNAL_ERROR', detail: cause.message };
  if (cause instanceof TimeoutFailure)
    return { code: 'TIMEOUT', detail: `no sign of life (${cause.timeoutType})` };
  throw error;
}

/** One line for the row of a run that cannot go on. */
export function describeFailure(error: unknown): string {
  if (error instanceof ActivityFailure) {
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? cause.type : cause?.name;
    return `${error.activityType}: ${type ?? 'INTERNAL_ERROR'}`;
  }
  return error instanceof ApplicationFailure ? (error.type ?? error.name) : 'INTERNAL_ERROR';
}
