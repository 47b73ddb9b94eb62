import { auditPage, auditQuery, auditVerification } from '../../domain/audit/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { listAudit } from '../../db/audit/repository.js';
import { verifyAudit } from '../../db/audit/verify.js';
import type { Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';

export function auditRoutes({ db }: { db: Database }): Route[] {
  return [
    route({
      name: 'audit.list',
      method: 'get',
      path: '/orgs/:org_id/audit-log',
      permission: 'audit:read',
      summary: 'List who did what, newest first',
      params: orgParams,
      query: auditQuery,
      response: auditPage,
      async handler({ tenant, query, page }) {
        return page.answer(await withTenant(db, tenant, (trx) => listAudit(trx, query, page)));
      },
    }),
    route({
      name: 'audit.verify',
      method: 'get',
      path: '/orgs/:org_id/audit-log/verify',
      permission: 'audit:read',
      summary: 'Recompute the hash chain of the audit log and name the first entry that is wrong',
      params: orgParams,
      response: auditVerification,
      async handler({ tenant }) {
        return await withTenant(db, tenant, (trx) => verifyAudit(trx));
      },
    }),
  ];
}
