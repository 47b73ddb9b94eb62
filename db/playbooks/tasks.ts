// Steps that people do: each is a task of the incident, and its end is told to the run.
import { isStepOpen } from '../../domain/playbooks/rules.js';
import type { Task } from '../../domain/incidents/task-schema.js';
import { incidentWorkflowId, playbookWorkflowId } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { lockIncident } from '../incidents/repository.js';
import { insertTask, isDone, lockTask, updateTask } from '../incidents/tasks.js';
import { insertOutbox } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';
import { findStep, type StepKey, tellIncident } from './steps.js';

export interface TaskForStep extends StepKey {
  incident_id: string;
  title: string;
  description: string;
  phase: Task['phase'] | null;
  owner: 'commander' | 'assignee' | null;
  blocking: boolean;
  due_ms: number | null;
  /** Of the command that asks for it: each task of a step is one of its own. */
  index?: number;
}

/** A person who never answers must not hold a run in silence. */
const DEFAULT_DUE_MS = 3 * 86_400_000;
const SOURCE_REF = /^([0-9a-f-]{36})\/(action--[0-9a-f-]{36})\/(\d{1,6})$/;

function sourceRef({ run_id, step_id, iteration }: StepKey): string {
  return `${run_id}/${step_id}/${iteration}`;
}

/** Repeatable: the same step, or the same command of it, has one task. */
export async function openTask(trx: TenantDb, tenant: TenantRef, wanted: TaskForStep): Promise<Task> {
  const incident = await lockIncident(trx, wanted.incident_id);
  const source_ref = [sourceRef(wanted), ...(wanted.index ? [wanted.index] : [])].join('/');
  const known: { id: string } | undefined = await trx('incident_task')
    .select('id')
    .where({ incident_id: incident.id, source: 'playbook', source_ref })
    .first();
  if (known) return await lockTask(trx, incident.id, known.id);
  const owners = { commander: incident.commander_id, assignee: incident.assignee_id };
  const due_at = new Date(Date.now() + (wanted.due_ms ?? DEFAULT_DUE_MS)).toISOString();
  const task = await insertTask(trx, tenant, incident.id, {
    title: wanted.title.slice(0, 300),
    description: wanted.description.slice(0, 10_000),
    phase: wanted.phase ?? incident.phase,
    owner_id: wanted.owner === null ? incident.assignee_id : owners[wanted.owner],
    blocking: wanted.blocking,
    due_at,
    source: 'playbook',
    source_ref,
  });
  await tellIncident(trx, tenant, {
    incident_id: incident.id,
    event_type: 'task_added',
    data: { task_id: task.id, title: task.title, status: task.status },
    actor_id: null,
    key: `playbook:${source_ref}:task`,
  });
  await tellClock(trx, tenant, task);
  return task;
}

/** Ends the task of a step that is over for another reason than that somebody did it. */
export async function closeTask(
  trx: TenantDb,
  tenant: TenantRef,
  task: { incident_id: string; task_id: string },
  ending: { status: 'done' | 'waived'; result: string; actor_id: string | null },
): Promise<void> {
  await lockIncident(trx, task.incident_id);
  const before = await lockTask(trx, task.incident_id, task.task_id);
  if (isDone(before.status)) return;
  const after = await updateTask(trx, tenant, before, { status: ending.status, result: ending.result });
  await tellIncident(trx, tenant, {
    incident_id: task.incident_id,
    event_type: 'task_changed',
    data: {
      task_id: after.id,
      title: after.title,
      status: after.status,
      from: before.status,
      to: after.status,
    },
    actor_id: ending.actor_id,
    key: `task:${after.id}:${after.updated_at}`,
  });
  await tellClock(trx, tenant, after);
}

async function tellClock(trx: TenantDb, { org_id }: TenantRef, task: Task): Promise<void> {
  const ended = task.status === 'waived' ? 'cancelled' : isDone(task.status) ? 'met' : null;
  const due_at = task.due_at === null ? null : Date.parse(task.due_at);
  await insertOutbox(
    trx,
    org_id,
    {
      kind: 'signal',
      workflow_id: incidentWorkflowId(org_id, task.incident_id),
      payload: { signal: 'activity', args: { at: Date.now(), task: { task_id: task.id, due_at, ended } } },
    },
    0,
  );
}

/** Tells the run that waits for this task, where one does. */
export async function tellRun(trx: TenantDb, org_id: string, task: Task): Promise<void> {
  if (task.source !== 'playbook' || !isDone(task.status)) return;
  const [, run_id, step_id, count] = SOURCE_REF.exec(task.source_ref ?? '') ?? [];
  if (run_id === undefined || step_id === undefined) return;
  const key = { run_id, step_id, iteration: Number(count) };
  const step = await findStep(trx, key);
  if (step === undefined || !isStepOpen(step.status)) return;
  await insertOutbox(
    trx,
    org_id,
    {
      kind: 'signal',
      workflow_id: playbookWorkflowId(org_id, run_id),
      payload: { signal: 'taskSettled', args: { ...key, status: task.status } },
    },
    0,
  );
}
