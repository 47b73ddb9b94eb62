// The workflow's hand: what it has decided becomes rows, timeline, audit and the command's answer, all or nothing.
import { dueAt } from '../../domain/incidents/clocks.js';
import {
  closeWarnings,
  CSF_FUNCTION,
  type GuardWarning,
  moveWarnings,
} from '../../domain/incidents/rules.js';
import type { ChainHead } from '../../domain/audit/rules.js';
import { notFound } from '../../domain/errors.js';
import type { Change, Entry, IncidentState } from '../../domain/incidents/state.js';
import type { OrgSettings } from '../../domain/orgs/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit, auditHead } from '../audit/repository.js';
import { acceptCommand, accepting } from '../commands/repository.js';
import { leaveToEnd } from '../dialect.js';
import { tellOf } from '../notifications/create.js';
import { delivering } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';
import { together } from '../together.js';
import { type Counts, factsOf, guardCounts } from './facts.js';
import { saveObligations } from './obligations.js';
import { clockUpserts, type IncidentRow, incidentLock, iso, stateUpdate } from './repository.js';
import { readState } from './state.js';
import { entriesAfter, type EntryInput, type TimelineHead, timelineHead } from './timeline.js';
import { visitWrites } from './visits.js';
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

interface Found {
  before: IncidentRow;
  /** Written already. */
  known: boolean;
  said: Said | undefined;
  warnings: GuardWarning[];
  nameOf: (id: string) => string;
  settings: OrgSettings | undefined;
  head: TimelineHead;
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
  const { incident_id, key, command_id, change, revision, email } = request;
  const { org_id } = tenant;
  const found = await look(trx, request);
  const { before, known, said, warnings, settings } = found;
  if (known) await acceptCommand(trx, command_id);
  if (known || (revision !== undefined && revision !== before.revision))
    return { state: await readState(trx, before), known };
  await saveObligations(trx, org_id, incident_id, change, said?.note ?? null);
  const incident = { ...before, ...peopleOf(change) };
  await tellOf(trx, tenant, { incident, key, at: change.at, notices: change.notices, email, settings });
  const writes = [
    stateUpdate(trx, incident_id, { ...change.set, revision: before.revision + 1 }),
    ...visitOf(trx, tenant, request, found),
    ...clockUpserts(trx, org_id, incident_id, change.clocks, (clock) =>
      dueAt(before.policy.calendars, clock),
    ),
    ...entriesAfter(trx, found.head, { org_id, incident_id }, entriesOf(request, found)),
  ];
  if (command_id !== null) {
    await leaveToEnd(trx, [...writes, accepting(trx, command_id, { warnings }), delivering(trx, command_id)]);
    return null;
  }
  const [[head]] = await together<[ChainHead, ...unknown[]]>(trx, [auditHead(trx, org_id), ...writes]);
  await auditOwn(trx, tenant, request, head);
  return null;
}

/** Locks the incident and its timeline, and reads whatever the change needs to be told. */
async function look(trx: TenantDb, { incident_id, key, command_id, change }: ChangeRequest): Promise<Found> {
  const { set, visit, entries } = change;
  const people = entries.flatMap(({ actor_id, data }) => [actor_id, ...Object.values(data).filter(isText)]);
  const guarded = visit !== null || set.resolution;
  const [rows, recorded, commands, counts, members, tasks, duties, orgs, heads] = await together<
    [IncidentRow, unknown, Said, Counts, Named, Named, Named, { settings: OrgSettings }, TimelineHead]
  >(trx, [
    incidentLock(trx, incident_id),
    trx('timeline')
      .where({ incident_id, idempotency_key: `${key}/0` })
      .select('seq'),
    command_id === null ? undefined : trx('command').where({ id: command_id }).select('actor_id', 'note'),
    guarded ? guardCounts(trx, incident_id) : undefined,
    ofIds(people.filter(isUuid), (ids) =>
      trx('membership').whereIn('user_id', ids).select({ id: 'user_id', name: 'name' }),
    ),
    ofIds(clocked(entries, 'task'), (ids) =>
      trx('incident_task').whereIn('id', ids).select({ id: 'id', name: 'title' }),
    ),
    ofIds(clocked(entries, 'regulatory'), (ids) =>
      trx('incident_obligation').whereIn('id', ids).select({ id: 'id', name: 'code' }),
    ),
    change.notices.length === 0 ? undefined : trx('org').select('settings'),
    timelineHead(trx, incident_id),
  ]);
  const [before] = rows;
  const [head] = heads;
  if (!before || !head) throw notFound('incident');
  const names = new Map([...members, ...tasks, ...duties].map(({ id, name }) => [id, name]));
  return {
    before,
    head,
    known: recorded.length > 0,
    said: commands[0],
    warnings: warningsOf(before, change, counts[0]),
    nameOf: (id) => names.get(id) ?? id,
    settings: orgs[0]?.settings,
  };
}

interface Named {
  id: string;
  name: string;
}

function ofIds<Query>(ids: readonly string[], query: (ids: readonly string[]) => Query): Query | undefined {
  return ids.length === 0 ? undefined : query(ids);
}

/** Of what has a clock of its own. */
function clocked(entries: readonly Entry[], group: string): string[] {
  return entries.flatMap(({ data }) => {
    const [kind, id] = String(data['clock'] ?? '').split(':');
    return kind === group && id !== undefined && isUuid(id) ? [id] : [];
  });
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

function warningsOf(before: IncidentRow, { set, visit }: Change, counts: Counts | undefined): GuardWarning[] {
  if (visit) return moveWarnings(before.phase, visit.phase, factsOf(before, counts));
  if (set.resolution) return closeWarnings(factsOf(before, counts, set.resolution));
  return [];
}

function visitOf(
  trx: TenantDb,
  tenant: TenantRef,
  { incident_id, change }: ChangeRequest,
  { before, said }: Found,
): ReturnType<typeof visitWrites> {
  if (!change.visit) return [];
  return visitWrites(trx, tenant.org_id, incident_id, {
    visit_no: change.set.visit_no ?? before.visit_no,
    phase: change.visit.phase,
    kind: change.visit.kind,
    csf_function: CSF_FUNCTION[change.visit.phase],
    entered_at: iso(change.at) ?? before.updated_at,
    entered_by: said?.actor_id ?? tenant.actor_id,
    reason: said?.note ?? null,
  });
}

function entriesOf({ key, change }: ChangeRequest, { said, warnings, nameOf }: Found): EntryInput[] {
  const cautions = warnings.map(({ guard, detail }): Entry => ({
    event_type: 'guard_warning',
    data: { guard, detail },
    actor_id: said?.actor_id ?? null,
  }));
  return [...change.entries, ...cautions].map((entry, index): EntryInput => {
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
}

/** What nobody asked for by the API is in the audit log all the same, with no actor. */
async function auditOwn(
  trx: TenantDb,
  tenant: TenantRef,
  { incident_id, change }: ChangeRequest,
  head: ChainHead | undefined,
): Promise<void> {
  const inputs = change.entries.map(({ event_type, data }) => ({
    action: `incident.${event_type}`,
    resource_type: 'incident',
    resource_id: incident_id,
    after: data,
  }));
  await appendAudit(trx, { ...tenant, actor_id: null }, inputs, head);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isUuid(value: string | null): value is string {
  return value !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
