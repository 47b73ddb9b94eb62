import {
  kri,
  kriCollection,
  kriCreate,
  kriHistory,
  kriHistoryQuery,
  kriPage,
  kriParams,
  kriQuery,
  kriUpdate,
  kriValueCreate,
} from '../../domain/kris/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { deleted } from '../../domain/schema.js';
import { getKri, listKris } from '../../db/kris/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import {
  changeKri,
  collectNow,
  createKri,
  deleteKri,
  type KriDeps,
  postValue,
  readHistory,
} from './use-cases.js';

const ONE = '/orgs/:org_id/kris/:kri_id';

export function kriRoutes(deps: KriDeps): Route[] {
  const { db } = deps;
  const valueRoute = (name: string, method: 'post' | 'put', summary: string): Route =>
    route({
      name,
      method,
      path: `${ONE}/value`,
      permission: 'kri:measure',
      summary,
      params: kriParams,
      body: kriValueCreate,
      response: kri,
      async handler({ tenant, params, body }) {
        return await postValue(deps, tenant, params.kri_id, body);
      },
    });
  return [
    route({
      name: 'kris.list',
      method: 'get',
      path: '/orgs/:org_id/kris',
      permission: 'kri:read',
      summary: 'List the key risk indicators, newest first',
      params: orgParams,
      query: kriQuery,
      response: kriPage,
      links: { kri_id: 'items/0/id' },
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(db, tenant, (trx) => listKris(trx, query, page)));
      },
    }),
    route({
      name: 'kris.create',
      method: 'post',
      path: '/orgs/:org_id/kris',
      permission: 'kri:create',
      summary: 'Create a key risk indicator; one with a query is collected by its schedule from then on',
      params: orgParams,
      body: kriCreate,
      response: kri,
      status: 201,
      links: { kri_id: 'id' },
      async handler({ tenant, body }) {
        return await createKri(deps, tenant, body);
      },
    }),
    route({
      name: 'kris.get',
      method: 'get',
      path: ONE,
      permission: 'kri:read',
      summary: 'Get a key risk indicator with its present value and colour',
      params: kriParams,
      response: kri,
      moved_by_time: ['stale'],
      links: { kri_id: 'id' },
      async handler({ tenant, params }) {
        return await readTenant(db, tenant, (trx) => getKri(trx, params.kri_id));
      },
    }),
    route({
      name: 'kris.update',
      method: 'put',
      path: ONE,
      permission: 'kri:update',
      summary: 'Change a key risk indicator, or pause its collection; what is absent stays',
      params: kriParams,
      body: kriUpdate,
      response: kri,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await changeKri(deps, tenant, params.kri_id, body);
      },
    }),
    route({
      name: 'kris.delete',
      method: 'delete',
      path: ONE,
      permission: 'kri:delete',
      summary: 'Delete a key risk indicator with its values and its schedule',
      params: kriParams,
      response: deleted,
      async handler({ tenant, params }) {
        return await deleteKri(deps, tenant, params.kri_id);
      },
    }),
    valueRoute(
      'kris.value.post',
      'post',
      'Post a value; one that was measured before the latest is history only',
    ),
    valueRoute('kris.value.put', 'put', 'The same as the POST'),
    route({
      name: 'kris.collect',
      method: 'post',
      path: `${ONE}/collect`,
      permission: 'kri:measure',
      summary: 'Run the collection now',
      params: kriParams,
      response: kriCollection,
      status: 201,
      errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
      async handler({ tenant, params }) {
        return await collectNow(deps, tenant, params.kri_id);
      },
    }),
    route({
      name: 'kris.history',
      method: 'get',
      path: `${ONE}/history`,
      permission: 'kri:read',
      summary: 'Get the values of a time, their trend, and the breaches',
      params: kriParams,
      query: kriHistoryQuery,
      response: kriHistory,
      async handler({ tenant, params, query }) {
        return await readHistory(deps, tenant, params.kri_id, query);
      },
    }),
  ];
}
