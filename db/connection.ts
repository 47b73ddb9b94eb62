import knex, { type Knex } from 'knex';
import pg from 'pg';
import { EnteringClient } from './dialect.js';
import { exchange, type Statement } from './exchange.js';

export type Database = Knex;

export interface DatabaseOptions {
  url: string;
  /** Connections of this process; the sum over processes stays under max_connections. */
  pool_max: number;
  /** Shown in pg_stat_activity. */
  application_name: string;
  /** Milliseconds after which a query on a dead link is given up. Default 5000. */
  query_timeout_ms?: number;
  /** Told why a connection cannot be had or has ended; without it knex prints that itself. */
  on_trouble?: (reason: string) => void;
}

// Times stay text (a Date makes JSON three times slower and drops microseconds), in the wire's form.
const TIMESTAMPTZ = 1184;
const DATE = 1082;
const INT8 = 20;
pg.types.setTypeParser(TIMESTAMPTZ, toIso);
pg.types.setTypeParser(DATE, (value) => value);
pg.types.setTypeParser(INT8, Number);

/** `2026-11-23 23:48:15.12+00` → `2026-11-23T23:48:15.12Z`; sessions run in UTC. */
function toIso(value: string): string {
  return `${value.replace(' ', 'T').replace(/\+00$/, '')}Z`;
}

export function connect(options: DatabaseOptions): Database {
  return knex({
    client: EnteringClient,
    connection: {
      connectionString: options.url,
      application_name: options.application_name,
      connectionTimeoutMillis: 2000,
      query_timeout: options.query_timeout_ms ?? 5000,
      keepAlive: true,
      options: '-c timezone=UTC',
    },
    pool: { min: 0, max: options.pool_max },
    acquireConnectionTimeout: 2000,
    ...(options.on_trouble && { log: quietly(options.on_trouble) }),
  });
}

/** knex adds the whole stack. */
function quietly(tell: (reason: string) => void) {
  const firstLine = (message: unknown): void => tell(String(message).split('\n')[0] ?? '');
  return { warn: firstLine, error: firstLine };
}

/** One statement without the query builder, which costs as much as the statement: for what every request asks. */
export async function ask(db: Database, statement: Statement): Promise<unknown[]> {
  const connection: pg.Client = await db.client.acquireConnection();
  try {
    const [answer] = await exchange(connection, [], [statement]);
    return answer?.rows ?? [];
  } finally {
    db.client.releaseConnection(connection);
  }
}

/**
 * Asks the inventory, a server that is not ours, on a connection of its own, closed at once.
 * @throws what pg throws, also when connecting or a statement takes longer
 */
export async function askInventory<T>(
  url: string,
  timeout_ms: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeout_ms,
    query_timeout: timeout_ms,
    application_name: 'grc-steampipe',
  });
  client.on('error', () => undefined); // the failed call says it already
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Whether it is there. */
export async function pingPostgres(url: string, timeout_ms: number): Promise<void> {
  await askInventory(url, timeout_ms, (client) => client.query('select 1'));
}
