// What an activity throws → what the workflow sees. A code travels as the failure's `type`.
import { ApplicationFailure } from '@temporalio/common';
import { DomainError, type ErrorCode } from '../domain/errors.js';
import type { Outage } from '../domain/temporal.js';

/** Trying again may help; every other code is final. */
const RETRYABLE = new Set<ErrorCode>(['SERVICE_UNAVAILABLE', 'INTERNAL_ERROR', 'RATE_LIMITED']);

/** Something outside does not answer. Retried with back-off, or when it asked to be tried again. */
export function outage(type: Outage, detail: string, retry_after_s?: number): ApplicationFailure {
  return ApplicationFailure.create({
    message: detail,
    type,
    nonRetryable: false,
    ...(retry_after_s === undefined ? {} : { nextRetryDelay: retry_after_s * 1000 }),
  });
}

function toFailure(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const { code, detail, extras } = error;
  if (!RETRYABLE.has(code)) return ApplicationFailure.nonRetryable(detail, code);
  return ApplicationFailure.create({
    message: detail,
    type: code,
    nonRetryable: false,
    ...(extras.retry_after_s === undefined ? {} : { nextRetryDelay: extras.retry_after_s * 1000 }),
  });
}

/** Puts the translation around every activity of a map, so that none can forget it. */
export function translateFailures<T extends object>(activities: T): T {
  return new Proxy(activities, {
    get(target, name, receiver) {
      const run: unknown = Reflect.get(target, name, receiver);
      if (typeof run !== 'function') return run;
      return async (input: unknown): Promise<unknown> => {
        try {
          return await Reflect.apply(run, target, [input]);
        } catch (error) {
          throw toFailure(error);
        }
      };
    },
  });
}
