// Statements that need no answer of one another, in one round trip.
import type { Knex } from 'knex';
import { send } from './dialect.js';
import { enteringToRead, exchange } from './exchange.js';
import type { Rows } from './reading.js';

type Query = Pick<Knex.QueryBuilder, 'toSQL'>;

/**
 * One after the other, each on what those before it have written and others have committed by then, as if they were sent
 * one by one.
 * @returns the rows of each; none of one that is left out
 */
export async function together<Found extends unknown[]>(
  { client, asking }: Pick<Rows, 'client' | 'asking'>,
  statements: { [Index in keyof Found]: Query | undefined },
): Promise<{ [Index in keyof Found]: Found[Index][] }> {
  const sent = statements.filter((statement) => statement !== undefined);
  const connection = await client.acquireConnection();
  try {
    const natives = sent.map((statement) => statement.toSQL().toNative());
    const answers = asking
      ? await exchange(connection, [enteringToRead(asking)], natives)
      : await send(connection, natives);
    const rows = statements.map((statement) => (statement && answers.shift()?.rows) ?? []);
    return rows as { [Index in keyof Found]: Found[Index][] };
  } finally {
    client.releaseConnection(connection);
  }
}
