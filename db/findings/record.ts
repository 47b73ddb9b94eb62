// Verdicts become findings. Several that are ready at the same moment share one transaction: a commit costs more
// than the rows in it.
import type { ExecutionStatus } from '../../domain/assessments/rules.js';
import { isEnded } from '../../domain/assessments/rules.js';
import type { CheckRun, Verdict } from '../../domain/findings/rules.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit, type AuditInput } from '../audit/repository.js';
import { newId } from '../ids.js';
import { recomputeByControls } from '../risks/assurance.js';
import type { TenantDb } from '../tenancy.js';
import { oweReminders } from './reviews.js';

export interface VerdictRecord {
  control_id: string;
  verdict: Verdict;
  checks: CheckRun[];
  needs_review: boolean;
  review_days: number;
  evaluator: 'llm' | 'rules';
  model: string | null;
  prompt_version: string | null;
  prompt_sha256: string | null;
  raw_answer: string | null;
  /** What the verdict rests on: ids and hashes. */
  inputs: Record<string, unknown>;
  tokens_in: number;
  tokens_out: number;
}

export interface FailureRecord {
  control_id: string;
  reason: string;
  tokens_in: number;
  tokens_out: number;
}

export interface Step {
  verdicts: VerdictRecord[];
  failures: FailureRecord[];
  /** Controls to put back: their attempt ended without a result. */
  releases: string[];
  /** Controls that are to be worked on next. */
  takes: string[];
}

export interface StepResult {
  status: ExecutionStatus;
  budget_spent: boolean;
  taken: Set<string>;
}

interface RunRow {
  status: ExecutionStatus;
  budget_spent: boolean;
}

/**
 * One step of a run, under its row's lock: nothing is written after it ended, nothing is taken unless it runs, and
 * each control has its effect once however often the step is repeated. A finding that a person set stays as it is.
 */
export async function stepRun(
  trx: TenantDb,
  actor: TenantRef,
  run: { assessment_id: string; execution_id: string },
  step: Step,
): Promise<StepResult> {
  const { org_id } = actor;
  const status = await lockStatus(trx, run.execution_id);
  if (isEnded(status)) return { status, budget_spent: false, taken: new Set() };
  const fresh = await settle(trx, run.execution_id, step.verdicts.map(idOf), 'done');
  const verdicts = step.verdicts.filter((item) => fresh.has(item.control_id));
  const failed = await settleFailures(trx, run.execution_id, step.failures);
  if (step.releases.length > 0) {
    await controls(trx, run.execution_id, step.releases, ['in_flight']).update({
      status: 'pending',
      started_at: null,
    });
  }
  const written = await insertFindings(trx, org_id, run, verdicts);
  await insertJudgements(trx, org_id, run.execution_id, verdicts);
  if (verdicts.some(({ needs_review }) => needs_review)) await oweReminders(trx, actor, run.execution_id);
  const spent = await count(trx, run.execution_id, verdicts, failed);
  const mayTake = status === 'running' && !spent && step.takes.length > 0;
  const taken = mayTake ? await take(trx, run.execution_id, step.takes) : new Set<string>();
  const moved = await recomputeByControls(trx, actor, written.map(idOf));
  await appendAudit(trx, actor, [...written.map((row) => auditOf(row, run.execution_id)), ...moved]);
  return { status, budget_spent: spent, taken };
}

function idOf(item: { control_id: string }): string {
  return item.control_id;
}

async function lockStatus(trx: TenantDb, execution_id: string): Promise<ExecutionStatus> {
  const row: Pick<RunRow, 'status'> | undefined = await trx('assessment_execution')
    .select('status')
    .where({ id: execution_id })
    .forNoKeyUpdate()
    .first();
  // deleted with its assessment: there is nothing left to write
  return row?.status ?? 'cancelled';
}

function controls(trx: TenantDb, execution_id: string, ids: readonly string[], statuses: readonly string[]) {
  return trx('execution_control')
    .where({ execution_id })
    .whereIn('control_id', ids)
    .whereIn('status', statuses);
}

async function settle(
  trx: TenantDb,
  execution_id: string,
  ids: readonly string[],
  status: 'done' | 'failed',
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows: { control_id: string }[] = await controls(trx, execution_id, ids, [
    'pending',
    'in_flight',
  ]).update({ status, ended_at: trx.raw('clock_timestamp()') }, ['control_id']);
  return new Set(rows.map(idOf));
}

async function settleFailures(
  trx: TenantDb,
  execution_id: string,
  failures: readonly FailureRecord[],
): Promise<FailureRecord[]> {
  const fresh: FailureRecord[] = [];
  for (const failure of failures) {
    const changed = await controls(trx, execution_id, [failure.control_id], ['pending', 'in_flight']).update({
      status: 'failed',
      reason: failure.reason,
      ended_at: trx.raw('clock_timestamp()'),
    });
    if (changed === 1) fresh.push(failure);
  }
  return fresh;
}

async function take(trx: TenantDb, execution_id: string, ids: readonly string[]): Promise<Set<string>> {
  const rows: { control_id: string }[] = await controls(trx, execution_id, ids, [
    'pending',
    'in_flight',
  ]).update({ status: 'in_flight', started_at: trx.raw('clock_timestamp()') }, ['control_id']);
  return new Set(rows.map(idOf));
}

