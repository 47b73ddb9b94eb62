// What knex does not publish of its Postgres dialect: how a transaction is opened, how a
// statement is sent.
declare module 'knex/lib/dialects/postgres/execution/pg-transaction.js' {
  export default class PostgresTransaction {
    constructor(client: object, ...rest: unknown[]);
    readonly isolationLevel: string | undefined;
    begin(connection: object): Promise<unknown>;
    query(connection: object, sql: string): Promise<unknown>;
  }
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import type { Knex } from 'knex';

  export interface SentQuery {
    sql: string;
    bindings?: unknown[];
    /** For pg, beside text and values. */
    options?: object;
  }

  export default class PostgresClient extends Knex.Client {
    _query(connection: object, sent: SentQuery): Promise<SentQuery>;
  }
}
