// Postgres as knex speaks it, with fewer round trips: BEGIN and who is asking travel with a transaction's first statement,
// and what is left to its end with COMMIT.
import type { Knex } from 'knex';
import PostgresTransaction from 'knex/lib/dialects/postgres/execution/pg-transaction.js';
import PostgresClient, { type SentQuery } from 'knex/lib/dialects/postgres/index.js';
import type { Client } from 'pg';
import { exchange, type Statement } from './exchange.js';

export interface EnteringConfig extends Knex.TransactionConfig {
  /** What follows BEGIN. */
  enter: readonly Statement[];
}

type Query = Pick<Knex.QueryBuilder, 'toSQL'>;

/** What goes before the next statement of a connection. */
interface Waiting {
  opening: readonly Statement[];
  /** After the opening. */
  left: Statement[];
}

const waiting = new WeakMap<Client, Waiting>();

/** Sends statements after those that are waiting. */
export async function send(connection: Client, statements: readonly Statement[]) {
  const { opening, left } = take(connection);
  return await exchange(connection, [...opening, ...left], statements);
}

/**
 * Sent with the next statement of the transaction, or with its COMMIT: for the last ones of a change, whose answers nobody
 * waits for. What is wrong with them fails the transaction.
 */
export async function leaveToEnd({ client }: Knex.Transaction, statements: readonly Query[]): Promise<void> {
  const connection: Client = await client.acquireConnection();
  const { opening, left } = take(connection);
  const natives = statements.map((statement) => statement.toSQL().toNative());
  waiting.set(connection, { opening, left: [...left, ...natives] });
}

function take(connection: Client): Waiting {
  const found = waiting.get(connection);
  waiting.delete(connection);
  return found ?? { opening: [], left: [] };
}

class EnteredTransaction extends PostgresTransaction {
  readonly #enter: readonly Statement[];

  constructor(client: object, work: unknown, config?: Partial<EnteringConfig>, ...rest: unknown[]) {
    super(client, work, config, ...rest);
    this.#enter = config?.enter ?? [];
  }

  override begin(connection: Client): Promise<unknown> {
    const level = this.isolationLevel === undefined ? '' : ` isolation level ${this.isolationLevel}`;
    const mode = this.readOnly === true ? ' read only' : '';
    waiting.set(connection, { opening: [{ sql: `begin${level}${mode}` }, ...this.#enter], left: [] });
    return Promise.resolve();
  }
}

/** In knex's words. */
const COMMIT = 'COMMIT;';
const ROLLBACK = 'ROLLBACK';

/** Several cannot travel with others: whoever reads a text must send it alone. */
const SEVERAL = /;\s*\S/;

export class EnteringClient extends PostgresClient {
  override async _query(connection: Client, sent: SentQuery): Promise<SentQuery> {
    const { sql, bindings = [] } = sent;
    const unsent = waiting.get(connection);
    if (unsent && (sql === ROLLBACK || (sql === COMMIT && unsent.left.length === 0))) {
      waiting.delete(connection);
      // nothing was asked, so there is nothing to end
      if (unsent.opening.length > 0) return sent;
    }
    if (bindings.length === 0 && SEVERAL.test(sql)) {
      await send(connection, []);
      return await super._query(connection, sent);
    }
    try {
      [sent.response] = await send(connection, [{ sql, bindings }]);
    } catch (error) {
      // what was left to the end has failed: the transaction is still open, and knex takes it for ended
      if (sql === COMMIT) await connection.query(ROLLBACK).catch(() => undefined); // the first error says more
      throw error;
    }
    return sent;
  }
}

// Not an override: knex's types know only what a transaction hands to its work.
Object.defineProperty(EnteringClient.prototype, 'transaction', {
  value(this: EnteringClient, work: unknown, config?: Partial<EnteringConfig>, ...rest: unknown[]) {
    return new EnteredTransaction(this, work, config, ...rest);
  },
});
