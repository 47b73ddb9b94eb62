import type { ReportFormat, ReportType } from '../../../domain/reports/documents.js';
import type { ReportGenerate } from '../../../domain/reports/schema.js';
import type { TenantContext } from '../../../domain/tenant.js';
import type { Database } from '../../../db/connection.js';
import { insertReport, type ReportRow } from '../../../db/reports/repository.js';
import { beginReport, completeReport, keepSnapshot } from '../../../db/reports/transitions.js';
import { withTenant } from '../../../db/tenancy.js';

export function wanted(type: ReportType, format: ReportFormat, assessment_id: string): ReportGenerate {
  return type === 'compliance_summary' || type === 'gap_analysis'
    ? { type, format, assessment_id }
    : { type, format };
}

/** Asked for, without a workflow; a risk register unless told otherwise. */
export async function buildReport(
  db: Database,
  tenant: TenantContext,
  body: ReportGenerate = { type: 'risk_register', format: 'json' },
): Promise<ReportRow> {
  return await withTenant(db, tenant, (trx) => insertReport(trx, tenant, body));
}

/** As its workflow leaves it; the bytes are the caller's to store. */
export async function buildCompletedReport(
  db: Database,
  tenant: TenantContext,
  made: { sha256: string; size: number },
  body?: ReportGenerate,
): Promise<ReportRow> {
  const report = await buildReport(db, tenant, body);
  await withTenant(db, tenant, async (trx) => {
    await beginReport(trx, report.id);
    const as_of = new Date().toISOString();
    await keepSnapshot(trx, report.id, { as_of, document_sha256: 'd'.repeat(64) });
    await completeReport(trx, tenant, report.id, made);
  });
  return report;
}
