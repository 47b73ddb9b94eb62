import { deleted } from '../../domain/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import {
  me,
  user,
  userCreate,
  userPage,
  userParams,
  userQuery,
  userUpdate,
} from '../../domain/users/schema.js';
import type { Database } from '../../db/connection.js';
import { readTenant, readUser } from '../../db/tenancy.js';
import * as users from '../../db/users/repository.js';
import { route, type Route } from '../http/route.js';
import { addUser, changeUser, removeUser } from './use-cases.js';

export function userRoutes(deps: { db: Database }): Route[] {
  const { db } = deps;
  return [
    route({
      name: 'users.me',
      method: 'get',
      path: '/users/me',
      permission: 'signed-in',
      summary: 'Get the caller and their memberships',
      response: me,
      async handler({ caller }) {
        return await readUser(db, caller.user_id, (trx) => users.getMe(trx, caller.user_id));
      },
    }),
    route({
      name: 'users.list',
      method: 'get',
      path: '/orgs/:org_id/users',
      permission: 'user:read',
      summary: "List an organization's users",
      params: orgParams,
      query: userQuery,
      response: userPage,
      links: { user_id: 'items/0/id' },
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(db, tenant, (trx) => users.listUsers(trx, query, page)));
      },
    }),
    route({
      name: 'users.create',
      method: 'post',
      path: '/orgs/:org_id/users',
      permission: 'user:create',
      summary: 'Add a person by address, or a machine by its service token',
      params: orgParams,
      body: userCreate,
      response: user,
      status: 201,
      errors: ['CONFLICT'],
      links: { user_id: 'id' },
      async handler({ tenant, body }) {
        return await addUser(deps, tenant, body);
      },
    }),
    route({
      name: 'users.get',
      method: 'get',
      path: '/orgs/:org_id/users/:user_id',
      permission: 'user:read',
      summary: 'Get a user',
      params: userParams,
      response: user,
      links: { user_id: 'id' },
      async handler({ tenant, params }) {
        return await readTenant(db, tenant, (trx) => users.getUser(trx, params.user_id));
      },
    }),
    route({
      name: 'users.update',
      method: 'put',
      path: '/orgs/:org_id/users/:user_id',
      permission: 'user:update',
      summary: "Change a user's name or role; the last admin keeps theirs",
      params: userParams,
      body: userUpdate,
      response: user,
      errors: ['CONFLICT'],
      async handler({ tenant, params, body }) {
        return await changeUser(deps, tenant, params.user_id, body);
      },
    }),
    route({
      name: 'users.delete',
      method: 'delete',
      path: '/orgs/:org_id/users/:user_id',
      permission: 'user:delete',
      summary: 'End a membership; what the person did keeps their name',
      params: userParams,
      response: deleted,
      errors: ['CONFLICT'],
      async handler({ tenant, params }) {
        return await removeUser(deps, tenant, params.user_id);
      },
    }),
  ];
}
