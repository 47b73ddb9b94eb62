import {
  decideBody,
  incidentEventBody,
  submitBody,
  waiveBody,
} from '../../domain/incidents/obligation-schema.js';
import { incidentCommandResult, incidentParams } from '../../domain/incidents/schema.js';
import { uuid } from '../../domain/schema.js';
import type { DutyDeps } from '../duties.js';
import { route, type Route } from '../http/route.js';
import {
  decideIncidentObligation,
  recordIncidentEvent,
  submitIncidentObligation,
  waiveIncidentObligation,
} from './obligations.js';
import type { IncidentDeps } from './use-cases.js';

const obligationParams = incidentParams.extend({ obligation_id: uuid });

export function incidentObligationRoutes(deps: IncidentDeps & DutyDeps): Route[] {
  return [
    route({
      name: 'incidents.events.record',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/events',
      permission: 'incident:update',
      summary: 'Establish a fact that duties to report count from; decision aid, not legal advice',
      params: incidentParams,
      body: incidentEventBody,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await recordIncidentEvent(deps, tenant, params.incident_id, body);
      },
    }),
    route({
      name: 'incidents.obligations.decide',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/obligations/:obligation_id/decide',
      permission: 'incident:report',
      summary: 'Decide whether it has to be reported; until then it counts down',
      params: obligationParams,
      body: decideBody,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await decideIncidentObligation(deps, tenant, params, body);
      },
    }),
    route({
      name: 'incidents.obligations.submit',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/obligations/:obligation_id/submit',
      permission: 'incident:report',
      summary: 'Record the submission with its receipt; starts what counts from it',
      params: obligationParams,
      body: submitBody,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await submitIncidentObligation(deps, tenant, params, body);
      },
    }),
    route({
      name: 'incidents.obligations.waive',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/obligations/:obligation_id/waive',
      permission: 'incident:report',
      summary: "Waive an obligation; for admins and the incident's commander",
      params: obligationParams,
      body: waiveBody,
      response: incidentCommandResult,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await waiveIncidentObligation(deps, tenant, params, body.reason);
      },
    }),
  ];
}
