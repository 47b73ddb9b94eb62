import { commandNotes, incidentParams } from '../../domain/incidents/schema.js';
import { RUN_COMMANDS, type RunCommand } from '../../domain/playbooks/rules.js';
import {
  approveBody,
  completeBody,
  playbookExecute,
  playbookRunDetail,
  playbookRunPage,
  runParams,
  runQuery,
  stepParams,
} from '../../domain/playbooks/schema.js';
import { getIncident } from '../../db/incidents/repository.js';
import { listRuns } from '../../db/playbooks/runs.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import { commandRun, completeStep, decideStep, executePlaybook, readRun, type RunDeps } from './runs.js';

const RUNS = '/orgs/:org_id/incidents/:incident_id/playbook-runs';
const RUN = `${RUNS}/:run_id`;

export function playbookRunRoutes(deps: RunDeps): Route[] {
  return [
    route({
      name: 'playbook_runs.list',
      method: 'get',
      path: RUNS,
      permission: 'playbook:read',
      summary: "List an incident's playbook runs, newest first",
      params: incidentParams,
      query: runQuery,
      response: playbookRunPage,
      async handler({ tenant, params, query, page }) {
        return page.answer(
          await readTenant(deps.db, tenant, async (trx) => {
            await getIncident(trx, params.incident_id);
            return await listRuns(trx, params.incident_id, query, page);
          }),
        );
      },
    }),
    route({
      name: 'playbook_runs.execute',
      method: 'post',
      path: '/orgs/:org_id/incidents/:incident_id/playbook',
      permission: 'playbook:execute',
      summary: 'Run a playbook on the incident; dry_run shows the decisions and touches nothing',
      params: incidentParams,
      body: playbookExecute,
      response: playbookRunDetail,
      status: 201,
      errors: ['CONFLICT'],
      links: { run_id: 'id' },
      async handler({ tenant, params, body }) {
        return await executePlaybook(deps, tenant, params.incident_id, body);
      },
    }),
    route({
      name: 'playbook_runs.get',
      method: 'get',
      path: RUN,
      permission: 'playbook:read',
      summary: 'Get a run with each step, what the policy said of it and what came of it',
      params: runParams,
      response: playbookRunDetail,
      async handler({ tenant, params }) {
        return await readTenant(deps.db, tenant, (trx) => readRun(trx, deps.web_ui, tenant, params));
      },
    }),
    ...RUN_COMMANDS.map((command) => commandRoute(deps, command)),
    ...(['approve', 'reject'] as const).map((verdict) =>
      route({
        name: `playbook_runs.steps.${verdict}`,
        method: 'post',
        path: `${RUN}/steps/:step_id/${verdict}`,
        permission: 'playbook:approve',
        summary: `${verdict === 'approve' ? 'Approve' : 'Reject'} a step as it would be carried out now; for admins and the incident's commander`,
        params: stepParams,
        body: approveBody,
        response: playbookRunDetail,
        errors: ['CONFLICT'],
        async handler({ tenant, params, body }) {
          return await decideStep(deps, tenant, params, verdict, body);
        },
      }),
    ),
    route({
      name: 'playbook_runs.steps.complete',
      method: 'post',
      path: `${RUN}/steps/:step_id/complete`,
      permission: 'playbook:execute',
      summary: 'Say that a step that waits for a person is done, with the answers it asks for',
      params: stepParams,
      body: completeBody,
      response: playbookRunDetail,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await completeStep(deps, tenant, params, body);
      },
    }),
  ];
}

const SUMMARY: Record<RunCommand, string> = {
  pause: 'Begin no further step until it is resumed',
  resume: 'Go on after a pause',
  abort: 'End the run and keep what it did',
  rollback: 'End the run and undo what it did, the last step first',
};

function commandRoute(deps: RunDeps, command: RunCommand): Route {
  return route({
    name: `playbook_runs.${command}`,
    method: 'post',
    path: `${RUN}/${command}`,
    permission: 'playbook:execute',
    summary: SUMMARY[command],
    params: runParams,
    body: commandNotes,
    response: playbookRunDetail,
    errors: ['CONFLICT'],
    async handler({ tenant, params, body }) {
      return await commandRun(deps, tenant, params, command, body.notes);
    },
  });
}
