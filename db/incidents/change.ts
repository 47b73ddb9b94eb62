// The workflow's hand: what it has decided becomes rows, timeline, audit and the command's answer, all or nothing.
import { dueAt } from '../../domain/incidents/clocks.js';
import {
  closeWarnings,
  CSF_FUNCTION,
  type GuardWarning,
  moveWarnings,
} from '../../domain/incidents/rules.js';
import type { Change, Entry, IncidentState } from '../../domain/incidents/state.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../audit/repository.js';
import { acceptCommand } from '../commands/repository.js';
import type { TenantDb } from '../tenancy.js';
import { tellOf } from '../notifications/create.js';
import { namesOf } from '../users/names.js';
import { guardFacts } from './facts.js';
import { saveObligations } from './obligations.js';
import { type IncidentRow, insertVisit, iso, lockIncident, saveClocks, updateState } from './repository.js';
import { readState } from './state.js';
import { appendTimeline, type EntryInput } from './timeline.js';
import { describeEntry } from './words.js';

export interface ChangeRequest {
  incident_id: string;
  /** Of the act: a repetition writes nothing twice. */
  key: string;
  /** Null: the workflow's own doing. */
  command_id: string | null;
  change: Change;
  /** What the workflow takes the rows' number of changes for; undefined in runs that do not count them. */
  revision?: number | undefined;
  /** Whether this installation can send e-mail. */
  email: boolean;
}

interface Said {
  actor_id: string;
  note: string | null;
}

/**
 * Repeatable.
 * @returns null when it is written; else what the rows say, because they have it already or know of more than it builds on
 */
export async function recordChange(
  trx: TenantDb,
  tenant: TenantRef,
  request: ChangeRequest,
): Promise<{ state: IncidentState; known: boolean } | null> {
  const { incident_id, key, command_id, change, revision } = request;
  const before = await lockIncident(trx, incident_id);
  const known = await isRecorded(trx, incident_id, key);
  if (known) await acceptCommand(trx, command_id);
  if (known || (revision !== undefined && revision !== before.revision))
    return { state: await readState(trx, before), known };
  const said = command_id === null ? undefined : await readCommand(trx, command_id);
  const warnings = await warningsOf(trx, before, change);
  await updateState(trx, incident_id, { ...change.set, revision: before.revision + 1 });
  if (change.visit) {
    await insertVisit(trx, tenant.org_id, incident_id, {
      visit_no: change.set.visit_no ?? before.visit_no,
      phase: change.visit.phase,
      kind: change.visit.kind,
      csf_function: CSF_FUNCTION[change.visit.phase],
      entered_at: iso(change.at) ?? before.updated_at,
      entered_by: said?.actor_id ?? tenant.actor_id,
      reason: said?.note ?? null,
    });
  }
  await saveClocks(trx, tenant.org_id, incident_id, change.clocks, (clock) =>
    dueAt(before.policy.calendars, clock),
  );
  await saveObligations(trx, tenant.org_id, incident_id, change, said?.note ?? null);
  await tellTimeline(trx, tenant.org_id, request, said, warnings);
  const incident = { ...before, ...peopleOf(change) };
  await tellOf(trx, tenant, { incident, key, at: change.at, notices: change.notices, email: request.email });
  await acceptCommand(trx, command_id, { warnings });
  if (command_id === null) await auditOwn(trx, tenant, incident_id, change.entries);
  return null;
}

/** As they are after the change: those are told. */
function peopleOf({ set }: Change): Partial<Pick<IncidentRow, 'severity' | 'commander_id' | 'assignee_id'>> {
  const { severity, commander_id, assignee_id } = set;
  return {
    ...(severity !== undefined && { severity }),
    ...(commander_id !== undefined && { commander_id }),
    ...(assignee_id !== undefined && { assignee_id }),
  };
}

async function isRecorded(trx: TenantDb, incident_id: string, key: string): Promise<boolean> {
  const row: unknown = await trx('timeline')
    .where({ incident_id, idempotency_key: `${key}/0` })
    .select('seq')
    .first();
  return row !== undefined;
}

async function readCommand(trx: TenantDb, id: string): Promise<Said | undefined> {
  return await trx('command').where({ id }).select('actor_id', 'note').first();
}

async function warningsOf(
  trx: TenantDb,
  before: IncidentRow,
  { set, visit }: Change,
): Promise<GuardWarning[]> {
  if (visit) return moveWarnings(before.phase, visit.phase, await guardFacts(trx, before));
  if (set.resolution) return closeWarnings(await guardFacts(trx, before, set.resolution));
  return [];
}

async function tellTimeline(
  trx: TenantDb,
  org_id: string,
  { incident_id, key, change }: ChangeRequest,
  said: Said | undefined,
  warnings: readonly GuardWarning[],
): Promise<void> {
  const cautions = warnings.map(({ guard, detail }): Entry => ({
    event_type: 'guard_warning',
    data: { guard, detail },
    actor_id: said?.actor_id ?? null,
  }));
  const entries = [...change.entries, ...cautions];
  const people = entries.flatMap(({ actor_id, data }) => [actor_id, ...Object.values(data).filter(isText)]);
  const nameOf = await named(trx, people.filter(isUuid), entries);
  const inputs = entries.map((entry, index): EntryInput => {
    const { event_type, data, actor_id } = entry;
    const notes = index === 0 ? said?.note : null;
    return {
      event_type,
      occurred_at: new Date(change.at).toISOString(),
      actor: {
        type: actor_id === null ? 'system' : 'user',
        id: actor_id,
        display: actor_id === null ? 'Sovereign GRC' : nameOf(actor_id),
      },
      description: describeEntry(event_type, data, nameOf),
      data: notes === null || notes === undefined ? data : { ...data, notes },
      idempotency_key: `${key}/${index}`,
    };
  });
  await appendTimeline(trx, org_id, incident_id, inputs);
}

/** People by their names; what has a clock of its own by its title, or the code of the duty. */
async function named(
  trx: TenantDb,
  people: readonly string[],
  entries: readonly Entry[],
): Promise<(id: string) => string> {
  const nameOf = await namesOf(trx, people);
  const clocked = (group: string): string[] =>
    entries.flatMap(({ data }) => {
      const [kind, id] = String(data['clock'] ?? '').split(':');
      return kind === group && id !== undefined ? [id] : [];
    });
  const names = new Map<string, string>();
  for (const [group, table, column] of [
    ['task', 'incident_task', 'title'],
    ['regulatory', 'incident_obligation', 'code'],
  ] as const) {
    const ids = clocked(group);
    if (ids.length === 0) continue;
    const rows: { id: string; name: string }[] = await trx(table)
      .whereIn('id', ids)
      .select({ id: 'id', name: column });
    for (const { id, name } of rows) names.set(id, name);
  }
  return (id) => names.get(id) ?? nameOf(id);
}

/** What nobody asked for by the API is in the audit log all the same, with no actor. */
async function auditOwn(
  trx: TenantDb,
  tenant: TenantRef,
  incident_id: string,
  entries: readonly Entry[],
): Promise<void> {
  await appendAudit(
    trx,
    { ...tenant, actor_id: null },
    entries.map(({ event_type, data }) => ({
      action: `incident.${event_type}`,
      resource_type: 'incident',
      resource_id: incident_id,
      after: data,
    })),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isUuid(value: string | null): value is string {
  return value !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
