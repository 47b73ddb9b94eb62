import { DomainError } from '../errors.js';

/** A place in an OSCAL document that cannot be taken as it was meant. */
export function refused(field: string, detail: string): DomainError {
  return new DomainError('VALIDATION_ERROR', `${field}: ${detail}`, { field });
}

/** A real catalogue nests to about ten; more could only mean to exhaust the reader. */
const DEEPEST = 40;

/** Before anything reads a document by recursion. */
export function refuseDeep(document: unknown): void {
  let level: unknown[] = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST)
      throw new DomainError('VALIDATION_ERROR', `the document nests deeper than ${DEEPEST} levels`);
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null
        ? Object.values(value).filter((inner) => typeof inner === 'object')
        : [],
    );
  }
}
