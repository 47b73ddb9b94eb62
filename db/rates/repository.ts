import type { Database } from '../connection.js';
import { translated } from '../errors.js';

export interface RateRow {
  allowed: boolean;
  remaining: number;
  reset_ms: number;
  now_ms: number;
}

/** Counts one call if it fits into the window; a refused call changes nothing. */
export async function takeRate(db: Database, key: string, max: number, window_ms: number): Promise<RateRow> {
  return await translated(async () => {
    const { rows } = await db.raw('select * from take_rate(?, ?, ?)', [key, max, window_ms]);
    return rows[0];
  });
}
