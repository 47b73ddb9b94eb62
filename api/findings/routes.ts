import {
  findingDetail,
  findingPage,
  findingParams,
  findingQuery,
  findingUpdate,
} from '../../domain/findings/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import type { Database } from '../../db/connection.js';
import * as findings from '../../db/findings/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import { changeFinding } from './use-cases.js';

export function findingRoutes(deps: { db: Database }): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'findings.list',
      method: 'get',
      path: '/orgs/:org_id/findings',
      permission: 'finding:read',
      summary: 'List findings, newest first',
      params: orgParams,
      query: findingQuery,
      response: findingPage,
      links: { finding_id: 'items/0/id' },
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(db, tenant, (trx) => findings.listFindings(trx, query, page)));
      },
    }),
    route({
      name: 'findings.get',
      method: 'get',
      path: '/orgs/:org_id/findings/:finding_id',
      permission: 'finding:read',
      summary: 'Get a finding with what it rests on and its history',
      params: findingParams,
      response: findingDetail,
      links: { finding_id: 'id' },
      async handler({ tenant, params }) {
        return await readTenant(db, tenant, (trx) => findings.getFinding(trx, params.finding_id));
      },
    }),
    route({
      name: 'findings.update',
      method: 'patch',
      path: '/orgs/:org_id/findings/:finding_id',
      permission: 'finding:update',
      summary:
        'Set status, severity, notes, owner or due date; later runs never overwrite a verdict of a person',
      params: findingParams,
      body: findingUpdate,
      response: findingDetail,
      links: { finding_id: 'id' },
      async handler({ tenant, params, body }) {
        return await changeFinding(deps, tenant, params.finding_id, body);
      },
    }),
  ];
}
