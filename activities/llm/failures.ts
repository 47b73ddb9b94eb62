// What a model server did → what Temporal does about it. One table; nobody looks at it anywhere else.
import { ApplicationFailure } from '@temporalio/common';
import { OUTAGES } from '../../domain/temporal.js';

export const LLM_FAILURES = {
  unreachable: OUTAGES.llm,
  rateLimited: 'LLM_RATE_LIMITED',
  badAnswer: 'LLM_BAD_ANSWER',
  refused: 'LLM_REFUSED',
  rejected: 'LLM_REJECTED',
} as const;
export type LlmFailureType = (typeof LLM_FAILURES)[keyof typeof LLM_FAILURES];

// A wrong answer or a refusal has been asked again inside the call, so here it is final for this control.
const RETRYABLE: Record<LlmFailureType, boolean> = {
  LLM_UNREACHABLE: true,
  LLM_RATE_LIMITED: true,
  LLM_BAD_ANSWER: false,
  LLM_REFUSED: false,
  LLM_REJECTED: false,
};

/** A server that asks for more than this is asked again sooner: the run pauses by itself long before. */
const MAX_RETRY_DELAY_MS = 5 * 60_000;

export interface LlmCost {
  tokens_in: number;
  tokens_out: number;
}

export function llmFailure(
  type: LlmFailureType,
  message: string,
  cost: LlmCost,
  retry_after_ms?: number,
): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type,
    nonRetryable: !RETRYABLE[type],
    details: [cost],
    ...(retry_after_ms === undefined ? {} : { nextRetryDelay: Math.min(retry_after_ms, MAX_RETRY_DELAY_MS) }),
  });
}

/** `Retry-After` in seconds or as an HTTP date, to milliseconds from `now`. */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  if (/^\d+(?:\.\d+)?$/u.test(value.trim())) return Math.ceil(Number(value) * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function field(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

function status(error: unknown): number | undefined {
  const value = field(error, 'status');
  return typeof value === 'number' ? value : undefined;
}

/** The server does not know the way the answer's schema was asked for. */
export function refusesSchema(error: unknown): boolean {
  const code = status(error);
  if (code !== 400 && code !== 422 && code !== 501) return false;
  return /response_format|json_schema|structured output/iu.test(error instanceof Error ? error.message : '');
}

export function classify(error: unknown, cost: LlmCost, now: number): ApplicationFailure {
  const code = status(error);
  if (code === 429) {
    const headers = field(error, 'headers');
    const after = headers instanceof Headers ? retryAfterMs(headers.get('retry-after'), now) : undefined;
    return llmFailure(
      LLM_FAILURES.rateLimited,
      'the model server limits the rate of calls (429)',
      cost,
      after,
    );
  }
  if (code !== undefined && code >= 400 && code < 500 && code !== 408 && code !== 409 && code !== 425) {
    return llmFailure(LLM_FAILURES.rejected, `the model server refuses the call (${code})`, cost);
  }
  const name = field(error, 'name');
  if (name === 'ContextOverflowError') {
    return llmFailure(LLM_FAILURES.rejected, 'the evidence does not fit the context of the model', cost);
  }
  if (name === 'LengthFinishReasonError') {
    return llmFailure(LLM_FAILURES.badAnswer, 'the answer of the model was cut at its length limit', cost);
  }
  if (name === 'ContentFilterFinishReasonError') {
    return llmFailure(
      LLM_FAILURES.refused,
      'a content filter of the model server held the answer back',
      cost,
    );
  }
  const why =
    code === undefined
      ? name === 'TimeoutError'
        ? 'no answer in time'
        : 'connection failed'
      : `status ${code}`;
  return llmFailure(LLM_FAILURES.unreachable, `the model server does not answer (${why})`, cost);
}
