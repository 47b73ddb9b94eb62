// The one place where a failure becomes an answer.
import {
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { DomainError, ERROR_CODES, isErrorCode, type ErrorCode } from '../../domain/errors.js';

const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  VALIDATION_ERROR: 422,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

/** The body of every refusal; the document shows this schema. */
export const errorBody = z
  .strictObject({
    detail: z.string(),
    code: z.enum(ERROR_CODES),
    field: z.string().optional().meta({ description: 'dotted path of the first wrong field' }),
    errors: z.array(z.strictObject({ field: z.string(), detail: z.string() })).optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.infer<typeof errorBody>;

const internal = new DomainError('INTERNAL_ERROR', 'something went wrong on our side');
const temporalDown = new DomainError(
  'SERVICE_UNAVAILABLE',
  'the workflow engine (temporal) does not answer',
  {
    retry_after_s: 5,
  },
);

interface Translation {
  when(error: unknown): boolean;
  to(error: unknown): DomainError;
}

// By class and code, never by message.
const TRANSLATIONS: readonly Translation[] = [
  {
    when: (error) => error instanceof WorkflowExecutionAlreadyStartedError,
    to: () => new DomainError('CONFLICT', 'already running'),
  },
  {
    when: (error) => error instanceof WorkflowNotFoundError,
    to: () => new DomainError('NOT_FOUND', 'workflow not found'),
  },
  {
    when: (error) => error instanceof WorkflowUpdateFailedError,
    to: (error) => refusalOf(error instanceof WorkflowUpdateFailedError ? error.cause : undefined),
  },
  { when: (error) => error instanceof WorkflowUpdateRPCTimeoutOrCancelledError, to: () => temporalDown },
  { when: isUnavailable, to: () => temporalDown },
];

const GRPC_DEADLINE_EXCEEDED = 4;
const GRPC_UNAVAILABLE = 14;

function isUnavailable(error: unknown): boolean {
  if (isGrpcServiceError(error)) {
    return error.code === GRPC_UNAVAILABLE || error.code === GRPC_DEADLINE_EXCEEDED;
  }
  // The client wraps gRPC errors in its own ServiceError.
  return error instanceof Error && error.name === 'ServiceError' && isUnavailable(error.cause);
}

/** A refusal of a workflow carries our code in `type`; anything else is a fault. */
function refusalOf(cause: unknown): DomainError {
  if (cause instanceof ApplicationFailure && isErrorCode(cause.type)) {
    return new DomainError(cause.type, cause.message);
  }
  return internal;
}

/** @returns what the caller may know. INTERNAL_ERROR stands for everything that nobody expected. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  return TRANSLATIONS.find((row) => row.when(error))?.to(error) ?? internal;
}

export function statusOf(error: DomainError): number {
  return error.extras.unreadable === true ? 400 : STATUS_OF[error.code];
}

export function bodyOf(error: DomainError, request_id: string): ErrorBody {
  const { code, extras } = error;
  const { detail, errors } = wordsOf(error);
  return {
    detail,
    code,
    ...(extras.field === undefined ? {} : { field: extras.field }),
    ...(errors === undefined ? {} : { errors }),
    request_id,
  };
}

/** A rule says what is wrong with a field; the sentence on its own says of which one, as for a wrong schema. */
function wordsOf({
  code,
  detail,
  extras: { field, errors },
}: DomainError): Pick<ErrorBody, 'detail' | 'errors'> {
  if (errors !== undefined) return { detail, errors };
  if (code !== 'VALIDATION_ERROR' || field === undefined || detail.startsWith(field)) return { detail };
  return { detail: `${field}: ${detail}`, errors: [{ field, detail }] };
}
