// Keyset pages: the caller passes the last key it saw, never an offset.

/** The sort key of the last row of a page; what the API hides in its opaque cursor. */
export type PageKey = (string | number | null)[];

export interface PageRequest {
  limit: number;
  after?: PageKey | undefined;
}

export interface PageResult<T> {
  items: T[];
  next: PageKey | null;
}

/** Rows come one more than asked for: that one only says that there is a next page. */
export function toPage<T>(rows: T[], limit: number, keyOf: (row: T) => PageKey): PageResult<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? keyOf(last) : null };
}

/** One part of the key; a signed cursor always has it, so a missing one is a bug of the repository. */
export function keyPart(key: PageKey, index: number): string | number {
  const part = key[index];
  if (part === undefined || part === null) throw new Error(`page key without part ${index}`);
  return part;
}
