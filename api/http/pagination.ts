// Keyset cursors: opaque, signed, and good only for the list they came from.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DomainError } from '../../domain/errors.js';

/** The sort values of the last row of a page, as the repository wants them back. */
export type CursorKey = (string | number | null)[];

export interface PageRequest {
  limit: number;
  after: CursorKey | undefined;
  answer<T>(result: { items: T[]; next: CursorKey | null }): { items: T[]; next_cursor: string | null };
}

export interface Cursors {
  encode(binding: string, key: CursorKey): string;
  /** @throws DomainError VALIDATION_ERROR on `cursor` unless it was made here for the same binding. */
  decode(binding: string, cursor: string): CursorKey;
}

const MAC_BYTES = 16;
const cursorKey = z.array(z.union([z.string(), z.number(), z.null()])).max(8);

/** @param keys the first signs; all of them are accepted, so that a key can be replaced. */
export function createCursors(keys: readonly [Buffer, ...Buffer[]]): Cursors {
  const mac = (key: Buffer, binding: string, payload: string): Buffer =>
    createHmac('sha256', key).update(binding).update('\0').update(payload).digest().subarray(0, MAC_BYTES);

  return {
    encode(binding, key) {
      const payload = JSON.stringify(key);
      return Buffer.concat([mac(keys[0], binding, payload), Buffer.from(payload)]).toString('base64url');
    },
    decode(binding, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const payload = bytes.subarray(MAC_BYTES).toString();
      const given = bytes.subarray(0, MAC_BYTES);
      const genuine =
        given.length === MAC_BYTES && keys.some((key) => timingSafeEqual(mac(key, binding, payload), given));
      if (!genuine) {
        throw new DomainError('VALIDATION_ERROR', 'not a cursor of this list', { field: 'cursor' });
      }
      return cursorKey.parse(JSON.parse(payload));
    },
  };
}

/** What a cursor is bound to: route, organization, and every filter; not the page size. */
function cursorBinding(route: string, org_id: string, query: unknown): string {
  const filters = Object.entries(query ?? {})
    .filter(([name]) => name !== 'cursor' && name !== 'limit')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([route, org_id, filters]);
}

const listQuery = z.object({ limit: z.number(), cursor: z.string().optional() });
const unpaged: PageRequest = {
  limit: 0,
  after: undefined,
  answer: () => {
    throw new Error('this route has no limit and cursor in its query');
  },
};

/** For a route; its query decides whether it is read by pages. */
export function pageReader(
  cursors: Cursors,
  route: string,
  schema: z.ZodType | undefined,
): (org_id: string, query: unknown) => PageRequest {
  if (!(schema instanceof z.ZodObject && 'limit' in schema.shape)) return () => unpaged;
  return (org_id, query) => {
    const { limit, cursor } = listQuery.parse(query);
    const binding = cursorBinding(route, org_id, query);
    return {
      limit,
      after: cursor === undefined ? undefined : cursors.decode(binding, cursor),
      answer: ({ items, next }) => ({
        items,
        next_cursor: next === null ? null : cursors.encode(binding, next),
      }),
    };
  };
}
