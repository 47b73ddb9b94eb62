import { orgParams } from '../../domain/orgs/schema.js';
import {
  libraryParams,
  playbookDetail,
  playbookImport,
  playbookPage,
  playbookParams,
  playbookQuery,
} from '../../domain/playbooks/schema.js';
import type { Database } from '../../db/connection.js';
import { getPlaybook, listPlaybooks } from '../../db/playbooks/repository.js';
import { readTenant, readUser } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import { importPlaybook } from './use-cases.js';

export function playbookRoutes(deps: { db: Database }): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'playbooks.library.list',
      method: 'get',
      path: '/playbooks',
      permission: 'signed-in',
      summary: 'List the built-in playbooks',
      query: playbookQuery,
      response: playbookPage,
      async handler({ caller, page }) {
        return page.answer(await readUser(db, caller.user_id, (trx) => listPlaybooks(trx, page)));
      },
    }),
    route({
      name: 'playbooks.library.get',
      method: 'get',
      path: '/playbooks/:playbook_id',
      permission: 'signed-in',
      summary: 'Get a built-in playbook as CACAO v2.0',
      params: libraryParams,
      response: playbookDetail,
      async handler({ caller, params }) {
        return await readUser(db, caller.user_id, (trx) => getPlaybook(trx, params.playbook_id));
      },
    }),
    route({
      name: 'playbooks.list',
      method: 'get',
      path: '/orgs/:org_id/playbooks',
      permission: 'playbook:read',
      summary:
        "List playbooks: the built-in ones and the organization's own, which go first under the same name",
      params: orgParams,
      query: playbookQuery,
      response: playbookPage,
      async handler({ tenant, page }) {
        return page.answer(await readTenant(db, tenant, (trx) => listPlaybooks(trx, page)));
      },
    }),
    route({
      name: 'playbooks.import',
      method: 'post',
      path: '/orgs/:org_id/playbooks',
      permission: 'playbook:import',
      summary: 'Import a CACAO v2.0 playbook; what cannot be run is refused with its reasons',
      params: orgParams,
      body: playbookImport,
      response: playbookDetail,
      status: 201,
      links: { playbook_id: 'playbook_id' },
      async handler({ tenant, body }) {
        return await importPlaybook(deps, tenant, body);
      },
    }),
    route({
      name: 'playbooks.get',
      method: 'get',
      path: '/orgs/:org_id/playbooks/:playbook_id',
      permission: 'playbook:read',
      summary: 'Get a playbook as CACAO v2.0',
      params: playbookParams,
      response: playbookDetail,
      links: { playbook_id: 'playbook_id' },
      async handler({ tenant, params }) {
        return await readTenant(db, tenant, (trx) => getPlaybook(trx, params.playbook_id));
      },
    }),
  ];
}
