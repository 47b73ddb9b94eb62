// OSCAL's datatypes, each at least as strict as OSCAL's own JSON Schema: what these take, that takes as well
// (test/frameworks/oscal-official.rules.test.ts compares the two).
import { z } from 'zod';

const TOKEN = /^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$/u;
const UUID = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$/;

// RFC 3986 without addresses in brackets, which no document of controls has needed
const ESCAPED = '%[0-9A-Fa-f]{2}';
const PLAIN = "A-Za-z0-9\\-._~!$&'()*+,;=";
const CHARACTER = `(?:[${PLAIN}:@]|${ESCAPED})`;
const SEGMENTS = `(?:/${CHARACTER}*)*`;
const AUTHORITY = `//(?:(?:[${PLAIN}:]|${ESCAPED})*@)?(?:[${PLAIN}]|${ESCAPED})*(?::[0-9]*)?`;
const ROOTED = `${AUTHORITY}${SEGMENTS}|/(?:${CHARACTER}+${SEGMENTS})?`;
const REST = `(?:\\?(?:${CHARACTER}|[/?])*)?(?:#(?:${CHARACTER}|[/?])*)?`;
const ABSOLUTE = `[A-Za-z][A-Za-z0-9+\\-.]+:(?:${ROOTED}|${CHARACTER}+${SEGMENTS})${REST}`;
const RELATIVE = `(?:${ROOTED}|(?:[${PLAIN}@]|${ESCAPED})+${SEGMENTS})?${REST}`;
const URI = new RegExp(`^${ABSOLUTE}$`);
const URI_REFERENCE = new RegExp(`^(?:${ABSOLUTE}|${RELATIVE})$`);

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const NAME = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const EMAIL = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${NAME}\\.)+${NAME}$`);

const TIME = String.raw`(?:2[0-3]|[01]\d):[0-5]\d:[0-5]\d(?:\.\d+)?`;
// the ones that are in use somewhere
const OFFSET = String.raw`Z|-(?:0\d|1[0-2]):00|-0[39]:30|\+(?:0\d|1[0-4]):00|\+(?:0[34569]|10):30|\+(?:0[58]|12):45`;
const DATE_TIME = new RegExp(String.raw`^(?:19|2\d)\d\d-\d\d-\d\dT${TIME}(?:${OFFSET})$`);

function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

// Postgres keeps no NUL, and no half of a surrogate pair
export const prose = z
  .string()
  .refine((value) => !value.includes('\u0000'), 'must not hold a NUL')
  .refine((value) => value.isWellFormed(), 'must not hold half a character');
/** Markup of one line, which may have blanks around it. */
export const markupLine = prose.regex(/^[^\n]+$/, 'must be one line that is not empty');
export const line = prose.regex(/^\S(.*\S)?$/u, 'must be one line without blanks around it');
export const token = z
  .string()
  .max(200, 'must not be longer than 200 characters')
  .regex(TOKEN, 'must be an OSCAL token');
export const uuid = z.string().regex(UUID, 'must be a UUID of version 4 or 5');
export const uri = z.string().regex(URI, 'must be a URI');
export const uriReference = z.string().regex(URI_REFERENCE, 'must be a URI reference');
export const email = z.string().regex(EMAIL, 'must be an e-mail address');
export const base64 = z.string().regex(/^[0-9A-Za-z+/]+={0,2}$/, 'must be base64');
export const dateTime = z
  .string()
  .regex(DATE_TIME, 'must be a date and time with its zone')
  .refine((value) => isDay(value.slice(0, 10)), 'must be a day of the calendar');

/** OSCAL leaves a list out rather than empty. */
export function some<T extends z.ZodType>(item: T) {
  return z.array(item).min(1).optional();
}
