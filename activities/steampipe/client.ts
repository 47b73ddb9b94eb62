// Asks the inventory. Every query has its own connection, which is thrown away after it: nothing it sets can stay.
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { checkStatus, type CheckStatus } from '../../domain/assessments/rules.js';
import { measure, type Measured } from './measure.js';
import { createSessions, type QueryFailure, type SteampipeConfig, type SteampipeMapping } from './session.js';

export type { SteampipeConfig, SteampipeMapping } from './session.js';

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
  /** Past the query cache: what is the case now. The query has passed the guard. */
  measure(sql: string, mapping: SteampipeMapping, signal: AbortSignal): Promise<Measured | QueryFailure>;
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const MAX_ROWS = 10_000;
/** What a person has written runs every hour, and beside everybody else's. */
const MEASURE_TIMEOUT_MS = 30_000;
const MAX_BYTES = 1_000_000;
const PAGE_ROWS = 500;
const MAX_CELL_CHARS = 500;
const NO_COUNTS = { ok: 0, alarm: 0, error: 0, info: 0, skip: 0 };

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
  const sessions = createSessions(config);
  return {
    async runCheck(check, mapping, signal) {
      const asked = { mapping, signal, fresh: false };
      const found = await sessions.ask(asked, (client) => fetchRows(client, check.sql));
      if (!('failure' in found)) return conclude(found.rows, found.cut);
      const nothing = { rows: [], rows_sha256: null, counts: { ...NO_COUNTS }, truncated: false };
      return { ...nothing, status: 'error', error: found.failure };
    },
    measure: (sql, mapping, signal) =>
      sessions.ask({ mapping, signal, fresh: true, timeout_ms: MEASURE_TIMEOUT_MS }, (client) =>
        measure(client, sql),
      ),
    ping: (signal) => sessions.ping(signal),
    close: () => sessions.close(),
  };
}
