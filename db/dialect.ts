// Postgres as knex speaks it, with transactions that begin and say who is asking in one round trip.
import type { Knex } from 'knex';
import PostgresTransaction from 'knex/lib/dialects/postgres/execution/pg-transaction.js';
import PostgresClient, { type SentQuery } from 'knex/lib/dialects/postgres/index.js';
import { prepared } from './prepared.js';

export interface EnteringConfig extends Knex.TransactionConfig {
  /** A statement that travels with BEGIN. It takes no parameters. */
  enter: string | undefined;
}

class EnteredTransaction extends PostgresTransaction {
  readonly #enter: string | undefined;

  constructor(client: object, work: unknown, config?: Partial<EnteringConfig>, ...rest: unknown[]) {
    super(client, work, config, ...rest);
    this.#enter = config?.enter;
  }

  override begin(connection: object): Promise<unknown> {
    if (this.#enter === undefined) return super.begin(connection);
    const level = this.isolationLevel === undefined ? '' : ` isolation level ${this.isolationLevel}`;
    return this.query(connection, `begin${level}; ${this.#enter}`);
  }
}

export class EnteringClient extends PostgresClient {
  override _query(connection: object, sent: SentQuery): Promise<SentQuery> {
    const { sql, bindings = [] } = sent;
    // without parameters it may be several statements, which cannot be prepared
    if (bindings.length > 0) sent.options = { ...prepared(sql, bindings), ...sent.options };
    return super._query(connection, sent);
  }
}

// Not an override: knex's types know only what a transaction hands to its work.
Object.defineProperty(EnteringClient.prototype, 'transaction', {
  value(this: EnteringClient, work: unknown, config?: Partial<EnteringConfig>, ...rest: unknown[]) {
    return new EnteredTransaction(this, work, config, ...rest);
  },
});
