// Limits that are counted from the very rows they limit: exact, and nothing has to be given back.
import { DomainError } from '../../domain/errors.js';
import type { TenantDb } from '../tenancy.js';

export interface RowLimit {
  table: 'report' | 'evidence_upload';
  /** When each was made. */
  at: 'created_at' | 'at';
  /** What is made, for who has made too much of it. */
  things: string;
  max: number;
  window_ms: number;
}

export interface Turn {
  /** How many may still be made after this one. */
  remaining: number;
  /** When the oldest that counts leaves the window, milliseconds since 1970. */
  reset_at_ms: number;
}

/**
 * Whoever counts waits for whoever is about to add one; call it before the insert, in its transaction.
 * @throws DomainError RATE_LIMITED with the seconds until the next may be made
 */
export async function takeTurn(
  trx: TenantDb,
  org_id: string,
  { table, at, things, max, window_ms }: RowLimit,
): Promise<Turn> {
  await trx.raw(`select pg_advisory_xact_lock(hashtextextended(?, 34))`, [`${org_id}/${table}`]);
  const { rows } = await trx.raw<{ rows: { made: number; oldest_ms: number | null; now_ms: number }[] }>(
    `select count(*) as made, extract(epoch from min(??))::float8 * 1000 as oldest_ms,
       extract(epoch from clock_timestamp())::float8 * 1000 as now_ms
     from ?? where org_id = ? and ?? > clock_timestamp() - ? * interval '1 millisecond'`,
    [at, table, org_id, at, window_ms],
  );
  const { made = 0, oldest_ms = null, now_ms = Date.now() } = rows[0] ?? {};
  const reset_at_ms = (oldest_ms ?? now_ms) + window_ms;
  if (made < max) return { remaining: max - made - 1, reset_at_ms };
  throw new DomainError('RATE_LIMITED', `more than ${max} ${things} of this organization within an hour`, {
    retry_after_s: Math.max(1, Math.ceil((reset_at_ms - now_ms) / 1000)),
  });
}
