import { MOST_CONTROLS } from '../../domain/frameworks/oscal.js';
import {
  controlPage,
  controlQuery,
  frameworkDetail,
  frameworkImport,
  frameworkPage,
  frameworkParams,
  frameworkQuery,
} from '../../domain/frameworks/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import type { Database } from '../../db/connection.js';
import * as frameworks from '../../db/frameworks/repository.js';
import { readUser } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import { importFramework } from './use-cases.js';

const OSCAL_LIMIT = 16 * 1024 * 1024;

export function frameworkRoutes(deps: { db: Database }): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'frameworks.list',
      method: 'get',
      path: '/frameworks',
      permission: 'signed-in',
      summary: 'List the frameworks: the built-in ones and those imported by organizations of the caller',
      query: frameworkQuery,
      response: frameworkPage,
      links: { framework_id: 'items/0/id' },
      async handler({ caller, page }) {
        return page.answer(await readUser(db, caller.user_id, (trx) => frameworks.listFrameworks(trx, page)));
      },
    }),
    route({
      name: 'frameworks.get',
      method: 'get',
      path: '/frameworks/:framework_id',
      permission: 'signed-in',
      summary: 'Get a framework with its groups',
      params: frameworkParams,
      response: frameworkDetail,
      links: { framework_id: 'id' },
      async handler({ caller, params }) {
        return await readUser(db, caller.user_id, (trx) => frameworks.getFramework(trx, params.framework_id));
      },
    }),
    route({
      name: 'frameworks.controls',
      method: 'get',
      path: '/frameworks/:framework_id/controls',
      permission: 'signed-in',
      summary: "List a framework's controls in catalogue order",
      params: frameworkParams,
      query: controlQuery,
      response: controlPage,
      async handler({ caller, params, query, page }) {
        return await readUser(db, caller.user_id, async (trx) => {
          await frameworks.requireFramework(trx, params.framework_id);
          return page.answer(await frameworks.listControls(trx, params.framework_id, query, page));
        });
      },
    }),
    route({
      name: 'frameworks.import',
      method: 'post',
      path: '/orgs/:org_id/frameworks/import',
      permission: 'framework:import',
      summary: 'Import an OSCAL catalogue, or a profile of a framework, as a framework of the organization',
      params: orgParams,
      body: frameworkImport,
      body_limit: OSCAL_LIMIT,
      items_limit: MOST_CONTROLS,
      response: frameworkDetail,
      status: 201,
      errors: ['CONFLICT'],
      links: { framework_id: 'id' },
      async handler({ tenant, body }) {
        return await importFramework(deps, tenant, body);
      },
    }),
  ];
}
