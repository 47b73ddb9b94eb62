// What a report says, read from one instant of the organization: a fixed number of statements, whatever the rows.
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import type { Database } from '../connection.js';
import { withSnapshot } from '../tenancy.js';
import { gatherBcm } from './bcm.js';
import { gatherCompliance } from './compliance.js';
import { gatherGaps } from './gaps.js';
import { readOpening } from './head.js';
import { gatherIncidents } from './incidents.js';
import { gatherRisks } from './risks.js';
import type { ReportWork } from './transitions.js';

/** @param db as grc_report @throws DomainError PAYLOAD_TOO_LARGE, or NOT_FOUND for an assessment that is gone */
export async function gatherDocument(
  db: Database,
  tenant: Pick<TenantRef, 'org_id'>,
  report: ReportWork,
): Promise<ReportDocument> {
  return await withSnapshot(db, tenant, async (trx) => {
    const { head, appetite } = await readOpening(trx, report);
    switch (report.type) {
      case 'compliance_summary':
        return await gatherCompliance(trx, head, report.assessment_id);
      case 'gap_analysis':
        return await gatherGaps(trx, head, report.assessment_id);
      case 'risk_register':
        return await gatherRisks(trx, head, appetite);
      case 'incident_summary':
        return await gatherIncidents(trx, head);
      case 'bcm_impact_analysis':
        return gatherBcm(head);
    }
  });
}
