import { deleted, pageQuery } from '../../domain/schema.js';
import {
  organization,
  organizationCreate,
  organizationPage,
  organizationUpdate,
  orgParams,
} from '../../domain/orgs/schema.js';
import * as orgs from '../../db/orgs/repository.js';
import { readTenant, readUser } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import { createOrganization, deleteOrganization, type OrgDeps, updateOrganization } from './use-cases.js';

export function orgRoutes(deps: OrgDeps): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'orgs.list',
      method: 'get',
      path: '/orgs',
      permission: 'signed-in',
      summary: 'List the organizations that the caller is a member of',
      query: pageQuery,
      response: organizationPage,
      links: { org_id: 'items/0/id' },
      async handler({ caller, page }) {
        return page.answer(await readUser(db, caller.user_id, (trx) => orgs.listOrgs(trx, page)));
      },
    }),
    route({
      name: 'orgs.create',
      method: 'post',
      path: '/orgs',
      permission: 'signed-in',
      summary: 'Create an organization; the caller becomes its admin',
      body: organizationCreate,
      response: organization,
      status: 201,
      errors: ['CONFLICT'],
      links: { org_id: 'id' },
      async handler({ body, caller, request_id, address }) {
        return await createOrganization(deps, { caller, request_id, address }, body);
      },
    }),
    route({
      name: 'orgs.get',
      method: 'get',
      path: '/orgs/:org_id',
      permission: 'org:read',
      summary: 'Get an organization with its settings',
      params: orgParams,
      response: organization,
      links: { org_id: 'id' },
      async handler({ tenant }) {
        return await readTenant(db, tenant, (trx) => orgs.getOrg(trx));
      },
    }),
    route({
      name: 'orgs.update',
      method: 'put',
      path: '/orgs/:org_id',
      permission: 'org:update',
      summary: 'Change an organization; what is left out stays',
      params: orgParams,
      body: organizationUpdate,
      response: organization,
      errors: ['CONFLICT'],
      async handler({ body, tenant }) {
        return await updateOrganization(deps, tenant, body);
      },
    }),
    route({
      name: 'orgs.delete',
      method: 'delete',
      path: '/orgs/:org_id',
      permission: 'org:delete',
      summary:
        'Delete an organization: its runs are cancelled, it is hidden at once and purged after 30 days',
      params: orgParams,
      response: deleted,
      async handler({ tenant }) {
        return await deleteOrganization(deps, tenant);
      },
    }),
  ];
}
