// What a report says, before it is a PDF or a workbook. As JSON it is the third format.
import { z } from 'zod';
import { bcmImpactAnalysis } from './bcm-schema.js';
import { complianceSummary, gapAnalysis } from './compliance-schema.js';
import { incidentSummary } from './incident-schema.js';
import { riskRegister } from './risk-schema.js';

export const reportDocument = z
  .discriminatedUnion('type', [
    complianceSummary,
    gapAnalysis,
    riskRegister,
    incidentSummary,
    bcmImpactAnalysis,
  ])
  .meta({ id: 'ReportDocument' });
export type ReportDocument = z.infer<typeof reportDocument>;

/** The same as JSON Schema, for whoever reads a report by program. */
export function reportJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(reportDocument, { target: 'draft-2020-12' }) };
}
