// Timeline and tasks of incidents.
import { z } from 'zod';
import {
  incidentParams,
  noteBody,
  redactBody,
  timelineEntry,
  timelinePage,
  timelineQuery,
} from '../../domain/incidents/schema.js';
import {
  myTasksQuery,
  task,
  taskCreate,
  taskPage,
  taskParams,
  taskQuery,
  taskUpdate,
} from '../../domain/incidents/task-schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import type { Database } from '../../db/connection.js';
import { getIncident } from '../../db/incidents/repository.js';
import { listTasks } from '../../db/incidents/tasks.js';
import { listTimeline } from '../../db/incidents/timeline.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import { addNote, addTask, changeTask, redactEntry } from './records.js';

const entryParams = incidentParams.extend({ seq: z.coerce.number().int().min(1).max(2_147_483_647) });

export function incidentRecordRoutes(deps: { db: Database }): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'incidents.timeline.list',
      method: 'get',
      path: '/orgs/:org_id/incidents/:incident_id/timeline',
      permission: 'incident:read',
      summary: 'The timeline, oldest first',
      params: incidentParams,
      query: timelineQuery,
      response: timelinePage,
      async handler({ tenant, params, query, page }) {
        return page.answer(
          await readTenant(db, tenant, async (trx) => {
            await getIncident(trx, params.incident_id);
            return await listTimeline(trx, params.incident_id, query.order, page);
          }),
        );
      },
    }),
    route({
      name: 'incidents.timeline.add',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/timeline',
      permission: 'incident:update',
      summary: 'Write something down by hand, or correct an entry by another',
      params: incidentParams,
      body: noteBody,
      response: timelineEntry,
      status: 201,
      async handler({ tenant, params, body }) {
        return await addNote(deps, tenant, params.incident_id, body);
      },
    }),
    route({
      name: 'incidents.timeline.redact',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/timeline/:seq/redact',
      permission: 'incident:redact',
      summary: 'Remove the words and names of an entry for good; the chain still verifies',
      params: entryParams,
      body: redactBody,
      response: timelineEntry,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await redactEntry(deps, tenant, params, body.reason);
      },
    }),
    route({
      name: 'incidents.tasks.list',
      method: 'get',
      path: '/orgs/:org_id/incidents/:incident_id/tasks',
      permission: 'incident:read',
      summary: 'Tasks of an incident, newest first',
      params: incidentParams,
      query: taskQuery,
      response: taskPage,
      async handler({ tenant, params, query, page }) {
        return page.answer(
          await readTenant(db, tenant, async (trx) => {
            const { id: incident_id } = await getIncident(trx, params.incident_id);
            return await listTasks(trx, { ...query, incident_id }, page);
          }),
        );
      },
    }),
    route({
      name: 'incidents.tasks.add',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/tasks',
      permission: 'incident:update',
      summary: 'Add a task',
      params: incidentParams,
      body: taskCreate,
      response: task,
      status: 201,
      links: { task_id: 'id' },
      async handler({ tenant, params, body }) {
        return await addTask(deps, tenant, params.incident_id, body);
      },
    }),
    route({
      name: 'incidents.tasks.update',
      method: 'patch',
      path: '/orgs/:org_id/incidents/:incident_id/tasks/:task_id',
      permission: 'incident:update',
      summary: 'Change a task, finish it or waive it with a reason',
      params: taskParams,
      body: taskUpdate,
      response: task,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await changeTask(deps, tenant, params, body);
      },
    }),
    route({
      name: 'incidents.tasks.all',
      method: 'get',
      path: '/orgs/:org_id/tasks',
      permission: 'incident:read',
      summary: 'Tasks over all incidents, newest first; `owner_id` shows what is on one desk',
      params: orgParams,
      query: myTasksQuery,
      response: taskPage,
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(db, tenant, (trx) => listTasks(trx, query, page)));
      },
    }),
  ];
}
