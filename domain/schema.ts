// Pieces that every resource's schema is made of.
import { z } from 'zod';

export const uuid = z.uuid().meta({ description: 'UUIDv7' });
export const timestamp = z.iso.datetime().meta({ description: 'ISO 8601, UTC with Z' });
export const date = z.iso.date();

/** Text people read: trimmed, no control characters but line breaks and tabs, bounded. */
export function text(max: number, min = 1): z.ZodString {
  const trimmed = z
    .string()
    .trim()
    .min(min)
    .max(max)
    // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
    .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u, 'must not hold control characters');
  // trimming happens before the count, which the document cannot say in another way
  return min === 0 ? trimmed : trimmed.meta({ not: { pattern: '^\\s*$' } });
}

// labels of at most 63 characters (RFC 1035)
const EMAIL =
  /^(?:[A-Za-z0-9_'+-]+\.)*[A-Za-z0-9_'+-]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;
const MOST_BEFORE_THE_AT = 64; // RFC 5321

/** An address to write to; lower case, because people type it as they like. */
export const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(EMAIL, 'must be an e-mail address')
  .refine((address) => address.indexOf('@') <= MOST_BEFORE_THE_AT, 'must be an e-mail address')
  .meta({ format: 'email' });

/** A list filter: one value or several of them (a comma or a repeat means any-of). */
export function anyOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.array(z.enum(values)).min(1).max(50).optional();
}

export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1000).optional(),
});

export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

export const workflowLink = z
  .object({ id: z.string(), run_id: z.string().nullable(), url: z.string() })
  .meta({ id: 'WorkflowLink' });

export const deleted = z.object({ id: uuid, deleted: z.literal(true) }).meta({ id: 'Deleted' });
