// A query whose answer is a number: one row of one numeric column, and not a byte more is fetched.
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { QueryFailure } from './session.js';

export interface Measured {
  value: number;
  rows_sha256: string;
}

const { INT2, INT4, INT8, FLOAT4, FLOAT8, NUMERIC } = pg.types.builtins;
const NUMERIC_TYPES: readonly number[] = [INT2, INT4, INT8, FLOAT4, FLOAT8, NUMERIC];

/** Beyond it a number loses its units when it becomes JSON. */
const MOST = Number.MAX_SAFE_INTEGER;

/** Inside a transaction of `session.ts`. */
export async function measure(client: pg.PoolClient, sql: string): Promise<Measured | QueryFailure> {
  // Extended protocol: exactly one statement. A cursor: what the answer is like is known before any of it is here.
  const declare: pg.QueryConfig & { queryMode: string } = {
    text: `declare kri_value no scroll cursor for\n${sql}`,
    queryMode: 'extended',
  };
  await client.query(declare);
  const { fields } = await client.query('fetch 0 from kri_value');
  const [column, ...more] = fields;
  if (!column || more.length > 0)
    return { failure: `the query answers ${fields.length} columns: one is needed` };
  if (!NUMERIC_TYPES.includes(column.dataTypeID))
    return { failure: `column ${JSON.stringify(column.name.slice(0, 63))} is not numeric` };
  const { rows } = await client.query<unknown[]>({ text: 'fetch 2 from kri_value', rowMode: 'array' });
  const [row, second] = rows;
  if (!row) return { failure: 'the query answers no row: one is needed' };
  if (second) return { failure: 'the query answers more than one row: one is needed' };
  const [cell] = row;
  if (cell === null) return { failure: 'the query answers NULL' };
  const value = Number(cell);
  if (!(Math.abs(value) <= MOST)) return { failure: 'the number is too large, or none at all' };
  return {
    value,
    rows_sha256: createHash('sha256')
      .update(JSON.stringify([[value]]))
      .digest('hex'),
  };
}
