import { auditPage, auditQuery, auditVerification } from '../../domain/audit/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { listAudit } from '../../db/audit/repository.js';
import { type AnchorStore, readAnchors } from '../../db/audit/anchors.js';
import { verifyAudit } from '../../db/audit/verify.js';
import type { Database } from '../../db/connection.js';
import { readTenant, withTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';

export interface AuditDeps {
  db: Database;
  /** Undefined where no object store is configured. */
  anchors: AnchorStore | undefined;
}

export function auditRoutes({ db, anchors }: AuditDeps): Route[] {
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
        return page.answer(await readTenant(db, tenant, (trx) => listAudit(trx, query, page)));
      },
    }),
    route({
      name: 'audit.verify',
      method: 'get',
      path: '/orgs/:org_id/audit-log/verify',
      permission: 'audit:read',
      summary:
        'Recompute the hash chain of the audit log, compare it with its witnesses, name the first wrong entry',
      params: orgParams,
      response: auditVerification,
      async handler({ tenant }) {
        const witnessed = anchors && (await readAnchors(anchors, tenant.org_id));
        return await withTenant(db, tenant, (trx) => verifyAudit(trx, witnessed));
      },
    }),
  ];
}
