// What a responder asks of an incident. Checked against the row under its lock; done by the incident's workflow.
import { DomainError } from '../../domain/errors.js';
import type { IncidentState } from '../../domain/incidents/state.js';
import { changedMeanwhile } from '../../domain/idempotency/rules.js';
import { incidentWorkflowId } from '../../domain/temporal.js';
import { appendAudit } from '../audit/repository.js';
import { type CommandActor, insertCommand, type RequestedCommand } from '../commands/repository.js';
import { isConditional } from '../idempotency/scope.js';
import type { TenantDb } from '../tenancy.js';
import type { IncidentRow } from './repository.js';
import { lockState } from './state.js';

export interface IncidentCommand {
  /** The update's name. */
  kind: string;
  /** Ids, enums and numbers for the workflow. */
  args: Record<string, unknown>;
  /** Words of the caller, for the timeline. */
  note?: string | undefined;
  /** What else the same request has changed. */
  also?: { before: Record<string, unknown>; after: Record<string, unknown> };
}

/** Commands that wait for a worker at once; an update has room for ten in flight. */
const WAITING_MAX = 8;

/**
 * Command, outbox and audit row in one transaction.
 * @param decide looks at the locked row and its state, and says what to ask for; throws what is to be refused at once
 */
export async function requestIncidentCommand(
  trx: TenantDb,
  actor: CommandActor,
  incident_id: string,
  decide: (row: IncidentRow, state: IncidentState) => Promise<IncidentCommand>,
): Promise<RequestedCommand> {
  const workflow_id = incidentWorkflowId(actor.org_id, incident_id);
  const { row, state, waiting } = await lockState(trx, incident_id, workflow_id);
  const { kind, args, note, also } = await decide(row, state);
  // its row will show it only when the workflow has done it
  if (waiting.length > 0 && isConditional()) throw changedMeanwhile();
  if (waiting.length >= WAITING_MAX)
    throw new DomainError(
      'SERVICE_UNAVAILABLE',
      'too many commands wait for this incident: no worker is running',
      {
        retry_after_s: 5,
      },
    );
  const requested = await insertCommand(trx, actor, {
    workflow_id,
    kind,
    args: { ...args, actor_id: actor.actor_id, revision: row.revision },
    note,
  });
  await appendAudit(trx, actor, {
    action: `incident.${snake(kind)}`,
    resource_type: 'incident',
    resource_id: incident_id,
    before: { phase: row.phase, status: row.status, severity: row.severity, ...also?.before },
    after: { ...args, ...also?.after, command_id: requested.command_id },
  });
  return requested;
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
