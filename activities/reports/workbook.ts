// A report as a workbook: one sheet per table, with a frozen header and filters. What users wrote is text, never a formula.
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import { zipped } from './archive.js';
import { bcmSheets } from './sheets/bcm.js';
import { complianceSheets, gapSheets } from './sheets/compliance.js';
import { incidentSheets } from './sheets/incidents.js';
import { riskSheets } from './sheets/risks.js';
import type { Sheet } from './sheets/sheet.js';
import { summarySheet } from './sheets/summary.js';
import { workbookParts } from './spreadsheet.js';

function tablesOf(document: ReportDocument): Sheet[] {
  switch (document.type) {
    case 'compliance_summary':
      return complianceSheets(document);
    case 'gap_analysis':
      return gapSheets(document);
    case 'risk_register':
      return riskSheets(document);
    case 'incident_summary':
      return incidentSheets(document);
    case 'bcm_impact_analysis':
      return bcmSheets(document);
  }
}

export async function reportWorkbook(document: ReportDocument): Promise<Uint8Array> {
  return await zipped(workbookParts([summarySheet(document), ...tablesOf(document)]));
}
