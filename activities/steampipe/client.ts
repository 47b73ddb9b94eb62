// Asks the inventory. Every query has its own connection, which is thrown away after it: nothing it sets can stay.
import { createHash } from 'node:crypto';
import pg from 'pg';
import { checkStatus, type CheckStatus } from '../../domain/assessments/rules.js';
import { OUTAGES } from '../../domain/temporal.js';
import { outage } from '../failures.js';

export interface SteampipeConfig {
  database_url: string;
  /** Connections at once, per process. */
  max_connections?: number;
  statement_timeout_ms?: number;
  connect_timeout_ms?: number;
}

/** The operator's word on what an organization may read. */
export interface SteampipeMapping {
  schema: string;
  role: string | null;
}

export interface CheckRow {
  resource: string;
  status: string;
  reason: string;
}

export interface CheckResult {
  status: CheckStatus;
  rows: CheckRow[];
  rows_sha256: string | null;
  counts: { ok: number; alarm: number; error: number; info: number; skip: number };
  /** A cap was hit: there may be more rows than these. */
  truncated: boolean;
  /** Why there is no verdict: the server's message, or why the check was skipped. */
  error: string | null;
}

export interface Steampipe {
  /** A query that fails is a result; only a server that does not answer is thrown, as STEAMPIPE_UNREACHABLE. */
  runCheck(
    check: { name: string; sql: string },
    mapping: SteampipeMapping,
    signal: AbortSignal,
  ): Promise<CheckResult>;
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const MAX_ROWS = 10_000;
const MAX_BYTES = 1_000_000;
const PAGE_ROWS = 500;
const MAX_CELL_CHARS = 500;
const NO_COUNTS = { ok: 0, alarm: 0, error: 0, info: 0, skip: 0 };

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

/** Order does not count: the same facts give the same hash. */
function hashRows(rows: readonly CheckRow[]): string {
  const lines = rows.map((row) => JSON.stringify([row.resource, row.status, row.reason])).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function conclude(rows: CheckRow[], cut: boolean): CheckResult {
  const counts = { ...NO_COUNTS };
  for (const row of rows) {
    if (row.status === 'ok' || row.status === 'alarm' || row.status === 'info' || row.status === 'skip')
      counts[row.status] += 1;
    else counts.error += 1;
  }
  const status = checkStatus(counts);
  const result = { rows, rows_sha256: hashRows(rows), counts, truncated: cut };
  if (cut && status !== 'fail')
    return {
      ...result,
      status: 'error',
      error: `more than ${MAX_ROWS} rows or ${MAX_BYTES} bytes: the rest was not looked at`,
    };
  switch (status) {
    case 'fail':
    case 'pass':
      return { ...result, status, error: null };
    case 'error':
      return { ...result, status, error: `${counts.error} resources could not be judged` };
    case 'skipped':
      return { ...result, status, error: nothingJudged(rows.length) };
  }
}

function nothingJudged(rows: number): string {
  return rows === 0
    ? 'the query returned no rows: there is nothing of this kind'
    : 'the query judges none of the resources that it found';
}

async function fetchRows(client: pg.PoolClient, sql: string): Promise<{ rows: CheckRow[]; cut: boolean }> {
  const body = sql.trim().replace(/;\s*$/u, '');
  // Extended protocol: exactly one statement. A cursor: the caps hold before the rows are here.
  const declare: pg.QueryConfig & { queryMode: string } = {
    text: `declare check_rows no scroll cursor for
      select left(resource::text, ${MAX_CELL_CHARS}) as resource, lower(left(status::text, 20)) as status,
        left(reason::text, ${MAX_CELL_CHARS}) as reason
      from (\n${body}\n) as checked`,
    queryMode: 'extended',
  };
  await client.query(declare);
  const rows: CheckRow[] = [];
  let bytes = 0;
  for (;;) {
    const page = await client.query<Record<keyof CheckRow, string | null>>(
      `fetch ${PAGE_ROWS} from check_rows`,
    );
    for (const row of page.rows) {
      const kept = { resource: row.resource ?? '', status: row.status ?? 'error', reason: row.reason ?? '' };
      bytes += Buffer.byteLength(kept.resource) + Buffer.byteLength(kept.reason) + kept.status.length;
      if (rows.length >= MAX_ROWS || bytes > MAX_BYTES) return { rows, cut: true };
      rows.push(kept);
    }
    if (page.rows.length < PAGE_ROWS) return { rows, cut: false };
  }
}

export function createSteampipe(config: SteampipeConfig): Steampipe {
  const statement_timeout_ms = config.statement_timeout_ms ?? 60_000;
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
    query_timeout: statement_timeout_ms + 5_000,
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
      throw outage(OUTAGES.steampipe, `the inventory does not answer: ${message(error)}`);
    }
  }

  async function begin(client: pg.PoolClient, mapping: SteampipeMapping): Promise<void> {
    await client.query('begin read only');
    // The first snapshot: from here on the transaction cannot be made writable again.
    await client.query('select 1');
    await client.query(
      "select set_config('statement_timeout', $1, true), set_config('search_path', $2, true)",
      [String(statement_timeout_ms), pg.escapeIdentifier(mapping.schema)],
    );
    if (mapping.role !== null) await client.query(`set local role ${pg.escapeIdentifier(mapping.role)}`);
  }

  return {
    async runCheck(check, mapping, signal): Promise<CheckResult> {
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
        await begin(client, mapping);
        const { rows, cut } = await fetchRows(client, check.sql);
        return conclude(rows, cut);
      } catch (error) {
        signal.throwIfAborted();
        if (unreachable(error))
          throw outage(OUTAGES.steampipe, `the inventory does not answer: ${message(error)}`);
        const late = sqlState(error) === '57014';
        const said = late
          ? `the query took longer than ${statement_timeout_ms / 1000} s`
          : message(error).slice(0, 500);
        return {
          status: 'error',
          rows: [],
          rows_sha256: null,
          counts: { ...NO_COUNTS },
          truncated: false,
          error: said,
        };
      } finally {
        if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
        await cancelled;
        client.release(true);
      }
    },
    async ping(signal): Promise<void> {
      const client = await connect(signal);
      try {
        await client.query('select 1');
      } catch (error) {
        throw outage(OUTAGES.steampipe, `the inventory does not answer: ${message(error)}`);
      } finally {
        client.release(true);
      }
    },
    close: () => pool.end(),
  };
}
