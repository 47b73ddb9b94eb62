// The guard before every query that a user has written: read by Postgres' own grammar, judged by domain/kris.
import { hasSqlDetails, loadModule, parseSync } from 'libpg-query';
import { judgeQuery, MAX_QUERY_BYTES, type QueryProblem } from '../../domain/kris/query-guard.js';

export type GuardedQuery =
  | { ok: true; /** The one statement, without what stands behind it. */ sql: string; tables: string[] }
  | { ok: false; detail: string };

/** @param schemas those that the organization's queries may name; tables without one are looked up in them */
export async function guardQuery(text: string, schemas: readonly string[]): Promise<GuardedQuery> {
  if (text.trim() === '') return { ok: false, detail: 'the query is empty' };
  if (Buffer.byteLength(text) > MAX_QUERY_BYTES)
    return { ok: false, detail: `the query has more than ${MAX_QUERY_BYTES} bytes` };
  // the parser reads up to a NUL, the server would not
  if (text.includes('\0') || !text.isWellFormed())
    return { ok: false, detail: 'the query holds characters that no database reads' };
  await loadModule();
  const parsed = parse(text);
  if ('detail' in parsed) return refusal(text, parsed);
  const verdict = judgeQuery(parsed.statements, schemas);
  if (!verdict.ok) return refusal(text, verdict);
  return { ok: true, sql: only(text, parsed.statements[0]), tables: verdict.tables };
}

function parse(text: string): { statements: readonly object[] } | QueryProblem {
  try {
    return { statements: parseSync(text).stmts ?? [] };
  } catch (error) {
    if (hasSqlDetails(error) && error.sqlDetails) {
      const { message, cursorPosition } = error.sqlDetails;
      // it counts letters where its trees count bytes
      const before = [...text].slice(0, Math.max(0, cursorPosition)).join('');
      return { detail: message, location: Buffer.byteLength(before) };
    }
    // its stack is as bounded as ours
    if (error instanceof RangeError) return { detail: 'the query is nested too deep', location: undefined };
    throw error;
  }
}

/** Places are bytes, before which a statement may have blanks and comments, and behind which a semicolon. */
function only(text: string, statement: object | undefined): string {
  const place = (name: string): number | undefined => {
    const value: unknown = statement && Reflect.get(statement, name);
    return typeof value === 'number' ? value : undefined;
  };
  const [from = 0, length] = [place('stmt_location'), place('stmt_len')];
  const bytes = Buffer.from(text);
  return bytes.subarray(from, length === undefined ? undefined : from + length).toString();
}

function refusal(text: string, { detail, location }: QueryProblem): GuardedQuery {
  if (location === undefined) return { ok: false, detail };
  const lines = Buffer.from(text).subarray(0, location).toString().split('\n');
  return { ok: false, detail: `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}: ${detail}` };
}
