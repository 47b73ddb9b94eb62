// A request that may be sent twice and is done once: what its key may be, and how long its answer is kept.
import { DomainError } from '../errors.js';

export const KEPT_MS = 24 * 3_600_000;
/** Printable ASCII without blanks; a header that came twice holds one. */
export const KEY_PATTERN = '^[!-~]{1,255}$';
const KEY = new RegExp(KEY_PATTERN);

/** @throws DomainError VALIDATION_ERROR */
export function refuseKey(key: string): void {
  if (KEY.test(key)) return;
  const field = 'Idempotency-Key';
  const detail = 'must be 1 to 255 printable ASCII characters without blanks';
  throw new DomainError('VALIDATION_ERROR', `${field}: ${detail}`, { field, errors: [{ field, detail }] });
}

export function otherRequest(): DomainError {
  return new DomainError('CONFLICT', 'this Idempotency-Key belongs to another request; use a new one', {
    field: 'Idempotency-Key',
  });
}

export function changedMeanwhile(): DomainError {
  return new DomainError('PRECONDITION_FAILED', 'it has changed since; get it again and look', {
    field: 'If-Match',
  });
}
