// Verdicts become findings. Several that are ready at the same moment share one transaction: a commit costs more
// than the rows in it.
import type { Knex } from 'knex';
import type { ExecutionStatus } from '../../domain/assessments/rules.js';
import { ENDED_STATUSES, isEnded } from '../../domain/assessments/rules.js';
import type { CheckRun, Verdict } from '../../domain/findings/rules.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit, type AuditInput } from '../audit/repository.js';
import { newId } from '../ids.js';
import { recomputeLinked, recomputing } from '../risks/assurance.js';
import type { TenantDb } from '../tenancy.js';
import { together } from '../together.js';
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
  const { status, budget_spent, verdicts, failed } = await settle(trx, run.execution_id, step);
  if (isEnded(status)) return { status, budget_spent: false, taken: new Set() };
  const takes = status === 'running' ? step.takes : [];
  const {
    written,
    linked,
    taken,
    spent = budget_spent,
  } = await write(trx, actor.org_id, run, { verdicts, failed, takes });
  if (verdicts.some(({ needs_review }) => needs_review)) await oweReminders(trx, actor, run.execution_id);
  const moved = await recomputeLinked(trx, actor.actor_id, written.map(idOf), linked);
  await appendAudit(trx, actor, [...written.map((row) => auditOf(row, run.execution_id)), ...moved]);
  return { status, budget_spent: spent, taken: new Set(taken.map(idOf)) };
}

function idOf(item: { control_id: string }): string {
  return item.control_id;
}

const BUDGET_SPENT = `coalesce(tokens_in + tokens_out - budget_base >= (limits ->> 'token_budget')::bigint, false)`;

function runLock(trx: TenantDb, execution_id: string): Knex.QueryBuilder {
  return trx('assessment_execution')
    .select('status', trx.raw(`${BUDGET_SPENT} as budget_spent`))
    .where({ id: execution_id })
    .forNoKeyUpdate();
}

/** Of a run that has not ended. */
function controls(trx: TenantDb, execution_id: string, ids: readonly string[], statuses: readonly string[]) {
  const live = trx('assessment_execution').where({ id: execution_id }).whereNotIn('status', ENDED_STATUSES);
  return trx('execution_control')
    .where({ execution_id })
    .whereIn('control_id', ids)
    .whereIn('status', statuses)
    .whereExists(live);
}

interface Settled {
  verdicts: VerdictRecord[];
  failed: FailureRecord[];
}

/** Holds the run and ends the attempts. @returns what had not been settled before */
async function settle(
  trx: TenantDb,
  execution_id: string,
  { verdicts, failures, releases }: Step,
): Promise<RunRow & Settled> {
  const ended_at = trx.raw('clock_timestamp()');
  const open = (ids: readonly string[]) => controls(trx, execution_id, ids, ['pending', 'in_flight']);
  const [[run], ...settled] = await together<[RunRow, ...{ control_id: string }[]]>(trx, [
    runLock(trx, execution_id),
    verdicts.length === 0
      ? undefined
      : open(verdicts.map(idOf)).update({ status: 'done', ended_at }, ['control_id']),
    releases.length === 0
      ? undefined
      : controls(trx, execution_id, releases, ['in_flight']).update({ status: 'pending', started_at: null }),
    ...failures.map(({ control_id, reason }) =>
      open([control_id]).update({ status: 'failed', reason, ended_at }, ['control_id']),
    ),
  ]);
  const fresh = new Set(settled.flat().map(idOf));
  return {
    // deleted with its assessment: there is nothing left to write
    ...(run ?? { status: 'cancelled', budget_spent: false }),
    verdicts: verdicts.filter((item) => fresh.has(item.control_id)),
    failed: failures.filter((item) => fresh.has(item.control_id)),
  };
}

/** @returns also whether the budget is spent by it, if it costs anything */
async function write(
  trx: TenantDb,
  org_id: string,
  run: { assessment_id: string; execution_id: string },
  { verdicts, failed, takes }: Settled & Pick<Step, 'takes'>,
) {
  const ids = verdicts.map(idOf);
  const some = ids.length > 0;
  const [held, refreshed, risks] = some ? recomputing(trx, org_id, ids) : [];
  const [written, [counted], , , , linked, taken] = await together<
    [Written, RunRow, never, never, never, { risk_id: string }, { control_id: string }]
  >(trx, [
    some ? findingUpserts(trx, org_id, run, verdicts) : undefined,
    some || failed.length > 0 ? counting(trx, run.execution_id, verdicts, failed) : undefined,
    some ? judgementInserts(trx, org_id, run.execution_id, verdicts) : undefined,
    held,
    refreshed,
    risks,
    takes.length > 0 ? taking(trx, run.execution_id, takes) : undefined,
  ]);
  return { written, linked, taken, spent: counted?.budget_spent };
}

/** Nothing, once the budget is spent. */
function taking(trx: TenantDb, execution_id: string, ids: readonly string[]): Knex.QueryBuilder {
  const within = trx('assessment_execution').where({ id: execution_id }).whereRaw(`not ${BUDGET_SPENT}`);
  return controls(trx, execution_id, ids, ['pending', 'in_flight'])
    .whereExists(within)
    .update({ status: 'in_flight', started_at: trx.raw('clock_timestamp()') }, ['control_id']);
}

function counting(
  trx: TenantDb,
  execution_id: string,
  verdicts: readonly VerdictRecord[],
  failures: readonly FailureRecord[],
): Knex.Raw {
  const all = [...verdicts, ...failures];
  const sum = (key: 'tokens_in' | 'tokens_out'): number => all.reduce((total, item) => total + item[key], 0);
  return trx.raw(
    `update assessment_execution set controls_evaluated = controls_evaluated + ?,
       tokens_in = tokens_in + ?, tokens_out = tokens_out + ?
     where id = ? returning ${BUDGET_SPENT} as budget_spent`,
    [verdicts.length, sum('tokens_in'), sum('tokens_out'), execution_id],
  );
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

function findingUpserts(
  trx: TenantDb,
  org_id: string,
  run: { assessment_id: string; execution_id: string },
  verdicts: readonly VerdictRecord[],
): Knex.Raw {
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
  return trx.raw(
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

function judgementInserts(
  trx: TenantDb,
  org_id: string,
  execution_id: string,
  verdicts: readonly VerdictRecord[],
): Knex.QueryBuilder {
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
  return trx('judgement').insert(rows).onConflict().ignore();
}