async function count(
  trx: TenantDb,
  execution_id: string,
  verdicts: readonly VerdictRecord[],
  failures: readonly FailureRecord[],
): Promise<boolean> {
  const all = [...verdicts, ...failures];
  const sum = (key: 'tokens_in' | 'tokens_out'): number => all.reduce((total, item) => total + item[key], 0);
  const spent = `coalesce(tokens_in + tokens_out - budget_base >= (limits ->> 'token_budget')::bigint, false)`;
  if (all.length === 0) {
    const row = await trx('assessment_execution')
      .select(trx.raw(`${spent} as budget_spent`))
      .where({ id: execution_id })
      .first();
    return row.budget_spent === true;
  }
  const { rows } = await trx.raw<{ rows: RunRow[] }>(
    `update assessment_execution set controls_evaluated = controls_evaluated + ?,
       tokens_in = tokens_in + ?, tokens_out = tokens_out + ?
     where id = ? returning ${spent} as budget_spent`,
    [verdicts.length, sum('tokens_in'), sum('tokens_out'), execution_id],
  );
  return rows[0]?.budget_spent ?? false;
}

interface Written {
  id: string;
  control_id: string;
  status: string;
  severity: string;
  was: { status: string; severity: string } | null;
}

const FIELDS = `id uuid, history_id uuid, control_id uuid, status text, severity text, confidence real,
  rationale text, citations jsonb, checks jsonb, gaps jsonb, remediation text, evaluated_by jsonb,
  needs_review boolean, review_days int, tokens_in int, tokens_out int`;

async function insertFindings(
  trx: TenantDb,
  org_id: string,
  run: { assessment_id: string; execution_id: string },
  verdicts: readonly VerdictRecord[],
): Promise<Written[]> {
  if (verdicts.length === 0) return [];
  const items = verdicts.map((item) => ({
    ...item.verdict,
    id: newId(),
    history_id: newId(),
    control_id: item.control_id,
    checks: item.checks,
    evaluated_by: {
      kind: item.evaluator,
      model: item.model,
      prompt_version: item.prompt_version,
      user_id: null,
    },
    needs_review: item.needs_review,
    review_days: item.review_days,
    tokens_in: item.tokens_in,
    tokens_out: item.tokens_out,
  }));
  const { rows } = await trx.raw<{ rows: Written[] }>(
    `with item as (select * from jsonb_to_recordset(?::jsonb) as i(${FIELDS})),
     before as (select f.control_id, f.status, f.severity from finding f join item i using (control_id)
       where f.assessment_id = ?),
     written as (
       insert into finding as f (org_id, id, assessment_id, control_id, execution_id, status, severity, confidence,
         rationale, citations, checks, gaps, remediation, evaluated_by, needs_review, review_due_at,
         tokens_in, tokens_out)
       select ?, i.id, ?, i.control_id, ?, i.status, i.severity, i.confidence, i.rationale, i.citations, i.checks,
         i.gaps, i.remediation, i.evaluated_by, i.needs_review,
         case when i.needs_review then clock_timestamp() + i.review_days * interval '1 day' end,
         i.tokens_in, i.tokens_out
       from item i
       on conflict (org_id, assessment_id, control_id) do update set
         execution_id = excluded.execution_id, status = excluded.status, severity = excluded.severity,
         confidence = excluded.confidence, rationale = excluded.rationale, citations = excluded.citations,
         checks = excluded.checks, gaps = excluded.gaps, remediation = excluded.remediation,
         evaluated_by = excluded.evaluated_by, judged_at = clock_timestamp(), needs_review = excluded.needs_review,
         review_due_at = excluded.review_due_at, review_reminded_at = null,
         tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out
       where not f.set_by_person
       returning f.org_id, f.id, f.control_id, f.status, f.severity, f.confidence, f.evaluated_by, f.remediation_notes),
     history as (
       insert into finding_history
         (org_id, finding_id, id, status, severity, confidence, evaluated_by, remediation_notes)
       select w.org_id, w.id, i.history_id, w.status, w.severity, w.confidence, w.evaluated_by, w.remediation_notes
       from written w join item i using (control_id))
     select w.id, w.control_id, w.status, w.severity,
       case when b.control_id is not null
         then json_build_object('status', b.status, 'severity', b.severity) end as was
     from written w left join before b using (control_id)`,
    [JSON.stringify(items), run.assessment_id, org_id, run.assessment_id, run.execution_id],
  );
  return rows;
}

function auditOf(row: Written, execution_id: string): AuditInput {
  return {
    action: 'finding.evaluate',
    resource_type: 'finding',
    resource_id: row.id,
    before: row.was,
    after: { status: row.status, severity: row.severity, execution_id },
  };
}

async function insertJudgements(
  trx: TenantDb,
  org_id: string,
  execution_id: string,
  verdicts: readonly VerdictRecord[],
): Promise<void> {
  if (verdicts.length === 0) return;
  const rows = verdicts.map((item) => ({
    org_id,
    execution_id,
    control_id: item.control_id,
    evaluator: item.evaluator,
    model: item.model,
    prompt_version: item.prompt_version,
    prompt_sha256: item.prompt_sha256,
    inputs: JSON.stringify(item.inputs),
    raw_answer: item.raw_answer,
    verdict: JSON.stringify(item.verdict),
    tokens_in: item.tokens_in,
    tokens_out: item.tokens_out,
  }));
  await trx('judgement').insert(rows).onConflict().ignore();
}
