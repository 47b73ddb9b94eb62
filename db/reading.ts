// Reads in one round trip: who is asking and the statement travel together, and Postgres makes one transaction of both.
import type { Knex } from 'knex';
import type { Client } from 'pg';
import { type Asking, enteringToRead, exchange, type Statement } from './exchange.js';

/** What a read is made of. */
export interface Rows {
  (table: Knex.TableDescriptor | Knex.AliasDict): Knex.QueryBuilder;
  raw: Knex.RawBuilder;
  client: Knex.Client;
  /** Left out in a transaction. */
  asking?: Asking;
}

interface Sent extends Statement {
  response?: unknown;
}

/** Every statement by itself, on whatever connection is free; none can write. */
export function readAs({ client }: Knex, asking: Asking): Rows {
  const reader: Knex.Client = Object.create(client, {
    _query: {
      value: async (connection: Client, sent: Sent): Promise<Sent> => {
        [sent.response] = await exchange(connection, [enteringToRead(asking)], [sent]);
        return sent;
      },
    },
  });
  return Object.assign((table: Knex.TableDescriptor | Knex.AliasDict) => reader.queryBuilder().from(table), {
    raw: (...sql: unknown[]) => reader.raw(...sql),
    client,
    asking,
  });
}
