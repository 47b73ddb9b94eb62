// Pause, resume, cancel: asked for here, done by the workflow. Checked against the row under its lock.
import { type AssessmentCommand, refusal } from '../../domain/assessments/rules.js';
import { DomainError, notFound } from '../../domain/errors.js';
import { assessmentWorkflowId } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit, type AuditActor } from '../audit/repository.js';
import { newId } from '../ids.js';
import { insertOutbox } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';
import { lockAssessment } from './repository.js';
import { retakeSlot } from './slots.js';
import { decideCommand } from './transitions.js';

/** The caller; an address where there is one. */
export type CommandActor = TenantRef & Pick<AuditActor, 'address'>;

export interface RequestedCommand {
  command_id: string;
  /** Null when the same command was waiting already: it is joined, never run twice. */
  outbox_id: string | null;
}

interface OpenCommand {
  id: string;
  kind: AssessmentCommand;
}

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

  const open: OpenCommand[] = await trx('command')
    .where({ execution_id, status: 'requested' })
    .select('id', 'kind');
  const same = open.find((command) => command.kind === kind);
  if (same) return { command_id: same.id, outbox_id: null };
  if (open.some((command) => command.kind === 'cancel')) {
    throw new DomainError('CONFLICT', `cannot ${kind} an assessment whose cancellation is requested`);
  }
  if (kind === 'resume') await retakeSlot(trx, actor.org_id, execution_id);
  const requested = await insertCommand(trx, actor, assessment_id, execution_id, kind);
  await appendAudit(trx, actor, {
    action: `assessment.${kind}`,
    resource_type: 'assessment',
    resource_id: assessment_id,
    before: { status },
    after: { requested: kind, command_id: requested.command_id },
  });
  return requested;
}

async function insertCommand(
  trx: TenantDb,
  actor: CommandActor,
  assessment_id: string,
  execution_id: string,
  kind: AssessmentCommand,
): Promise<{ command_id: string; outbox_id: string }> {
  const { org_id, actor_id, request_id } = actor;
  const command_id = newId();
  await trx('command').insert({ org_id, id: command_id, execution_id, kind, actor_id, request_id });
  const outbox_id = await insertOutbox(trx, org_id, {
    kind: 'command',
    workflow_id: assessmentWorkflowId(org_id, execution_id),
    payload: {
      tenant: { org_id, actor_id, request_id },
      assessment_id,
      execution_id,
      command_id,
      command: kind,
    },
  });
  return { command_id, outbox_id };
}

export interface Command {
  kind: AssessmentCommand;
  status: 'requested' | 'accepted' | 'refused';
  detail: string | null;
}

export async function getCommand(trx: TenantDb, command_id: string): Promise<Command> {
  const row: Command | undefined = await trx('command')
    .select('kind', 'status', 'detail')
    .where({ id: command_id })
    .first();
  if (!row) throw notFound('command');
  return row;
}

/** The workflow said no: a resume gives its slot back. Repeatable. */
export async function refuseCommand(trx: TenantDb, command_id: string, detail: string): Promise<void> {
  const row: { execution_id: string; kind: AssessmentCommand } | undefined = await trx('command')
    .select('execution_id', 'kind')
    .where({ id: command_id, status: 'requested' })
    .first();
  if (!row) return;
  if (row.kind === 'resume') {
    // Only what the request itself has set: a run that began is `starting` with its assessment in progress.
    await trx.raw(
      `update assessment_execution e set status = 'paused', slot = null
       from assessment a
       where e.id = ? and e.status = 'starting' and a.org_id = e.org_id and a.id = e.assessment_id
         and a.status = 'paused'`,
      [row.execution_id],
    );
  }
  await decideCommand(trx, command_id, 'refused', detail);
}

/** Before an organization goes: every live run is asked to cancel, in the same transaction. */
export async function cancelLiveExecutions(trx: TenantDb, actor: CommandActor): Promise<number> {
  const live: { id: string; assessment_id: string }[] = await trx('assessment_execution')
    .select('id', 'assessment_id')
    .whereIn('status', ['starting', 'running', 'paused']);
  for (const { id, assessment_id } of live) await insertCommand(trx, actor, assessment_id, id, 'cancel');
  return live.length;
}
