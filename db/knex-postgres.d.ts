// What knex does not publish of its Postgres dialect: how a transaction is opened, how a statement is
// sent.
declare module 'knex/lib/dialects/postgres/execution/pg-transaction.js' {
  import type { Client } from 'pg';

  export default class PostgresTransaction {
    constructor(client: object, ...rest: unknown[]);
    readonly isolationLevel: string | undefined;
    readonly readOnly: boolean | undefined;
    begin(connection: Client): Promise<unknown>;
  }
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import type { Knex } from 'knex';
  import type { Client } from 'pg';

  export interface SentQuery {
    sql: string;
    bindings?: unknown[];
    response?: unknown;
  }

  export default class PostgresClient extends Knex.Client {
    _query(connection: Client, sent: SentQuery): Promise<SentQuery>;
  }
}
