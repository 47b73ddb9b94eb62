// Pause, resume, cancel: asked for here, done by the workflow. Checked against the row under its lock.
import { type AssessmentCommand, refusal } from '../../domain/assessments/rules.js';
import { DomainError } from '../../domain/errors.js';
import { assessmentWorkflowId } from '../../domain/temporal.js';
import { appendAudit } from '../audit/repository.js';
import {
  type CommandActor,
  insertCommand,
  listOpenCommands,
  type RequestedCommand,
} from '../commands/repository.js';
import type { TenantDb } from '../tenancy.js';
import { lockAssessment } from './repository.js';
import { retakeSlot } from './slots.js';

/**
 * Command, outbox and audit row in one transaction; a resume also takes its slot.
 * @throws DomainError CONFLICT in the wrong state, RATE_LIMITED when a resume finds no slot.
 */
export async function requestCommand(
  trx: TenantDb,
  actor: CommandActor,
  assessment_id: string,
  kind: AssessmentCommand,
): Promise<RequestedCommand> {
  const { status, execution_id } = await lockAssessment(trx, assessment_id);
  const refused = refusal(status, kind);
  if (refused !== undefined) throw new DomainError('CONFLICT', refused);
  if (execution_id === null) throw new Error('an assessment in a live state has no execution');

  const workflow_id = assessmentWorkflowId(actor.org_id, execution_id);
  const open = await listOpenCommands(trx, workflow_id);
  const same = open.find((command) => command.kind === kind);
  if (same) return { command_id: same.id, outbox_id: null };
  if (open.some((command) => command.kind === 'cancel')) {
    throw new DomainError('CONFLICT', `cannot ${kind} an assessment whose cancellation is requested`);
  }
  if (kind === 'resume') await retakeSlot(trx, actor.org_id, execution_id);
  const requested = await insertCommand(trx, actor, { workflow_id, kind, execution_id });
  await appendAudit(trx, actor, {
    action: `assessment.${kind}`,
    resource_type: 'assessment',
    resource_id: assessment_id,
    before: { status },
    after: { requested: kind, command_id: requested.command_id },
  });
  return requested;
}

/** A resume that the workflow has refused gives its slot back. Repeatable. */
export async function releaseResume(trx: TenantDb, command_id: string): Promise<void> {
  // Only what the request itself has set: a run that began is `starting` with its assessment in progress.
  await trx.raw(
    `update assessment_execution e set status = 'paused', slot = null
     from assessment a, command c
     where c.id = ? and c.kind = 'resume' and c.status = 'requested' and e.id = c.execution_id
       and e.status = 'starting' and a.org_id = e.org_id and a.id = e.assessment_id and a.status = 'paused'`,
    [command_id],
  );
}

/** Before an organization goes: every live run is asked to cancel, in the same transaction. */
export async function cancelLiveExecutions(trx: TenantDb, actor: CommandActor): Promise<number> {
  const live: string[] = await trx('assessment_execution')
    .whereIn('status', ['starting', 'running', 'paused'])
    .pluck('id');
  for (const execution_id of live) {
    const workflow_id = assessmentWorkflowId(actor.org_id, execution_id);
    await insertCommand(trx, actor, { workflow_id, kind: 'cancel', execution_id });
  }
  return live.length;
}
