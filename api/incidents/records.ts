// What people write about an incident without changing its course: details, notes, tasks. Rows only; the workflow
// is told afterwards where a clock depends on it.
import { DomainError } from '../../domain/errors.js';
import type { IncidentUpdate, NoteBody, TimelineEntry } from '../../domain/incidents/schema.js';
import type { Task, TaskCreate, TaskUpdate } from '../../domain/incidents/task-schema.js';
import { incidentWorkflowId } from '../../domain/temporal.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { newId } from '../../db/ids.js';
import * as incidents from '../../db/incidents/repository.js';
import { insertTask, isDone, lockTask, updateTask } from '../../db/incidents/tasks.js';
import { appendTimeline, latestTimeline, redactPayload } from '../../db/incidents/timeline.js';
import { describeEntry, type EntryData } from '../../db/incidents/words.js';
import { insertOutbox } from '../../db/outbox/repository.js';
import { tellRun } from '../../db/playbooks/tasks.js';
import { type TenantDb, withTenant } from '../../db/tenancy.js';
import { namesOf } from '../../db/users/names.js';
import { requireMember } from '../../db/users/repository.js';
import { requirePast } from './use-cases.js';

interface Deps {
  db: Database;
}

interface Told {
  event_type: string;
  data?: EntryData;
  /** Words of the caller instead of ours. */
  description?: string;
  occurred_at?: string | undefined;
  corrects_seq?: number | undefined;
}

/** Appends to the timeline as the caller; whatever a person does is activity. */
async function tell(trx: TenantDb, tenant: TenantContext, incident_id: string, told: Told): Promise<void> {
  const { event_type, data = {}, corrects_seq } = told;
  const nameOf = await namesOf(trx, [tenant.actor_id]);
  const now = Date.now();
  await appendTimeline(trx, tenant.org_id, incident_id, [
    {
      event_type,
      data,
      corrects_seq,
      occurred_at: told.occurred_at ?? new Date(now).toISOString(),
      actor: { type: 'user', id: tenant.actor_id, display: nameOf(tenant.actor_id) },
      description: told.description ?? describeEntry(event_type, data, nameOf),
      idempotency_key: newId(),
    },
  ]);
  await incidents.stateUpdate(trx, incident_id, { active_at: now, asked_at: null });
}

async function signal(
  trx: TenantDb,
  tenant: TenantContext,
  incident_id: string,
  args: Record<string, unknown>,
): Promise<void> {
  // nobody waits for it: the relay takes it at once
  await insertOutbox(
    trx,
    tenant.org_id,
    {
      kind: 'signal',
      workflow_id: incidentWorkflowId(tenant.org_id, incident_id),
      payload: { signal: 'activity', args: { at: Date.now(), ...args } },
    },
    0,
  );
}

export type DetailsChange = Pick<
  IncidentUpdate,
  'title' | 'description' | 'affected_records' | 'affected_systems' | 'review'
>;

/** Without its audit row: that is the caller's, one for the whole request. */
export async function writeDetails(
  trx: TenantDb,
  tenant: TenantContext,
  incident_id: string,
  details: DetailsChange,
): Promise<void> {
  for (const [index, { owner_id }] of (details.review?.actions ?? []).entries())
    if (owner_id !== null) await requireMember(trx, owner_id, `review.actions.${index}.owner_id`);
  await incidents.updatePlain(trx, incident_id, details);
  const fields = Object.keys(details);
  const event_type = fields.length === 1 && details.review ? 'review_filed' : 'details_changed';
  await tell(trx, tenant, incident_id, { event_type, data: { fields: fields.join(', ') } });
}

export async function changeDetails(
  deps: Deps,
  tenant: TenantContext,
  incident_id: string,
  details: DetailsChange,
): Promise<void> {
  await withTenant(deps.db, tenant, async (trx) => {
    const row = await incidents.lockIncident(trx, incident_id);
    await writeDetails(trx, tenant, incident_id, details);
    await signal(trx, tenant, incident_id, {});
    await appendAudit(trx, tenant, {
      action: 'incident.update',
      resource_type: 'incident',
      resource_id: incident_id,
      before: pick(row, details),
      after: details,
    });
  });
}

/** The same fields as they were. */
export function pick(row: incidents.IncidentRow, details: DetailsChange): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([key]) => key in details));
}

/** @throws DomainError VALIDATION_ERROR for a time to come, or the correction of an entry that is not there */
export async function addNote(
  deps: Deps,
  tenant: TenantContext,
  incident_id: string,
  body: NoteBody,
): Promise<TimelineEntry> {
  if (body.occurred_at !== undefined) requirePast(body.occurred_at, 'occurred_at');
  return await withTenant(deps.db, tenant, async (trx) => {
    await incidents.lockIncident(trx, incident_id);
    if (body.corrects_seq !== undefined) await requireEntry(trx, incident_id, body.corrects_seq);
    const { description, event_type, occurred_at, corrects_seq } = body;
    await tell(trx, tenant, incident_id, { event_type, description, occurred_at, corrects_seq });
    await signal(trx, tenant, incident_id, { stakeholder_update: event_type === 'stakeholder_update' });
    const added = await lastEntry(trx, incident_id);
    await appendAudit(trx, tenant, {
      action: 'incident.note',
      resource_type: 'incident',
      resource_id: incident_id,
      after: { seq: added.seq, event_type },
    });
    return added;
  });
}

