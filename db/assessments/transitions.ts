// What the workflow's hand writes: each state change with its slot, its command and its audit entry, repeatable.
import {
  type AssessmentCommand,
  type AssessmentStatus,
  type ExecutionLimits,
  type ExecutionStatus,
  isEnded,
} from '../../domain/assessments/rules.js';
import { notFound } from '../../domain/errors.js';
import { appendAudit, type AuditActor } from '../audit/repository.js';
import { acceptCommand, refuseCommand } from '../commands/repository.js';
import type { TenantDb } from '../tenancy.js';
import { setAssessmentStatus } from './repository.js';
import { retakeSlot } from './slots.js';

export interface RunKey {
  assessment_id: string;
  execution_id: string;
}

export interface LockedRun {
  /** Of the assessment, which may have gone on to another run. */
  assessment_status: AssessmentStatus;
  is_latest: boolean;
  status: ExecutionStatus;
  limits: ExecutionLimits;
  controls_total: number;
}

/** @throws DomainError NOT_FOUND when the run was deleted. */
export async function lockRun(trx: TenantDb, run: RunKey): Promise<LockedRun> {
  const { rows } = await trx.raw<{ rows: LockedRun[] }>(
    `select a.status as assessment_status, coalesce(a.execution_id = e.id, false) as is_latest,
       e.status, e.limits, e.controls_total
     from assessment a join assessment_execution e on e.org_id = a.org_id and e.assessment_id = a.id
     where a.id = ? and e.id = ? for no key update of a, e`,
    [run.assessment_id, run.execution_id],
  );
  const row = rows[0];
  if (!row) throw notFound('execution');
  return row;
}

/**
 * `starting` → `running`; after a pause that came in between only the beginning is noted. Repeated, it changes nothing.
 * @returns the run as it is then; an ended one is not to be worked on.
 */
export async function markRunning(trx: TenantDb, run: RunKey, run_id: string): Promise<LockedRun> {
  const locked = await lockRun(trx, run);
  if (isEnded(locked.status)) return locked;
  await execution(trx, run)
    .whereNull('started_at')
    .update({ run_id, started_at: trx.raw('clock_timestamp()') });
  if (locked.status !== 'starting' || locked.assessment_status !== 'in_progress') return locked;
  await execution(trx, run).update({ status: 'running', active_since: trx.raw('clock_timestamp()') });
  return { ...locked, status: 'running' };
}

export interface PauseEntry {
  command_id: string | null;
  cause: string;
  reason: string;
}

export async function markPaused(
  trx: TenantDb,
  actor: AuditActor,
  run: RunKey,
  pause: PauseEntry,
): Promise<void> {
  const locked = await lockRun(trx, run);
  if (isEnded(locked.status)) {
    await refuseCommand(trx, pause.command_id, `the run is ${locked.status}`);
    return;
  }
  await acceptCommand(trx, pause.command_id);
  if (locked.status === 'paused') return;
  await execution(trx, run).update({
    status: 'paused',
    slot: null,
    paused_cause: pause.cause,
    paused_reason: pause.reason,
    ...stopClock(trx),
  });
  await setAssessmentStatus(trx, run.assessment_id, 'paused');
  await auditRun(trx, actor, run, 'assessment.paused', locked, {
    status: 'paused',
    cause: pause.cause,
    reason: pause.reason,
  });
}

export interface ResumeEntry {
  command_id: string;
  /** Positions, [from, to), in which failed controls get another chance. */
  retry: readonly { from: number; to: number }[];
}

