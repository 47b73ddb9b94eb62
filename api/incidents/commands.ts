// What changes an incident's course: each becomes a command to its workflow, answered when it is done.
import { DomainError } from '../../domain/errors.js';
import {
  refuseAcknowledge,
  refuseClockPause,
  refuseClockResume,
  refuseClose,
  refuseConfirmation,
  refuseSeverity,
  refuseTransition,
} from '../../domain/incidents/commands.js';
import {
  blocking,
  closeWarnings,
  type GuardWarning,
  moveKind,
  moveWarnings,
  needsReason,
  severityStep,
} from '../../domain/incidents/rules.js';
import type { PauseReason } from '../../domain/incidents/clocks.js';
import {
  guardWarning,
  type IncidentCommandResult,
  type IncidentUpdate,
  type TransitionBody,
} from '../../domain/incidents/schema.js';
import type { IncidentState, Refusal } from '../../domain/incidents/state.js';
import type { TenantContext } from '../../domain/tenant.js';
import type { Command } from '../../db/commands/repository.js';
import { type IncidentCommand, requestIncidentCommand } from '../../db/incidents/commands.js';
import { guardFacts } from '../../db/incidents/facts.js';
import type { IncidentRow } from '../../db/incidents/repository.js';
import { readTenant, type TenantDb } from '../../db/tenancy.js';
import { requireMember } from '../../db/users/repository.js';
import { runCommand } from '../commands.js';
import { changeDetails, type DetailsChange, pick, writeDetails } from './records.js';
import type { IncidentDeps } from './use-cases.js';
import { readIncident } from './view.js';

interface Locked {
  trx: TenantDb;
  row: IncidentRow;
  state: IncidentState;
}

type Decide = (locked: Locked) => IncidentCommand | Promise<IncidentCommand>;

/** @throws DomainError CONFLICT in the wrong state, or with what the workflow refuses it for */
export async function ask(
  deps: IncidentDeps,
  tenant: TenantContext,
  incident_id: string,
  decide: Decide,
): Promise<IncidentCommandResult> {
  let kind = '';
  const command = await runCommand(deps, tenant, (trx) =>
    requestIncidentCommand(trx, tenant, incident_id, async (row, state) => {
      const wanted = await decide({ trx, row, state });
      kind = wanted.kind;
      return wanted;
    }),
  );
  const detail = await readTenant(deps.db, tenant, (rows) =>
    readIncident(rows, deps.web_ui, tenant, incident_id),
  );
  return { ...detail, requested: command ? null : kind, warnings: warningsIn(command) };
}

function warningsIn(command: Command | undefined): GuardWarning[] {
  return guardWarning.array().catch([]).parse(command?.result?.['warnings']);
}

export function insist(refused: Refusal | undefined): void {
  if (refused) throw new DomainError(refused.code, refused.detail);
}

/** @throws DomainError CONFLICT naming what is allowed, or the guards that stand in the way where they are strict */
export async function transitionIncident(
  deps: IncidentDeps,
  tenant: TenantContext,
  incident_id: string,
  { new_phase: to, notes, expected_phase }: TransitionBody,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, async ({ trx, row, state }) => {
    const from = expected_phase ?? row.phase;
    insist(refuseTransition(state, { from, to }, Date.now()));
    const kind = moveKind(from, to);
    if (kind !== undefined && needsReason(kind) && notes === undefined)
      throw new DomainError('VALIDATION_ERROR', `a ${kind} move needs a reason`, { field: 'notes' });
    if (row.strict_guards)
      refuseByGuards(tenant, row, notes, moveWarnings(from, to, await guardFacts(trx, row)));
    return { kind: 'transition', args: { from, to }, note: notes };
  });
}

function refuseByGuards(
  tenant: TenantContext,
  row: IncidentRow,
  notes: string | undefined,
  warnings: readonly GuardWarning[],
): void {
  const overriding = notes !== undefined && row.commander_id === tenant.actor_id;
  const standing = blocking(warnings, overriding);
  if (standing.length > 0)
    throw new DomainError('CONFLICT', `strict guards: ${standing.map(({ detail }) => detail).join('; ')}`);
}

export type CourseChange = Pick<IncidentUpdate, 'severity' | 'commander_id' | 'assignee_id' | 'notes'>;

