import { orgParams } from '../../domain/orgs/schema.js';
import {
  dutySuggestions,
  killSwitch,
  killSwitchUpdate,
  policyDetail,
  policyListQuery,
  policyPage,
  policyParams,
  policyReset,
  policyRevisionPage,
  policyTest,
  policyTestResult,
  policyUpdate,
  suggestionParams,
} from '../../domain/policies/schema.js';
import { getKillSwitch, getPolicy, listPolicies, listPolicyRevisions } from '../../db/policies/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import {
  changeKillSwitch,
  type PolicyDeps,
  policyNamed,
  replacePolicy,
  resetPolicy,
  testPolicy,
} from './use-cases.js';
import { suggestObligations } from '../duties.js';

export function policyRoutes(deps: PolicyDeps): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'policies.list',
      method: 'get',
      path: '/orgs/:org_id/policies',
      permission: 'policy:read',
      summary: 'List the policies in force: the built-in ones until the organization replaces them',
      params: orgParams,
      response: policyPage,
      links: { name: 'items/0/name' },
      async handler({ tenant }) {
        const items = await readTenant(db, tenant, (trx) => listPolicies(trx));
        return { items, next_cursor: null };
      },
    }),
    route({
      name: 'policies.get',
      method: 'get',
      path: '/orgs/:org_id/policies/:name',
      permission: 'policy:read',
      summary: 'Get a policy in Rego, with an input to try it with',
      params: policyParams,
      response: policyDetail,
      links: { name: 'name' },
      async handler({ tenant, params }) {
        return await readTenant(db, tenant, (trx) => getPolicy(trx, policyNamed(params.name)));
      },
    }),
    route({
      name: 'policies.replace',
      method: 'put',
      path: '/orgs/:org_id/policies/:name',
      permission: 'policy:update',
      summary:
        'Replace a policy; one that does not compile, or reaches beyond its input, is refused with its lines',
      params: policyParams,
      body: policyUpdate,
      response: policyDetail,
      async handler({ tenant, params, body }) {
        return await replacePolicy(deps, tenant, policyNamed(params.name), body);
      },
    }),
    route({
      name: 'policies.reset',
      method: 'post',
      path: '/orgs/:org_id/policies/:name/reset',
      permission: 'policy:update',
      summary: 'Put the built-in policy back in force',
      params: policyParams,
      body: policyReset,
      response: policyDetail,
      async handler({ tenant, params, body }) {
        return await resetPolicy(deps, tenant, policyNamed(params.name), body.notes ?? null);
      },
    }),
    route({
      name: 'policies.test',
      method: 'post',
      path: '/orgs/:org_id/policies/:name/test',
      permission: 'policy:test',
      summary: 'Ask a policy, or a draft of one, about a sample; nothing is done',
      params: policyParams,
      body: policyTest,
      response: policyTestResult,
      async handler({ tenant, params, body }) {
        return await testPolicy(deps, tenant, policyNamed(params.name), body);
      },
    }),
    route({
      name: 'policies.revisions.list',
      method: 'get',
      path: '/orgs/:org_id/policies/:name/revisions',
      permission: 'policy:read',
      summary: 'List what a policy was, newest first',
      params: policyParams,
      query: policyListQuery,
      response: policyRevisionPage,
      async handler({ tenant, params, page }) {
        return page.answer(
          await readTenant(db, tenant, (trx) => listPolicyRevisions(trx, policyNamed(params.name), page)),
        );
      },
    }),
    route({
      name: 'kill_switch.get',
      method: 'get',
      path: '/orgs/:org_id/kill-switch',
      permission: 'policy:read',
      summary: 'Whether automated steps are stopped',
      params: orgParams,
      response: killSwitch,
      async handler({ tenant }) {
        return await readTenant(db, tenant, (trx) => getKillSwitch(trx));
      },
    }),
    route({
      name: 'kill_switch.set',
      method: 'put',
      path: '/orgs/:org_id/kill-switch',
      permission: 'policy:update',
      summary: 'Stop all automated steps of the organization, or let them be decided again',
      params: orgParams,
      body: killSwitchUpdate,
      response: killSwitch,
      async handler({ tenant, body }) {
        return await changeKillSwitch(deps, tenant, body);
      },
    }),
    route({
      name: 'incidents.obligations.suggest',
      method: 'get',
      path: '/orgs/:org_id/incidents/:incident_id/obligations/suggestions',
      permission: 'incident:read',
      summary: 'Which duties to report probably apply, by policy; decision aid, not legal advice',
      params: suggestionParams,
      response: dutySuggestions,
      async handler({ tenant, params }) {
        return await suggestObligations(deps, tenant, params.incident_id);
      },
    }),
  ];
}
