import { deleted } from '../../domain/schema.js';
import type { AssessmentCommand } from '../../domain/assessments/rules.js';
import {
  assessmentBundle,
  assessmentCreate,
  assessmentDetail,
  assessmentEvent,
  assessmentOscal,
  assessmentPage,
  assessmentParams,
  assessmentProgress,
  assessmentQuery,
  commandResult,
  executeBody,
  executeResult,
  statusQuery,
} from '../../domain/assessments/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { listAssessments } from '../../db/assessments/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { raw, route, type Route } from '../http/route.js';
import { bundleAssessment } from './bundle.js';
import { createEvents } from './events.js';
import { exportOscal, type OscalDeps } from './oscal.js';
import {
  type AssessmentDeps,
  commandAssessment,
  countingSlots,
  createAssessment,
  deleteAssessment,
  executeAssessment,
  getAssessmentStatus,
  readAssessment,
} from './use-cases.js';

const SLOT_LIMIT = '5 executions at once per organization; a paused one does not count';

export function assessmentRoutes(deps: AssessmentDeps & OscalDeps): Route[] {
  const openEvents = createEvents(deps);
  return [
    route({
      name: 'assessments.list',
      method: 'get',
      path: '/orgs/:org_id/assessments',
      permission: 'assessment:read',
      summary: 'List assessments, newest first',
      params: orgParams,
      query: assessmentQuery,
      response: assessmentPage,
      links: { assessment_id: 'items/0/id' },
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(deps.db, tenant, (trx) => listAssessments(trx, query, page)));
      },
    }),
    route({
      name: 'assessments.create',
      method: 'post',
      path: '/orgs/:org_id/assessments',
      permission: 'assessment:create',
      summary: 'Create an assessment of a framework, or of some of its controls',
      params: orgParams,
      body: assessmentCreate,
      response: assessmentDetail,
      status: 201,
      links: { assessment_id: 'id' },
      async handler({ tenant, body }) {
        return await createAssessment(deps, tenant, body);
      },
    }),
    route({
      name: 'assessments.get',
      method: 'get',
      path: '/orgs/:org_id/assessments/:assessment_id',
      permission: 'assessment:read',
      summary: 'Get an assessment with its summary, score and cost',
      params: assessmentParams,
      response: assessmentDetail,
      links: { assessment_id: 'id' },
      async handler({ tenant, params }) {
        return await readAssessment(deps, tenant, params.assessment_id);
      },
    }),
    route({
      name: 'assessments.delete',
      method: 'delete',
      path: '/orgs/:org_id/assessments/:assessment_id',
      permission: 'assessment:delete',
      summary: 'Delete an assessment with its findings; refused while it is being executed',
      params: assessmentParams,
      response: deleted,
      errors: ['CONFLICT'],
      async handler({ tenant, params }) {
        return await deleteAssessment(deps, tenant, params.assessment_id);
      },
    }),
    route({
      name: 'assessments.execute',
      method: 'post',
      path: '/orgs/:org_id/assessments/:assessment_id/execute',
      permission: 'assessment:execute',
      summary: 'Judge every control that has no finding yet; with restart, all that no person has set',
      params: assessmentParams,
      body: executeBody,
      response: executeResult,
      errors: ['CONFLICT'],
      limits: [SLOT_LIMIT],
      async handler({ tenant, params, body, countsAgainst }) {
        return await executeAssessment(deps, tenant, { ...params, restart: body.restart }, countsAgainst);
      },
    }),
    commandRoute(deps, 'pause', 'Pause a run: controls in flight finish, nothing new starts'),
    commandRoute(deps, 'resume', 'Resume a paused run with what is left'),
    commandRoute(deps, 'cancel', 'Cancel a run, also a paused one; findings written stay'),
    route({
      name: 'assessments.status',
      method: 'get',
      path: '/orgs/:org_id/assessments/:assessment_id/status',
      permission: 'assessment:read',
      summary: 'How far the run is; live=true asks the workflow itself',
      params: assessmentParams,
      query: statusQuery,
      response: assessmentProgress,
      async handler({ tenant, params, query }) {
        return await getAssessmentStatus(deps, tenant, params.assessment_id, query.live === 'true');
      },
    }),
    route({
      name: 'assessments.events',
      method: 'get',
      path: '/orgs/:org_id/assessments/:assessment_id/events',
      permission: 'assessment:read',
      summary: 'Follow the run: server-sent events progress and end, each with the status as data',
      params: assessmentParams,
      response: raw('text/event-stream', 'events progress and end', assessmentEvent),
      async handler({ tenant, params, gone, header }) {
        header('Cache-Control', 'no-store');
        header('X-Accel-Buffering', 'no');
        return await openEvents(tenant, params.assessment_id, gone());
      },
    }),
    route({
      name: 'assessments.bundle',
      method: 'get',
      path: '/orgs/:org_id/assessments/:assessment_id/bundle',
      permission: 'assessment:download',
      summary: 'Everything needed to re-perform each verdict, with a manifest of hashes',
      params: assessmentParams,
      response: raw('application/json', 'files by path, and the manifest', assessmentBundle),
      errors: ['CONFLICT'],
      async handler({ tenant, params, header }) {
        const stream = await bundleAssessment(deps, tenant, params.assessment_id);
        header('Content-Disposition', `attachment; filename="assessment-${params.assessment_id}.json"`);
        return stream;
      },
    }),
    route({
      name: 'assessments.oscal',
      method: 'get',
      path: '/orgs/:org_id/assessments/:assessment_id/oscal',
      permission: 'assessment:download',
      summary: 'The findings of a finished or running assessment as OSCAL assessment results',
      params: assessmentParams,
      response: raw('application/json', 'OSCAL assessment results', assessmentOscal),
      errors: ['CONFLICT'],
      async handler({ tenant, params, header }) {
        const stream = await exportOscal(deps, tenant, params.assessment_id);
        header('Content-Disposition', `attachment; filename="assessment-${params.assessment_id}.oscal.json"`);
        return stream;
      },
    }),
  ];
}

function commandRoute(deps: AssessmentDeps, kind: AssessmentCommand, summary: string): Route {
  const permission = `assessment:${kind}` as const;
  return route({
    name: `assessments.${kind}`,
    method: 'post',
    path: `/orgs/:org_id/assessments/:assessment_id/${kind}`,
    permission,
    summary,
    description:
      'The status once the run has accepted; else the present one with `requested`, and it goes on.',
    params: assessmentParams,
    response: commandResult,
    errors: ['CONFLICT'],
    limits: kind === 'resume' ? [SLOT_LIMIT] : [],
    async handler({ tenant, params, countsAgainst }) {
      return await countingSlots(countsAgainst, () =>
        commandAssessment(deps, tenant, params.assessment_id, kind),
      );
    },
  });
}
