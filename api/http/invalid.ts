// zod's findings in the words of the API.
import type { z } from 'zod';
import { DomainError, type FieldError } from '../../domain/errors.js';

// More than this helps nobody and would make a large answer out of a large mistake.
const MAX_FIELD_ERRORS = 20;

/** Well-formed, but not valid: 422 with the first field in `field` and all of them in `errors`. */
export function invalid(error: z.ZodError, place: 'query' | 'body'): DomainError {
  const found = fieldErrors(error, place);
  // of two things wrong with one field the first says enough
  const errors = found.filter(
    ({ field }, at) => field !== '' && found.findIndex((each) => each.field === field) === at,
  );
  const first = errors[0];
  if (first) {
    return new DomainError('VALIDATION_ERROR', `${first.field}: ${first.detail}`, {
      field: first.field,
      errors,
    });
  }
  const whole = found[0]?.detail ?? 'is not valid';
  const detail = /^(must|is) /.test(whole) ? `the ${place} ${whole}` : whole;
  return new DomainError('VALIDATION_ERROR', detail);
}

/** A path that cannot name anything: 400. */
export function malformedPath(error: z.ZodError): DomainError {
  const field = error.issues[0]?.path.join('.');
  return new DomainError('VALIDATION_ERROR', `${field ?? 'path'}: malformed`, {
    ...(field === undefined ? {} : { field }),
    unreadable: true,
  });
}

function fieldErrors(error: z.ZodError, place: 'query' | 'body'): FieldError[] {
  const found: FieldError[] = [];
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      const detail = place === 'query' ? 'unknown parameter' : 'unknown field';
      for (const key of issue.keys) found.push({ field: dotted([...issue.path, key]), detail });
    } else {
      // of a parameter with several values, the caller knows only its name
      const path = place === 'query' ? issue.path.slice(0, 1) : issue.path;
      found.push({ field: dotted(path), detail: issue.message });
    }
    if (found.length >= MAX_FIELD_ERRORS) break;
  }
  return found.slice(0, MAX_FIELD_ERRORS);
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.').slice(0, 200);
}
