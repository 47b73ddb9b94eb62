// Reads in one round trip: who is asking and the statement travel together, and Postgres makes one transaction of both.
import type { Knex } from 'knex';
import type { Client, Connection } from 'pg';
import Query from 'pg/lib/query.js';
import { prepared } from './prepared.js';

/** Who is asking; '' for nobody. */
export interface Asking {
  org_id: string;
  user_id: string;
}

/** What a read is made of. */
export interface Rows {
  (table: Knex.TableDescriptor | Knex.AliasDict): Knex.QueryBuilder;
  raw: Knex.RawBuilder;
}

/** Prepared on every connection when it is opened. */
export const ENTER = {
  name: 'enter',
  text: `select set_config('app.org_id', $1, true), set_config('app.user_id', $2, true),
    set_config('transaction_read_only', 'on', true)`,
  values: ['', ''],
};

/**
 * Without BEGIN, a transaction is what lies before a Sync. So the settings end with the statement, whatever becomes of
 * it, and a statement whose settings fail is not run.
 */
class EnteredQuery extends Query {
  readonly #asking: Asking;
  #entered = false;

  constructor(
    asking: Asking,
    { sql: text, bindings: values = [] }: Sent,
    answered: (error: Error | null, response: unknown) => void,
  ) {
    super({ text, values, ...prepared(text, values) }, answered);
    this.#asking = asking;
  }

  /** Also where nothing is bound: the other protocol has one statement only. */
  override requiresPreparation(): boolean {
    return true;
  }

  override prepare(connection: Connection): void {
    const { org_id, user_id } = this.#asking;
    connection.bind({ statement: ENTER.name, values: [org_id, user_id] }, true);
    connection.execute({}, true);
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#entered) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.#entered) super.handleCommandComplete(message, connection);
    this.#entered = true;
  }
}

interface Sent {
  sql: string;
  bindings?: unknown[];
  response?: unknown;
}

/** Every statement by itself, on whatever connection is free; none can write. */
export function readAs({ client }: Knex, asking: Asking): Rows {
  const reader: Knex.Client = Object.create(client, {
    _query: {
      value: async (connection: Client, sent: Sent): Promise<Sent> => {
        sent.response = await new Promise((resolve, reject) => {
          connection.query(
            new EnteredQuery(asking, sent, (error, response) => (error ? reject(error) : resolve(response))),
          );
        });
        return sent;
      },
    },
  });
  return Object.assign((table: Knex.TableDescriptor | Knex.AliasDict) => reader.queryBuilder().from(table), {
    raw: (...sql: unknown[]) => reader.raw(...sql),
  });
}
