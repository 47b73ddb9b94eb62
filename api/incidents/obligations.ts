// Duties to report: what is established, decided and filed goes to the incident's workflow as its other commands do.
import { DomainError } from '../../domain/errors.js';
import {
  refuseDecision,
  refuseEvent,
  refuseOnObligation,
  refuseSubmission,
} from '../../domain/incidents/obligation-commands.js';
import type { DecideBody, IncidentEventBody, SubmitBody } from '../../domain/incidents/obligation-schema.js';
import type { IncidentCommandResult } from '../../domain/incidents/schema.js';
import type { IncidentState } from '../../domain/incidents/state.js';
import type { TenantContext } from '../../domain/tenant.js';
import { type DutyDeps, judgeDuties } from '../duties.js';
import { ask, insist } from './commands.js';
import { type IncidentDeps, requirePast } from './use-cases.js';

interface ObligationPath {
  incident_id: string;
  obligation_id: string;
}

/**
 * The policy decides which of the duties that it starts apply; what it leaves open counts down.
 * @throws DomainError CONFLICT for an event on record already
 */
export async function recordIncidentEvent(
  deps: IncidentDeps & DutyDeps,
  tenant: TenantContext,
  incident_id: string,
  { event, occurred_at, notice_hours, notes }: IncidentEventBody,
): Promise<IncidentCommandResult> {
  requirePast(occurred_at, 'occurred_at');
  if ((event === 'contract_clause_triggered') !== (notice_hours !== undefined))
    throw new DomainError('VALIDATION_ERROR', 'goes with contract_clause_triggered, and only with it', {
      field: 'notice_hours',
    });
  const { duties, policy_revision } = await judgeDuties(deps, tenant, incident_id);
  const fact = {
    event,
    occurred_at: Date.parse(occurred_at),
    notice_hours: notice_hours ?? null,
    applies: Object.fromEntries(duties.map(({ code, applies }) => [code, applies])),
    policy_revision,
  };
  return await ask(deps, tenant, incident_id, ({ state }) => {
    insist(refuseEvent(state, fact));
    return { kind: 'recordEvent', args: { ...fact }, note: notes };
  });
}

/** @throws DomainError NOT_FOUND */
function having(state: IncidentState, obligation_id: string): IncidentState {
  if (!state.obligations?.some(({ id }) => id === obligation_id))
    throw new DomainError('NOT_FOUND', 'obligation not found');
  return state;
}

export async function decideIncidentObligation(
  deps: IncidentDeps,
  tenant: TenantContext,
  { incident_id, obligation_id }: ObligationPath,
  { decision, reason }: DecideBody,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, ({ state }) => {
    const args = { obligation_id, decision };
    insist(refuseDecision(having(state, obligation_id), args));
    return { kind: 'decideObligation', args, note: reason };
  });
}

export async function submitIncidentObligation(
  deps: IncidentDeps,
  tenant: TenantContext,
  { incident_id, obligation_id }: ObligationPath,
  { submitted_at = new Date().toISOString(), receipt_sha256, receipt_name }: SubmitBody,
): Promise<IncidentCommandResult> {
  requirePast(submitted_at, 'submitted_at');
  return await ask(deps, tenant, incident_id, ({ state }) => {
    insist(refuseSubmission(having(state, obligation_id), obligation_id));
    const args = { obligation_id, submitted_at: Date.parse(submitted_at), receipt_sha256 };
    return { kind: 'submitObligation', args, note: receipt_name };
  });
}

/** @throws DomainError FORBIDDEN for whoever is neither an admin nor in command of the incident */
export async function waiveIncidentObligation(
  deps: IncidentDeps,
  tenant: TenantContext,
  { incident_id, obligation_id }: ObligationPath,
  reason: string,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, ({ row, state }) => {
    having(state, obligation_id);
    if (tenant.role !== 'admin' && row.commander_id !== tenant.actor_id)
      throw new DomainError('FORBIDDEN', "only an admin or the incident's commander waives an obligation");
    insist(refuseOnObligation(state, obligation_id));
    return { kind: 'waiveObligation', args: { obligation_id }, note: reason };
  });
}
