// Why a run stopped by itself, in words for the person who has to do something about it.
import { OUTAGES } from '../../domain/temporal.js';
import type { Cause } from '../failures.js';
import type { PausedState } from './messages.js';

export const REQUESTED: PausedState = { cause: 'requested', detail: 'Paused on request.' };

export const BUDGET_SPENT: PausedState = {
  cause: 'budget',
  detail: 'The token budget of this run is spent. Raise the budget, then resume.',
};

export function sameFailure(code: string, count: number): PausedState {
  return {
    cause: 'same_failure',
    detail: `${count} controls in a row failed for the same reason (${code}). Remove the reason, then resume.`,
  };
}

/** An activity that used up its retries: an outage, or workers that keep dying on the same work. */
export function outageReason(cause: Cause, work: string): PausedState {
  if (cause.code === OUTAGES.llm) {
    return {
      cause: 'llm_unreachable',
      detail: `The language model cannot be reached: ${cause.detail}. Resume when it answers again.`,
    };
  }
  if (cause.code === OUTAGES.steampipe) {
    return {
      cause: 'steampipe_unreachable',
      detail: `The cloud inventory cannot be reached: ${cause.detail}. Resume when it answers again.`,
    };
  }
  return {
    cause: 'same_failure',
    detail: `${work} failed again and again (${cause.code}). Remove the reason, then resume.`,
  };
}
