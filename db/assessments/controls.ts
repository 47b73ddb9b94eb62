// The frozen control list of a run, as the activities work through it.
import type { Knex } from 'knex';
import type { Control } from '../../domain/frameworks/schema.js';
import type { ExecutionStatus, Evaluator } from '../../domain/assessments/rules.js';
import type { TenantDb, TenantReader } from '../tenancy.js';
import { together } from '../together.js';

export interface RunControl extends Omit<Control, 'kind' | 'group' | 'baselines'> {
  position: number;
}

export interface RunFacts {
  status: ExecutionStatus;
  evaluator: Evaluator | null;
  review_threshold: number;
  unreachable_ms: number;
}

export async function findRunFacts(trx: TenantDb, execution_id: string): Promise<RunFacts | undefined> {
  return await runFacts(trx, execution_id).first();
}

function runFacts(trx: TenantReader, execution_id: string): Knex.QueryBuilder {
  return trx('assessment_execution')
    .select(
      'status',
      'evaluator',
      trx.raw(`(limits ->> 'review_threshold')::float8 as review_threshold`),
      trx.raw(`(limits ->> 'unreachable_ms')::float8 as unreachable_ms`),
    )
    .where({ id: execution_id });
}

/** Controls of [from, to) without a result, in order. */
export async function listOpenControls(
  trx: TenantReader,
  execution_id: string,
  from: number,
  to: number,
): Promise<RunControl[]> {
  return await openControls(trx, execution_id, from, to);
}

/** What a batch begins with. */
export async function readBatch(
  trx: TenantReader,
  { execution_id, from, to }: { execution_id: string; from: number; to: number },
): Promise<{ facts: RunFacts | undefined; controls: RunControl[] }> {
  const [[facts], controls] = await together<[RunFacts, RunControl]>(trx, [
    runFacts(trx, execution_id),
    openControls(trx, execution_id, from, to),
  ]);
  return { facts, controls };
}

function openControls(trx: TenantReader, execution_id: string, from: number, to: number): Knex.QueryBuilder {
  return trx('execution_control as x')
    .join('control as c', 'c.id', 'x.control_id')
    .select('c.id', 'x.ref', 'x.position', 'c.title', 'c.description', 'c.question', 'c.guidance', 'c.checks')
    .where('x.execution_id', execution_id)
    .where('x.position', '>=', from)
    .where('x.position', '<', to)
    .whereIn('x.status', ['pending', 'in_flight'])
    .orderBy('x.position');
}

/** Tables of the checks that this run has still to ask. */
export async function listCheckTables(trx: TenantDb, execution_id: string): Promise<string[]> {
  const { rows } = await trx.raw<{ rows: { table: string }[] }>(
    `select distinct k ->> 'table' as table
     from execution_control x
     join control c on c.id = x.control_id
     cross join lateral jsonb_array_elements(c.checks) k
     where x.execution_id = ? and x.status in ('pending', 'in_flight')
       and not exists (select from check_result r
         where r.org_id = x.org_id and r.execution_id = x.execution_id and r.name = k ->> 'name')
     order by 1`,
    [execution_id],
  );
  return rows.map((row) => row.table);
}

export interface DueCheck {
  name: string;
  sql: string;
}

/** Each once, although several controls may rest on it. */
export async function listDueChecks(trx: TenantDb, execution_id: string, table: string): Promise<DueCheck[]> {
  const { rows } = await trx.raw<{ rows: DueCheck[] }>(
    `select distinct on (k ->> 'name') k ->> 'name' as name, k ->> 'sql' as sql
     from execution_control x
     join control c on c.id = x.control_id
     cross join lateral jsonb_array_elements(c.checks) k
     where x.execution_id = ? and x.status in ('pending', 'in_flight') and k ->> 'table' = ?
       and not exists (select from check_result r
         where r.org_id = x.org_id and r.execution_id = x.execution_id and r.name = k ->> 'name')
     order by 1`,
    [execution_id, table],
  );
  return rows;
}

export interface CheckResult {
  name: string;
  sql: string;
  status: 'pass' | 'fail' | 'error' | 'skipped';
  counts: Record<string, number>;
  rows: unknown[];
  rows_sha256: string | null;
  reason: string | null;
  duration_ms: number | null;
}

/** The first result of a check stays: a repeated activity changes nothing. */
export async function insertCheckResult(
  trx: TenantDb,
  org_id: string,
  execution_id: string,
  result: CheckResult,
): Promise<void> {
  await trx('check_result')
    .insert({
      ...result,
      org_id,
      execution_id,
      counts: JSON.stringify(result.counts),
      rows: JSON.stringify(result.rows),
    })
    .onConflict()
    .ignore();
}

export function checkResults(
  trx: TenantReader,
  execution_id: string,
  names: readonly string[],
): Knex.QueryBuilder {
  return trx('check_result')
    .select('name', 'sql', 'status', 'counts', 'rows', 'rows_sha256', 'reason', 'duration_ms')
    .where({ execution_id })
    .whereIn('name', names);
}