async function requireEntry(trx: TenantDb, incident_id: string, seq: number): Promise<void> {
  const entry: unknown = await trx('timeline').where({ incident_id, seq }).first('seq');
  if (!entry) throw new DomainError('VALIDATION_ERROR', 'no such entry', { field: 'corrects_seq' });
}

async function lastEntry(trx: TenantDb, incident_id: string): Promise<TimelineEntry> {
  const [added] = await latestTimeline(trx, incident_id, 1);
  if (!added) throw new Error('an entry that was just written is not there');
  return added;
}

/** Words and names go for good, their commitment stays: the chain still verifies. */
export async function redactEntry(
  deps: Deps,
  tenant: TenantContext,
  { incident_id, seq }: { incident_id: string; seq: number },
  reason: string,
): Promise<TimelineEntry> {
  return await withTenant(deps.db, tenant, async (trx) => {
    await incidents.lockIncident(trx, incident_id);
    const entry: unknown = await trx('timeline').where({ incident_id, seq }).first('seq');
    if (!entry) throw new DomainError('NOT_FOUND', 'entry not found');
    if (!(await redactPayload(trx, incident_id, seq)))
      throw new DomainError('CONFLICT', 'the entry is redacted already');
    await tell(trx, tenant, incident_id, {
      event_type: 'redacted',
      data: { seq, reason },
      corrects_seq: seq,
    });
    await appendAudit(trx, tenant, {
      action: 'incident.redact',
      resource_type: 'incident',
      resource_id: incident_id,
      after: { seq, reason },
    });
    return await lastEntry(trx, incident_id);
  });
}

export async function addTask(
  deps: Deps,
  tenant: TenantContext,
  incident_id: string,
  body: TaskCreate,
): Promise<Task> {
  return await withTenant(deps.db, tenant, async (trx) => {
    const { phase } = await incidents.lockIncident(trx, incident_id);
    const task = await insertTask(trx, tenant, incident_id, {
      ...body,
      phase: body.phase ?? phase,
      source: 'person',
    });
    await tell(trx, tenant, incident_id, { event_type: 'task_added', data: taskData(task) });
    if (task.due_at !== null) await signal(trx, tenant, incident_id, { task: clockOf(task) });
    await appendAudit(trx, tenant, {
      action: 'incident.task_add',
      resource_type: 'incident_task',
      resource_id: task.id,
      after: { incident_id, blocking: task.blocking, due_at: task.due_at },
    });
    return task;
  });
}

/** @throws DomainError CONFLICT while tasks it depends on are open, VALIDATION_ERROR for a waiver without a reason */
export async function changeTask(
  deps: Deps,
  tenant: TenantContext,
  { incident_id, task_id }: { incident_id: string; task_id: string },
  body: TaskUpdate,
): Promise<Task> {
  return await withTenant(deps.db, tenant, async (trx) => {
    await incidents.lockIncident(trx, incident_id);
    const before = await lockTask(trx, incident_id, task_id);
    if (body.status === 'waived' && (body.result ?? before.result) === null)
      throw new DomainError('VALIDATION_ERROR', 'waiving a task needs a reason', { field: 'result' });
    if (body.status === 'done') await requireDone(trx, body.depends_on ?? before.depends_on);
    const after = await updateTask(trx, tenant, before, body);
    if (after.status !== before.status) {
      const data = { ...taskData(after), from: before.status, to: after.status };
      await tell(trx, tenant, incident_id, { event_type: 'task_changed', data });
    }
    await signal(trx, tenant, incident_id, { task: clockOf(after) });
    if (after.status !== before.status) await tellRun(trx, tenant.org_id, after);
    await appendAudit(trx, tenant, {
      action: 'incident.task_change',
      resource_type: 'incident_task',
      resource_id: task_id,
      before: { status: before.status, owner_id: before.owner_id, due_at: before.due_at },
      after: { status: after.status, owner_id: after.owner_id, due_at: after.due_at },
    });
    return after;
  });
}

async function requireDone(trx: TenantDb, ids: readonly string[]): Promise<void> {
  const open: string[] = await trx('incident_task')
    .whereIn('id', [...ids])
    .whereNotIn('status', ['done', 'waived'])
    .pluck('title');
  if (open.length > 0)
    throw new DomainError('CONFLICT', `it depends on what is not done: ${open.join(', ')}`);
}

function taskData({ id, title, status }: Task): EntryData {
  return { task_id: id, title, status };
}

function clockOf({ id, due_at, status }: Task) {
  const ended = status === 'waived' ? 'cancelled' : isDone(status) ? 'met' : null;
  return { task_id: id, due_at: due_at === null ? null : Date.parse(due_at), ended };
}
