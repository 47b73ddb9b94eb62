// One query's stay in the inventory: a connection of its own, read-only, bounded, cancellable, thrown away after it.
import pg from 'pg';
import { OUTAGES } from '../../domain/temporal.js';
import { outage } from '../failures.js';

export interface SteampipeConfig {
  database_url: string;
  /** Connections at once, per process. */
  max_connections?: number;
  /** The longest that a query may take. */
  statement_timeout_ms?: number;
  connect_timeout_ms?: number;
}

/** The operator's word on what an organization may read. */
export interface SteampipeMapping {
  schema: string;
  role: string | null;
}

export interface Asked {
  mapping: SteampipeMapping;
  /** Where it may take less than the longest. */
  timeout_ms?: number;
  signal: AbortSignal;
  /** Past the service's query cache, whose answers may be minutes old. */
  fresh: boolean;
}

/** What the query itself did wrong, in words fit to be shown. */
export interface QueryFailure {
  failure: string;
}

export interface Sessions {
  /** @throws STEAMPIPE_UNREACHABLE when the server does not answer; a query that fails is an answer. */
  ask<T>(asked: Asked, work: (client: pg.PoolClient) => Promise<T>): Promise<T | QueryFailure>;
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Of a message of the server. */
const MAX_MESSAGE_CHARS = 500;

/** SQLSTATE classes and codes that speak of the server, not of the query. */
const SERVER_STATES = /^(?:08|28|3D|53|57P|58|XX)/u;

function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function unreachable(error: unknown): boolean {
  const state = sqlState(error);
  return state === undefined || SERVER_STATES.test(state);
}

function noAnswer(error: unknown): Error {
  return outage(OUTAGES.steampipe, `the inventory does not answer: ${message(error)}`);
}

export function createSessions(config: SteampipeConfig): Sessions {
  const longest_ms = config.statement_timeout_ms ?? 60_000;
  const connection = {
    connectionString: config.database_url,
    connectionTimeoutMillis: config.connect_timeout_ms ?? 5_000,
    keepAlive: true,
    application_name: 'grc-steampipe',
  };
  // The client's own limit is for a network that swallows packets; the server's comes first.
  const pool = new pg.Pool({
    ...connection,
    max: config.max_connections ?? 4,
    query_timeout: longest_ms + 5_000,
  });
  // An idle connection that breaks is replaced at the next use.
  pool.on('error', () => undefined);

  async function cancelBackend(pid: number): Promise<void> {
    const canceller = new pg.Client({ ...connection, query_timeout: 5_000 });
    canceller.on('error', () => undefined);
    try {
      await canceller.connect();
      await canceller.query('select pg_cancel_backend($1)', [pid]);
    } catch {
      // The connection is destroyed anyway; the server then notices at its next write.
    } finally {
      await canceller.end().catch(() => undefined);
    }
  }

  async function connect(signal: AbortSignal): Promise<pg.PoolClient> {
    signal.throwIfAborted();
    try {
      const client = await pool.connect();
      client.on('error', () => undefined);
      return client;
    } catch (error) {
      throw noAnswer(error);
    }
  }

  async function begin(
    client: pg.PoolClient,
    mapping: SteampipeMapping,
    statement_timeout_ms: number,
  ): Promise<void> {
    await client.query('begin read only');
    // The first snapshot: from here on the transaction cannot be made writable again.
    await client.query('select 1');
    await client.query(
      `select set_config('statement_timeout', $1, true), set_config('search_path', $2, true),
         set_config('standard_conforming_strings', 'on', true), set_config('work_mem', '32MB', true)`,
      [String(statement_timeout_ms), pg.escapeIdentifier(mapping.schema)],
    );
    if (mapping.role !== null) await client.query(`set local role ${pg.escapeIdentifier(mapping.role)}`);
  }

  /** Only a real Steampipe has the switch; where it may not be thrown, an answer of some minutes ago is one too. */
  async function bypassCache(client: pg.PoolClient): Promise<void> {
    const known = await client.query<{ known: boolean }>(
      `select to_regprocedure('steampipe_internal.meta_cache(text)') is not null as known`,
    );
    if (known.rows[0]?.known !== true) return;
    try {
      await client.query('begin read write');
      await client.query(`select from steampipe_internal.meta_cache('off')`);
      await client.query('commit');
    } catch (error) {
      if (unreachable(error)) throw error;
      await client.query('rollback');
    }
  }

  return {
    async ask({ mapping, signal, fresh, timeout_ms = longest_ms }, work) {
      const statement_timeout_ms = Math.min(timeout_ms, longest_ms);
      const client = await connect(signal);
      let cancelled: Promise<void> | undefined;
      let onAbort: (() => void) | undefined;
      try {
        const backend = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        const pid = backend.rows[0]?.pid;
        onAbort = (): void => {
          if (pid !== undefined) cancelled = cancelBackend(pid);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        signal.throwIfAborted();
        if (fresh) await bypassCache(client);
        await begin(client, mapping, statement_timeout_ms);
        return await work(client);
      } catch (error) {
        signal.throwIfAborted();
        if (unreachable(error)) throw noAnswer(error);
        const late = sqlState(error) === '57014';
        return {
          failure: late
            ? `the query took longer than ${statement_timeout_ms / 1000} s`
            : message(error).slice(0, MAX_MESSAGE_CHARS),
        };
      } finally {
        if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
        await cancelled;
        client.release(true);
      }
    },
    async ping(signal) {
      const client = await connect(signal);
      try {
        await client.query('select 1');
      } catch (error) {
        throw noAnswer(error);
      } finally {
        client.release(true);
      }
    },
    close: () => pool.end(),
  };
}