export async function markResumed(
  trx: TenantDb,
  actor: AuditActor,
  run: RunKey,
  { command_id, retry }: ResumeEntry,
): Promise<void> {
  const locked = await lockRun(trx, run);
  if (isEnded(locked.status)) {
    await refuseCommand(trx, command_id, `the run is ${locked.status}`);
    return;
  }
  await acceptCommand(trx, command_id);
  if (locked.status === 'running') return;
  // The slot was taken with the command, unless a refusal that came too late has given it back.
  if (locked.status === 'paused') await retakeSlot(trx, actor.org_id, run.execution_id);
  // A person who resumes after the budget was spent grants it once more.
  await execution(trx, run).update({
    status: 'running',
    active_since: trx.raw('clock_timestamp()'),
    budget_base: trx.raw(
      `case when paused_cause = 'budget' then tokens_in + tokens_out else budget_base end`,
    ),
    paused_cause: null,
    paused_reason: null,
  });
  for (const { from, to } of retry) {
    await trx('execution_control')
      .where({ execution_id: run.execution_id, status: 'failed' })
      .where('position', '>=', from)
      .where('position', '<', to)
      .update({ status: 'pending', reason: null, started_at: null, ended_at: null });
  }
  await setAssessmentStatus(trx, run.assessment_id, 'in_progress');
  await auditRun(trx, actor, run, 'assessment.resumed', locked, { status: 'in_progress' });
}

export interface Ending {
  status: 'completed' | 'failed' | 'cancelled';
  /** Why the run as a whole failed. */
  reason?: string;
}

/** The slot is free from here on. Repeated, it changes nothing. @returns how the run ended, now or before. */
export async function endExecution(
  trx: TenantDb,
  actor: AuditActor,
  run: RunKey,
  ending: Ending,
): Promise<Ending['status']> {
  const locked = await lockRun(trx, run);
  if (isEnded(locked.status)) return locked.status;
  await execution(trx, run).update({
    status: ending.status,
    slot: null,
    ended_at: trx.raw('clock_timestamp()'),
    failure: ending.reason ?? null,
    paused_cause: null,
    paused_reason: null,
    ...stopClock(trx),
  });
  await trx('execution_control')
    .where({ execution_id: run.execution_id, status: 'in_flight' })
    .update({ status: 'pending', started_at: null });
  if (locked.is_latest) await setAssessmentStatus(trx, run.assessment_id, ending.status);
  await settleCommands(trx, run.execution_id, ending.status);
  await auditRun(trx, actor, run, `assessment.${ending.status}`, locked, {
    status: ending.status,
    ...(ending.reason !== undefined && { reason: ending.reason }),
  });
  return ending.status;
}

/** Completed when at least one control has a verdict, also one carried over from an earlier run. */
export async function finishExecution(
  trx: TenantDb,
  actor: AuditActor,
  run: RunKey,
): Promise<Ending['status']> {
  const judged = await trx('execution_control')
    .where({ execution_id: run.execution_id, status: 'done' })
    .select('control_id')
    .first();
  return await endExecution(
    trx,
    actor,
    run,
    judged ? { status: 'completed' } : { status: 'failed', reason: 'no control could be judged' },
  );
}

async function settleCommands(trx: TenantDb, execution_id: string, ended: Ending['status']): Promise<void> {
  const accepted: AssessmentCommand[] = ended === 'cancelled' ? ['cancel'] : [];
  await trx('command')
    .where({ execution_id, status: 'requested' })
    .update({
      status: trx.raw(`case when kind = any(?) then 'accepted' else 'refused' end`, [accepted]),
      detail: trx.raw(`case when kind = any(?) then null else ? end`, [accepted, `the run is ${ended}`]),
      decided_at: trx.raw('clock_timestamp()'),
    });
}

function execution(trx: TenantDb, run: RunKey) {
  return trx('assessment_execution').where({ id: run.execution_id });
}

function stopClock(trx: TenantDb) {
  return {
    active_ms: trx.raw(
      `active_ms + coalesce(extract(epoch from clock_timestamp() - active_since) * 1000, 0)::bigint`,
    ),
    active_since: null,
  };
}

async function auditRun(
  trx: TenantDb,
  actor: AuditActor,
  run: RunKey,
  action: string,
  before: LockedRun,
  after: Record<string, unknown>,
): Promise<void> {
  await appendAudit(trx, actor, {
    action,
    resource_type: 'assessment',
    resource_id: run.assessment_id,
    before: { status: before.assessment_status },
    after: { ...after, execution_id: run.execution_id },
  });
}
