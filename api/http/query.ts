// Query strings: a comma or a repeat means any-of for filters; anything else may stand there once.
import { z } from 'zod';
import { DomainError } from '../../domain/errors.js';
import type { Schema } from './spec.js';

/** Not the other spellings that JavaScript takes for numbers: 1e2, 0x10, an empty text. */
const DECIMAL = /^-?\d+(\.\d+)?$/;

type Values = Record<string, string | string[]>;

/** Reads a query string into what the schema expects: arrays for its array fields, text for the others. */
export function queryReader(schema: Schema | undefined): (querystring: string) => Values | undefined {
  const lists = fieldsOf(schema, (field) => field instanceof z.ZodArray);
  const numbers = fieldsOf(schema, (field) => field instanceof z.ZodNumber);
  return (querystring) => {
    if (querystring === '') return schema === undefined ? undefined : {};
    const values: Values = Object.create(null);
    for (const pair of querystring.split('&')) {
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const name = decode(at === -1 ? pair : pair.slice(0, at));
      const value = decode(at === -1 ? '' : pair.slice(at + 1));
      const before = values[name];
      if (lists.has(name)) {
        values[name] = [...(Array.isArray(before) ? before : []), ...value.split(',')];
      } else if (before !== undefined) {
        throw new DomainError('VALIDATION_ERROR', `${name}: given more than once`, { field: name });
      } else if (numbers.has(name) && !DECIMAL.test(value)) {
        throw new DomainError('VALIDATION_ERROR', `${name}: must be a number`, { field: name });
      } else {
        values[name] = value;
      }
    }
    return { ...values };
  };
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new DomainError('VALIDATION_ERROR', 'the query is not well-formed', { unreadable: true });
  }
  if (decoded.includes('\0')) {
    throw new DomainError('VALIDATION_ERROR', 'NUL is not allowed in the query', { unreadable: true });
  }
  return decoded;
}

function fieldsOf(schema: Schema | undefined, wanted: (field: unknown) => boolean): Set<string> {
  if (schema === undefined) return new Set();
  if (!(schema instanceof z.ZodObject)) throw new Error('a query schema is a strict object');
  const fields = Object.entries(schema.shape).filter(([, field]) => wanted(innermost(field)));
  return new Set(fields.map(([name]) => name));
}

function innermost(field: unknown): unknown {
  if (field instanceof z.ZodOptional || field instanceof z.ZodDefault) return innermost(field.unwrap());
  return field;
}