async function changeCourse(
  deps: IncidentDeps,
  tenant: TenantContext,
  incident_id: string,
  { severity, commander_id, assignee_id, notes }: CourseChange,
  details: DetailsChange,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, async ({ trx, row, state }) => {
    for (const [field, person] of Object.entries({ commander_id, assignee_id }))
      if (person !== undefined && person !== null) await requireMember(trx, person, field);
    const moves = severity !== undefined && severity !== row.severity;
    if (moves) {
      insist(refuseSeverity(state, severity));
      if (severityStep(row.severity, severity) < 0 && notes === undefined)
        throw new DomainError('VALIDATION_ERROR', 'lowering a severity needs a reason', { field: 'notes' });
    }
    const args = {
      ...(moves && { severity }),
      ...(commander_id !== undefined && { commander_id }),
      ...(assignee_id !== undefined && { assignee_id }),
    };
    if (Object.keys(details).length === 0) return { kind: 'change', args, note: notes };
    await writeDetails(trx, tenant, incident_id, details);
    const also = { before: pick(row, details), after: details };
    return { kind: 'change', args, note: notes, also };
  });
}

export async function confirmSeverityChange(
  deps: IncidentDeps,
  tenant: TenantContext,
  incident_id: string,
  notes: string | undefined,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, ({ state }) => {
    insist(refuseConfirmation(state, tenant.actor_id));
    return { kind: 'confirmSeverity', args: {}, note: notes };
  });
}

export async function acknowledgeIncident(
  deps: IncidentDeps,
  tenant: TenantContext,
  incident_id: string,
  notes: string | undefined,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, ({ state }) => {
    insist(refuseAcknowledge(state));
    return { kind: 'acknowledge', args: {}, note: notes };
  });
}

async function closeIncident(
  deps: IncidentDeps,
  tenant: TenantContext,
  incident_id: string,
  { resolution = 'resolved', notes }: Pick<IncidentUpdate, 'resolution' | 'notes'>,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, async ({ trx, row, state }) => {
    insist(refuseClose(state));
    if (row.strict_guards)
      refuseByGuards(tenant, row, notes, closeWarnings(await guardFacts(trx, row, resolution)));
    return { kind: 'close', args: { resolution }, note: notes };
  });
}

export async function pauseIncidentClock(
  deps: IncidentDeps,
  tenant: TenantContext,
  { incident_id, clock_id }: { incident_id: string; clock_id: string },
  { reason, notes }: { reason: PauseReason; notes?: string | undefined },
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, ({ state }) => {
    findClock(state, clock_id, refuseClockPause(state, clock_id, Date.now()));
    return { kind: 'pauseClock', args: { clock_id, reason }, note: notes };
  });
}

export async function resumeIncidentClock(
  deps: IncidentDeps,
  tenant: TenantContext,
  { incident_id, clock_id }: { incident_id: string; clock_id: string },
  notes: string | undefined,
): Promise<IncidentCommandResult> {
  return await ask(deps, tenant, incident_id, ({ state }) => {
    findClock(state, clock_id, refuseClockResume(state, clock_id));
    return { kind: 'resumeClock', args: { clock_id }, note: notes };
  });
}

function findClock(state: IncidentState, clock_id: string, refused: Refusal | undefined): void {
  if (!state.clocks.some(({ id }) => id === clock_id)) throw new DomainError('NOT_FOUND', 'clock not found');
  insist(refused);
}

const DETAILS = ['title', 'description', 'affected_records', 'affected_systems', 'review'] as const;
const COURSE = ['severity', 'commander_id', 'assignee_id'] as const;

/** @throws DomainError CONFLICT for a status that only a transition gives */
export async function updateIncident(
  deps: IncidentDeps,
  tenant: TenantContext,
  incident_id: string,
  body: IncidentUpdate,
): Promise<IncidentCommandResult> {
  const { status, resolution, notes } = body;
  const details: DetailsChange = Object.fromEntries(
    DETAILS.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]),
  );
  const steers = COURSE.some((field) => body[field] !== undefined);
  if (status !== undefined && status !== 'closed')
    throw new DomainError('CONFLICT', `the status ${status} follows from the phase: use transition`);
  if (status === undefined && resolution !== undefined)
    throw new DomainError('VALIDATION_ERROR', 'goes with the status closed', { field: 'resolution' });
  if (status === 'closed' && (steers || Object.keys(details).length > 0))
    throw new DomainError('VALIDATION_ERROR', 'close it in a request of its own', { field: 'status' });
  if (status === 'closed') return await closeIncident(deps, tenant, incident_id, { resolution, notes });
  if (steers) return await changeCourse(deps, tenant, incident_id, body, details);
  if (Object.keys(details).length === 0)
    throw new DomainError('VALIDATION_ERROR', 'notes go with another change, or to the timeline', {
      field: 'notes',
    });
  await changeDetails(deps, tenant, incident_id, details);
  const detail = await readTenant(deps.db, tenant, (rows) =>
    readIncident(rows, deps.web_ui, tenant, incident_id),
  );
  return { ...detail, requested: null, warnings: [] };
}
