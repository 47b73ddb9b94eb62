import {
  controlPage,
  controlQuery,
  frameworkDetail,
  frameworkPage,
  frameworkParams,
  frameworkQuery,
} from '../../domain/frameworks/schema.js';
import type { Database } from '../../db/connection.js';
import * as frameworks from '../../db/frameworks/repository.js';
import { withUser } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';

export function frameworkRoutes({ db }: { db: Database }): Route[] {
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
        return page.answer(await withUser(db, caller.user_id, (trx) => frameworks.listFrameworks(trx, page)));
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
        return await withUser(db, caller.user_id, (trx) => frameworks.getFramework(trx, params.framework_id));
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
        return await withUser(db, caller.user_id, async (trx) => {
          await frameworks.requireFramework(trx, params.framework_id);
          return page.answer(await frameworks.listControls(trx, params.framework_id, query, page));
        });
      },
    }),
  ];
}
