import { type AssessmentCommand, EXECUTION_SLOTS, tighterBudget } from '../../domain/assessments/rules.js';
import type {
  Assessment,
  AssessmentCreate,
  AssessmentDetail,
  AssessmentProgress,
  CommandResult,
  ExecuteResult,
} from '../../domain/assessments/schema.js';
import { assessmentWorkflowId, REQUEST_DEADLINE_MS } from '../../domain/temporal.js';
import type { TenantContext, TenantRef } from '../../domain/tenant.js';
import { requestCommand } from '../../db/assessments/commands.js';
import { startExecution } from '../../db/assessments/executions.js';
import { getProgress } from '../../db/assessments/progress.js';
import * as assessments from '../../db/assessments/repository.js';
import { appendAudit } from '../../db/audit/repository.js';
import { recomputeByControls } from '../../db/risks/assurance.js';
import { readTenant, withTenant } from '../../db/tenancy.js';
import { progressQuery } from '../../workflows/assessments/messages.js';
import { type CommandDeps, runCommand } from '../commands.js';
import { type WebUi, workflowLink } from '../web-ui.js';
import { countingWithin, type LimitState } from '../http/rate-limit.js';

export interface AssessmentDeps extends CommandDeps {
  web_ui: WebUi;
  /** The operator's bounds of every run. */
  run_limits: { concurrency: number; token_budget: number | null; unreachable_ms: number };
  stopping: AbortSignal;
}

/** @throws DomainError VALIDATION_ERROR for an unknown framework or control. */
export async function createAssessment(
  deps: AssessmentDeps,
  tenant: TenantContext,
  body: AssessmentCreate,
): Promise<AssessmentDetail> {
  return await withTenant(deps.db, tenant, async (trx) => {
    const added = await assessments.insertAssessment(trx, tenant, body);
    const detail = toDetail(deps, tenant, await assessments.getAssessmentDetail(trx, added.id));
    await auditAssessment(trx, tenant, 'assessment.create', added, { after: summaryOf(added) });
    return detail;
  });
}

export async function readAssessment(
  deps: AssessmentDeps,
  tenant: TenantContext,
  assessment_id: string,
): Promise<AssessmentDetail> {
  const row = await readTenant(deps.db, tenant, (trx) => assessments.getAssessmentDetail(trx, assessment_id));
  return toDetail(deps, tenant, row);
}

/** @throws DomainError CONFLICT while it is being executed or paused. */
export async function deleteAssessment(
  deps: AssessmentDeps,
  tenant: TenantContext,
  assessment_id: string,
): Promise<{ id: string; deleted: true }> {
  await withTenant(deps.db, tenant, async (trx) => {
    const { removed, control_ids } = await assessments.removeAssessment(trx, assessment_id);
    const moved = await recomputeByControls(trx, tenant, control_ids);
    await auditAssessment(trx, tenant, 'assessment.delete', removed, { before: summaryOf(removed) });
    await appendAudit(trx, tenant, moved);
  });
  return { id: assessment_id, deleted: true };
}

/** @throws DomainError CONFLICT while it is being executed, RATE_LIMITED when five others are. */
export async function executeAssessment(
  deps: AssessmentDeps,
  tenant: TenantContext,
  request: { assessment_id: string; restart: boolean },
  countsAgainst: (limit: LimitState) => void,
): Promise<ExecuteResult> {
  const { assessment_id } = request;
  const started = await countingSlots(countsAgainst, () =>
    withTenant(deps.db, tenant, (trx) =>
      startExecution(trx, tenant, {
        ...request,
        limits: ({ token_budget, review_threshold }) => ({
          ...deps.run_limits,
          token_budget: tighterBudget(deps.run_limits.token_budget, token_budget),
          review_threshold,
        }),
      }),
    ),
  );
  countsAgainst(slotLimit(started.slots_left));
  const { run_id } = await deps.temporal.deliver(tenant, started.outbox_id, REQUEST_DEADLINE_MS);
  return {
    assessment_id,
    execution_id: started.execution_id,
    status: 'in_progress',
    workflow: linkOf(deps, tenant, started.execution_id, run_id),
  };
}

/** Answers when the workflow has accepted, or after the deadline with `requested`: it is not lost then. */
export async function commandAssessment(
  deps: AssessmentDeps,
  tenant: TenantContext,
  assessment_id: string,
  kind: AssessmentCommand,
): Promise<CommandResult> {
  const command = await runCommand(deps, tenant, (trx) => requestCommand(trx, tenant, assessment_id, kind));
  const { progress } = await readTenant(deps.db, tenant, (trx) => getProgress(trx, assessment_id));
  return { ...progress, requested: command ? null : kind };
}

/** The row is the answer; the workflow is asked only when somebody wants to see it live. */
export async function getAssessmentStatus(
  deps: AssessmentDeps,
  tenant: TenantContext,
  assessment_id: string,
  live: boolean,
): Promise<AssessmentProgress> {
  const { progress, run } = await readTenant(deps.db, tenant, async (trx) => ({
    progress: (await getProgress(trx, assessment_id)).progress,
    run: live ? (await assessments.getAssessmentDetail(trx, assessment_id)).run : null,
  }));
  if (run === null || (progress.status !== 'in_progress' && progress.status !== 'paused')) return progress;
  const workflow_id = assessmentWorkflowId(tenant.org_id, run.execution_id);
  const said = await deps.temporal.ask(workflow_id, progressQuery, REQUEST_DEADLINE_MS);
  if (said === undefined) return progress;
  return {
    ...progress,
    status: said.paused ? 'paused' : 'in_progress',
    paused_reason: said.paused_reason,
    source: 'workflow',
  };
}

/** The headers show how many runs the organization may still start. */
export async function countingSlots<T>(
  countsAgainst: (limit: LimitState) => void,
  work: () => Promise<T>,
): Promise<T> {
  return await countingWithin({ limit: EXECUTION_SLOTS, countsAgainst }, work);
}

function slotLimit(remaining: number): LimitState {
  return { limit: EXECUTION_SLOTS, remaining, reset_at_ms: Date.now() + 60_000 };
}

type Row = Awaited<ReturnType<typeof assessments.getAssessmentDetail>>;

function toDetail(deps: AssessmentDeps, tenant: TenantRef, { run, ...row }: Row): AssessmentDetail {
  return { ...row, workflow: run && linkOf(deps, tenant, run.execution_id, run.run_id) };
}

function linkOf(
  { web_ui }: AssessmentDeps,
  tenant: TenantRef,
  execution_id: string,
  run_id: string | null,
): ExecuteResult['workflow'] {
  return workflowLink(web_ui, assessmentWorkflowId(tenant.org_id, execution_id), run_id);
}

function summaryOf({ name, framework_id, status }: Assessment): Record<string, unknown> {
  return { name, framework_id, status };
}

async function auditAssessment(
  trx: Parameters<typeof appendAudit>[0],
  tenant: TenantContext,
  action: string,
  { id }: Assessment,
  change: { before?: Record<string, unknown>; after?: Record<string, unknown> },
): Promise<void> {
  await appendAudit(trx, tenant, { action, resource_type: 'assessment', resource_id: id, ...change });
}
