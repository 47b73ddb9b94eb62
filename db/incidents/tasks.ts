import type { Knex } from 'knex';
import { DomainError, notFound } from '../../domain/errors.js';
import type { Task, TaskCreate, TaskQuery, TaskUpdate } from '../../domain/incidents/task-schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';
import { requireMember } from '../users/repository.js';

const COLUMNS = [
  'id',
  'incident_id',
  'title',
  'description',
  'phase',
  'owner_id',
  'status',
  'blocking',
  'confirms_clean',
  'due_at',
  'depends_on',
  'source',
  'source_ref',
  'result',
  'evidence_id',
  'created_by',
  'completed_at',
  'completed_by',
  'created_at',
  'updated_at',
] as const;

/** With the incident shown whole: the oldest first, so that a list of work reads downwards. */
export function tasksOf(trx: TenantReader, incident_id: string): Knex.QueryBuilder {
  return trx('incident_task')
    .select(...COLUMNS)
    .where({ incident_id })
    .orderBy('id')
    .limit(200);
}

/** Newest first; of one incident, or over all of them. */
export async function listTasks(
  trx: TenantReader,
  filter: Omit<TaskQuery, 'limit' | 'cursor'> & { incident_id?: string },
  request: PageRequest,
): Promise<PageResult<Task>> {
  const query = trx('incident_task')
    .select(...COLUMNS)
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  if (filter.incident_id !== undefined) query.where('incident_id', filter.incident_id);
  if (filter.status) query.whereIn('status', [...filter.status]);
  if (filter.owner_id) query.whereIn('owner_id', [...filter.owner_id]);
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: Task[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

async function getTask(trx: TenantDb, incident_id: string, id: string): Promise<Task> {
  return found(
    await trx('incident_task')
      .select(...COLUMNS)
      .where({ incident_id, id })
      .first(),
  );
}

export async function lockTask(trx: TenantDb, incident_id: string, id: string): Promise<Task> {
  return found(
    await trx('incident_task')
      .select(...COLUMNS)
      .where({ incident_id, id })
      .forUpdate()
      .first(),
  );
}

function found(row: Task | undefined): Task {
  if (!row) throw notFound('task');
  return row;
}

export interface NewTask extends TaskCreate {
  phase: Task['phase'];
  source: Task['source'];
  source_ref?: string | null;
}

/** @throws DomainError VALIDATION_ERROR for an owner or a task it depends on that is not there */
export async function insertTask(
  trx: TenantDb,
  tenant: TenantRef,
  incident_id: string,
  task: NewTask,
): Promise<Task> {
  await check(trx, incident_id, task);
  const id = newId();
  await trx('incident_task').insert({
    ...task,
    org_id: tenant.org_id,
    id,
    incident_id,
    created_by: task.source === 'person' ? tenant.actor_id : null,
  });
  return await getTask(trx, incident_id, id);
}

export async function updateTask(
  trx: TenantDb,
  tenant: TenantRef,
  before: Task,
  body: TaskUpdate,
): Promise<Task> {
  await check(trx, before.incident_id, body, before.id);
  const ends = body.status !== undefined && isDone(body.status) && !isDone(before.status);
  const revives = body.status !== undefined && !isDone(body.status) && isDone(before.status);
  await trx('incident_task')
    .where({ id: before.id })
    .update({
      ...body,
      ...(ends && { completed_at: trx.raw('clock_timestamp()'), completed_by: tenant.actor_id }),
      ...(revives && { completed_at: null, completed_by: null }),
    });
  return await getTask(trx, before.incident_id, before.id);
}

export function isDone(status: Task['status']): boolean {
  return status === 'done' || status === 'waived';
}

async function check(
  trx: TenantDb,
  incident_id: string,
  body: Pick<TaskUpdate, 'owner_id' | 'depends_on' | 'evidence_id'>,
  self?: string,
): Promise<void> {
  const { owner_id, depends_on, evidence_id } = body;
  if (owner_id !== undefined && owner_id !== null) await requireMember(trx, owner_id, 'owner_id');
  if (evidence_id !== undefined && evidence_id !== null) {
    const evidence: unknown = await trx('evidence').where({ id: evidence_id }).first('id');
    if (!evidence) throw new DomainError('VALIDATION_ERROR', 'no such evidence', { field: 'evidence_id' });
  }
  if (depends_on === undefined || depends_on.length === 0) return;
  const known: string[] = await trx('incident_task')
    .where({ incident_id })
    .whereIn('id', depends_on)
    .pluck('id');
  const index = depends_on.findIndex((id) => id === self || !known.includes(id));
  if (index >= 0)
    throw new DomainError('VALIDATION_ERROR', 'no such other task of this incident', {
      field: `depends_on.${index}`,
    });
  if (self !== undefined) await refuseCircle(trx, self, depends_on);
}

/** Tasks that wait for each other could never be done. */
async function refuseCircle(trx: TenantDb, self: string, depends_on: readonly string[]): Promise<void> {
  for (const [index, id] of depends_on.entries()) {
    const { rows } = await trx.raw<{ rows: unknown[] }>(
      `with recursive needed (id) as (
         select ?::uuid
         union
         select unnest(t.depends_on) from incident_task t join needed n on n.id = t.id
       )
       select 1 from needed where id = ?`,
      [id, self],
    );
    if (rows.length > 0)
      throw new DomainError('VALIDATION_ERROR', 'that task waits for this one', {
        field: `depends_on.${index}`,
      });
  }
}
