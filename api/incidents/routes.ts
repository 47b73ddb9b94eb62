import {
  clockPauseBody,
  commandNotes,
  incidentCommandResult,
  incidentCreate,
  incidentDetail,
  incidentPage,
  incidentParams,
  incidentQuery,
  incidentUpdate,
  transitionBody,
} from '../../domain/incidents/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { uuid } from '../../domain/schema.js';
import { listIncidents } from '../../db/incidents/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import {
  acknowledgeIncident,
  confirmSeverityChange,
  pauseIncidentClock,
  resumeIncidentClock,
  transitionIncident,
  updateIncident,
} from './commands.js';
import { createIncident, type IncidentDeps } from './use-cases.js';
import { readIncident } from './view.js';

const clockParams = incidentParams.extend({ clock_id: uuid });

export function incidentRoutes(deps: IncidentDeps): Route[] {
  return [
    route({
      name: 'incidents.list',
      method: 'get',
      path: '/orgs/:org_id/incidents',
      permission: 'incident:read',
      summary: 'List incidents, newest first',
      params: orgParams,
      query: incidentQuery,
      response: incidentPage,
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(deps.db, tenant, (trx) => listIncidents(trx, query, page)));
      },
    }),
    route({
      name: 'incidents.create',
      method: 'post',
      path: '/orgs/:org_id/incidents',
      permission: 'incident:create',
      summary: 'Report an incident; its workflow and its clocks start',
      params: orgParams,
      body: incidentCreate,
      response: incidentDetail,
      status: 201,
      links: { incident_id: 'id' },
      async handler({ tenant, body }) {
        return await createIncident(deps, tenant, body);
      },
    }),
    route({
      name: 'incidents.get',
      method: 'get',
      path: '/orgs/:org_id/incidents/:incident_id',
      permission: 'incident:read',
      summary: 'Get an incident with its clocks, tasks and the latest of its timeline',
      params: incidentParams,
      moved_by_time: ['remaining_seconds', 'percent', 'overall', 'seconds'],
      response: incidentDetail,
      links: { incident_id: 'id' },
      async handler({ tenant, params }) {
        return await readTenant(deps.db, tenant, (trx) =>
          readIncident(trx, deps.web_ui, tenant, params.incident_id),
        );
      },
    }),
    route({
      name: 'incidents.update',
      method: 'patch',
      path: '/orgs/:org_id/incidents/:incident_id',
      permission: 'incident:update',
      summary: 'Change details, severity or people, file the review, or close it; severity moves the clocks',
      params: incidentParams,
      body: incidentUpdate,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      links: { incident_id: 'id' },
      async handler({ tenant, params, body }) {
        return await updateIncident(deps, tenant, params.incident_id, body);
      },
    }),
    route({
      name: 'incidents.transition',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/transition',
      permission: 'incident:transition',
      summary: 'Move to another NIST phase, or reopen',
      params: incidentParams,
      body: transitionBody,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await transitionIncident(deps, tenant, params.incident_id, body);
      },
    }),
    route({
      name: 'incidents.acknowledge',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/acknowledge',
      permission: 'incident:update',
      summary: 'Claim the incident; stops the acknowledge clock',
      params: incidentParams,
      body: commandNotes,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await acknowledgeIncident(deps, tenant, params.incident_id, body.notes);
      },
    }),
    route({
      name: 'incidents.severity.confirm',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/severity/confirm',
      permission: 'incident:update',
      summary: 'Confirm, as a second person, that a critical incident is called less',
      params: incidentParams,
      body: commandNotes,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await confirmSeverityChange(deps, tenant, params.incident_id, body.notes);
      },
    }),
    route({
      name: 'incidents.clocks.pause',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/clocks/:clock_id/pause',
      permission: 'incident:update',
      summary: 'Stop a clock while others hold things up; regulatory clocks never stop',
      params: clockParams,
      body: clockPauseBody,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await pauseIncidentClock(deps, tenant, params, body);
      },
    }),
    route({
      name: 'incidents.clocks.resume',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/clocks/:clock_id/resume',
      permission: 'incident:update',
      summary: 'Let a paused clock go on',
      params: clockParams,
      body: commandNotes,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await resumeIncidentClock(deps, tenant, params, body.notes);
      },
    }),
  ];
}
