// Statements that need no answer of one another, in one round trip.
import type { Knex } from 'knex';
import type { TenantDb } from './tenancy.js';

type Query = Pick<Knex.QueryBuilder, 'toQuery'>;

/**
 * One after the other, each on what is committed by then, as if they were sent one by one. They travel as text: what they
 * look for are ids and words of ours, never what people write. Two at least; one that is left out has no rows.
 */
export async function readTogether<Rows extends unknown[]>(
  trx: TenantDb,
  queries: { [Index in keyof Rows]: Query | undefined },
): Promise<{ [Index in keyof Rows]: { rows: Rows[Index][] } }> {
  const texts = queries.map((query) => query?.toQuery() ?? 'select where false');
  const sent = trx.raw(texts.join('; ').replaceAll('?', '\\?'));
  return await sent;
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
