// zod's findings in the words of the API.
import type { z } from 'zod';
import { DomainError, type FieldError } from '../../domain/errors.js';

// More than this helps nobody and would make a large answer out of a large mistake.
const MAX_FIELD_ERRORS = 20;

/** Well-formed, but not valid: 422 with the first field in `field` and all of them in `errors`. */
export function invalid(error: z.ZodError): DomainError {
  const errors = fieldErrors(error);
  const first = errors[0];
  if (first === undefined) return new DomainError('VALIDATION_ERROR', 'the request is not valid');
  const detail = first.field === '' ? first.detail : `${first.field}: ${first.detail}`;
  return new DomainError('VALIDATION_ERROR', detail, {
    ...(first.field === '' ? {} : { field: first.field }),
    errors,
  });
}

/** A path that cannot name anything: 400. */
export function malformedPath(error: z.ZodError): DomainError {
  const field = error.issues[0]?.path.join('.');
  return new DomainError('VALIDATION_ERROR', `${field ?? 'path'}: malformed`, {
    ...(field === undefined ? {} : { field }),
    unreadable: true,
  });
}

function fieldErrors(error: z.ZodError): FieldError[] {
  const found: FieldError[] = [];
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        found.push({ field: dotted([...issue.path, key]), detail: 'unknown field' });
    } else {
      found.push({ field: dotted(issue.path), detail: issue.message });
    }
    if (found.length >= MAX_FIELD_ERRORS) break;
  }
  return found.slice(0, MAX_FIELD_ERRORS);
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.').slice(0, 200);
}
