// A model that does not answer: waited for, given up on, or one control that it never answers.
import { ApplicationFailure } from '@temporalio/common';
import { outageBackoffMs } from '../../domain/assessments/rules.js';

export interface Silence {
  /** When the present row of failures began; milliseconds, like all of these. */
  since: number;
  /** When this process last got any answer. */
  answered_at: number;
  /** Whether the last that anybody had heard of the model, when this was asked, was an answer. */
  asked_a_well_one: boolean;
  now: number;
  unreachable_ms: number;
}

/** `alone`: for as long as an outage lasts, and in vain once more while others get their answers. */
export function judgeSilence(silence: Silence): 'wait' | 'outage' | 'alone' {
  const { since, asked_a_well_one, now, unreachable_ms } = silence;
  if (leftMs(silence) <= 0) return 'outage';
  return asked_a_well_one && now - since >= unreachable_ms ? 'alone' : 'wait';
}

function leftMs({ since, answered_at, now, unreachable_ms }: Silence): number {
  return Math.max(since, answered_at) + unreachable_ms - now;
}

/** As late as the server asked, never sooner than the back-off, and in time to call it an outage. */
export function tryAgainLater(
  failure: ApplicationFailure,
  attempt: number,
  silence: Silence,
): ApplicationFailure {
  const { message, type, details, nextRetryDelay } = failure;
  const asked = typeof nextRetryDelay === 'number' ? nextRetryDelay : 0;
  const wanted = Math.max(asked, outageBackoffMs(attempt));
  return ApplicationFailure.create({
    message,
    ...(type ? { type } : {}),
    ...(details ? { details } : {}),
    nextRetryDelay: Math.min(wanted, Math.max(outageBackoffMs(1), leftMs(silence))),
  });
}
