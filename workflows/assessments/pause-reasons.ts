// Why a run stopped by itself, in words for the person who has to do something about it.
import type { LlmFailureType } from '../../activities/llm/failures.js';
import { OUTAGES } from '../../domain/temporal.js';
import type { Cause } from '../failures.js';
import type { PausedState } from './messages.js';

const MODEL: Record<LlmFailureType, string> = {
  LLM_UNREACHABLE: 'the model does not answer',
  LLM_RATE_LIMITED: 'the model server limits the rate of calls',
  LLM_BAD_ANSWER: 'the model does not answer in the form asked for',
  LLM_REFUSED: 'the model refuses to judge',
  LLM_REJECTED: 'the model server refuses the calls',
};
const WORDS = new Map<string, string>([
  ...Object.entries(MODEL),
  ['TIMEOUT', 'the workers gave no sign of life'],
  ['SERVICE_UNAVAILABLE', 'the database cannot be reached'],
]);

function words(code: string): string {
  return WORDS.get(code) ?? `an error (${code})`;
}

export const REQUESTED: PausedState = { cause: 'requested', detail: 'Paused on request.' };

export const BUDGET_SPENT: PausedState = {
  cause: 'budget',
  detail: 'The token budget of this run is spent. Resume to grant it once more.',
};

export function sameFailure(code: string, count: number): PausedState {
  return {
    cause: 'same_failure',
    detail: `${count} controls in a row failed for the same reason: ${words(code)}. Remove the reason, then resume.`,
  };
}

/** An activity that used up its retries: an outage, or workers that keep dying on the same work. */
export function outageReason({ code, detail }: Cause, work: string): PausedState {
  if (code === OUTAGES.llm || code === 'LLM_RATE_LIMITED') {
    return {
      cause: 'llm_unreachable',
      detail: `The language model cannot be reached: ${detail}. Resume when it answers again.`,
    };
  }
  if (code === OUTAGES.steampipe) {
    return {
      cause: 'steampipe_unreachable',
      detail: `The cloud inventory cannot be reached: ${detail}. Resume when it answers again.`,
    };
  }
  return {
    cause: 'same_failure',
    detail: `${work} failed again and again: ${words(code)}. Remove the reason, then resume.`,
  };
}
