// What knex does not publish of its Postgres dialect: how a transaction is opened.
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

  export default class PostgresClient extends Knex.Client {}
}
