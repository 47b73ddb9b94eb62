// Statements that need no answer of one another, in one round trip.
import type { Knex } from 'knex';
import { exchange } from './exchange.js';
import type { Rows } from './reading.js';
import type { TenantDb } from './tenancy.js';

type Query = Pick<Knex.QueryBuilder, 'toSQL'>;

/**
 * One after the other, each on what is committed by then, as if they were sent one by one.
 * @returns the rows of each; none of one that is left out
 */
export async function readTogether<Found extends unknown[]>(
  { client, asking }: Pick<Rows, 'client' | 'asking'>,
  queries: { [Index in keyof Found]: Query | undefined },
): Promise<{ [Index in keyof Found]: Found[Index][] }> {
  const asked = queries.filter((query) => query !== undefined);
  const connection = await client.acquireConnection();
  try {
    const answers = await exchange(
      connection,
      asking,
      asked.map((query) => query.toSQL().toNative()),
    );
    const rows = queries.map((query) => (query && answers.shift()?.rows) ?? []);
    return rows as { [Index in keyof Found]: Found[Index][] };
  } finally {
    client.releaseConnection(connection);
  }
}

/**
 * Writes of different rows, at once: none sees what another has written.
 * @param asked whose rows are the answer; it sees none of them either, and its locks come before theirs
 */
export async function writeTogether<Row>(
  trx: TenantDb,
  writes: readonly Knex.QueryBuilder[],
  asked: Knex.QueryBuilder = trx.select(trx.raw('1')),
): Promise<Row[]> {
  const names = writes.map((_, index) => `w${index} as (?)`);
  const { rows } = await trx.raw<{ rows: Row[] }>(`with ${names.join(', ')} ?`, [...writes, asked]);
  return rows;
}
