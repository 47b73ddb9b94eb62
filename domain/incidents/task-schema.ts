import { z } from 'zod';
import { anyOf, page, pageQuery, text, timestamp, uuid } from '../schema.js';
import { PHASES } from './rules.js';

export const TASK_STATUSES = ['todo', 'in_progress', 'blocked', 'done', 'waived'] as const;

const phase = z.enum(PHASES);

export const task = z
  .object({
    id: uuid,
    incident_id: uuid,
    title: z.string(),
    description: z.string(),
    phase,
    owner_id: uuid.nullable(),
    status: z.enum(TASK_STATUSES),
    blocking: z.boolean(),
    confirms_clean: z.boolean(),
    due_at: timestamp.nullable(),
    depends_on: z.array(uuid),
    source: z.enum(['person', 'playbook', 'policy', 'vendor']),
    source_ref: z.string().nullable(),
    result: z.string().nullable(),
    evidence_id: uuid.nullable(),
    created_by: uuid.nullable(),
    completed_at: timestamp.nullable(),
    completed_by: uuid.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'IncidentTask' });
export type Task = z.infer<typeof task>;

const editable = {
  description: text(10_000, 0).optional(),
  phase: phase.optional(),
  owner_id: uuid.nullable().optional(),
  blocking: z.boolean().optional(),
  confirms_clean: z
    .boolean()
    .optional()
    .meta({ description: 'its completion confirms affected systems clean' }),
  due_at: timestamp.nullable().optional(),
  depends_on: z.array(uuid).max(100).optional(),
};

export const taskCreate = z.strictObject({ title: text(300), ...editable }).meta({
  id: 'IncidentTaskCreate',
  example: { title: 'Rotate the keys of auth-server-01', blocking: true },
});
export type TaskCreate = z.infer<typeof taskCreate>;

export const taskUpdate = z
  .strictObject({
    title: text(300).optional(),
    ...editable,
    status: z.enum(TASK_STATUSES).optional(),
    result: text(10_000).nullable().optional().meta({ description: 'needed to waive a task: why' }),
    evidence_id: uuid.nullable().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'at least one field is needed')
  .meta({ id: 'IncidentTaskUpdate', example: { status: 'done', result: 'Keys rotated, old ones revoked' } });
export type TaskUpdate = z.infer<typeof taskUpdate>;

export const taskPage = page(task).meta({ id: 'IncidentTaskPage' });
export const taskParams = z.strictObject({ org_id: uuid, incident_id: uuid, task_id: uuid });
export const taskQuery = pageQuery.extend({ status: anyOf(TASK_STATUSES) });
export const myTasksQuery = pageQuery.extend({
  status: anyOf(TASK_STATUSES),
  owner_id: z.array(uuid).min(1).max(50).optional(),
});
export type TaskQuery = z.infer<typeof myTasksQuery>;
