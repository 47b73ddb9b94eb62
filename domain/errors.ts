// The closed list of refusals. A code is the same word on the wire, in an activity failure and here.

export const ERROR_CODES = [
  'VALIDATION_ERROR',
  'UNAUTHORIZED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'CONFLICT',
  'PRECONDITION_FAILED',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
  'SERVICE_UNAVAILABLE',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface FieldError {
  /** Dotted path into the body or query, e.g. `affected_systems.0`. */
  field: string;
  detail: string;
}

export interface ErrorExtras {
  field?: string;
  errors?: FieldError[];
  /** Seconds after which the same call may succeed; becomes `Retry-After`. */
  retry_after_s?: number;
  /** Only VALIDATION_ERROR has two statuses: unreadable input is 400, well-formed but wrong input 422. */
  unreadable?: boolean;
}

/** A refusal that the caller is meant to see. Everything else that is thrown is an INTERNAL_ERROR. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly extras: ErrorExtras;

  constructor(code: ErrorCode, detail: string, extras: ErrorExtras = {}) {
    super(detail);
    this.name = 'DomainError';
    this.code = code;
    this.detail = detail;
    this.extras = extras;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && (ERROR_CODES as readonly string[]).includes(value);
}

export function notFound(thing: string): DomainError {
  return new DomainError('NOT_FOUND', `${thing} not found`);
}
