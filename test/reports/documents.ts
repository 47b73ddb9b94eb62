// Reports to draw: as the demo would give them, of an empty organization, and full of what people could write.
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import type { ReportType } from '../../domain/reports/documents.js';
import { bcmDocument } from './bcm-document.js';
import { complianceDocument, gapDocument } from './compliance-documents.js';
import { incidentDocument } from './incident-document.js';
import { riskDocument } from './risk-document.js';

export type Kind = 'demo' | 'empty' | 'nasty';

export function documentOf(type: ReportType, kind: Kind, rows?: number): ReportDocument {
  switch (type) {
    case 'compliance_summary':
      return complianceDocument(kind, rows);
    case 'gap_analysis':
      return gapDocument(kind, rows);
    case 'risk_register':
      return riskDocument(kind, rows);
    case 'incident_summary':
      return incidentDocument(kind, rows);
    case 'bcm_impact_analysis':
      return bcmDocument(kind, rows);
  }
}

/** As the renderer gets it. */
export function keptOf(document: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(document));
}
