import { z } from 'zod';
import { anyOf, page, pageQuery, timestamp, uuid } from '../schema.js';
import { REPORT_FORMATS, REPORT_TYPES } from './documents.js';
import { ASSESSMENT_REPORTS, ORGANIZATION_REPORTS, REPORT_STATUSES } from './rules.js';

const type = z.enum(REPORT_TYPES);
const format = z.enum(REPORT_FORMATS);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const report = z
  .object({
    id: uuid,
    type,
    format,
    status: z.enum(REPORT_STATUSES),
    assessment_id: uuid.nullable().meta({ description: 'null also when that assessment is gone' }),
    requested_by: uuid,
    failure: z.string().nullable().meta({ description: 'why there is none, in words' }),
    as_of: timestamp.nullable().meta({ description: 'the instant that all of it was read at' }),
    filename: z.string().nullable(),
    content_type: z.string(),
    size: z.number().int().nullable(),
    sha256: sha256.nullable().meta({ description: 'of the bytes that a download gives' }),
    created_at: timestamp,
    updated_at: timestamp,
    ended_at: timestamp.nullable(),
    workflow: z.object({ id: z.string(), run_id: z.string().nullable(), url: z.string() }),
  })
  .meta({ id: 'Report' });
export type Report = z.infer<typeof report>;

/** Two shapes, because the document can say so: about one assessment, or about the whole organization. */
export const reportGenerate = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.enum(ASSESSMENT_REPORTS),
      format,
      assessment_id: uuid.meta({ description: 'that the report is about' }),
    }),
    z.strictObject({ type: z.enum(ORGANIZATION_REPORTS), format }),
  ])
  .meta({
    id: 'ReportGenerate',
    description: 'assessment_id goes with compliance_summary and gap_analysis, and with them only',
    example: {
      type: 'compliance_summary',
      assessment_id: '0198c0de-0000-7000-8000-000000000001',
      format: 'pdf',
    },
  });
export type ReportGenerate = z.infer<typeof reportGenerate>;

export const reportPage = page(report).meta({ id: 'ReportPage' });
export const reportParams = z.strictObject({ org_id: uuid, report_id: uuid });
export const reportQuery = pageQuery.extend({
  type: anyOf(REPORT_TYPES),
  status: anyOf(REPORT_STATUSES),
  format: anyOf(REPORT_FORMATS),
});
export type ReportQuery = z.infer<typeof reportQuery>;

export const reportCancelled = report
  .extend({
    requested: z
      .enum(['cancel'])
      .nullable()
      .meta({ description: 'asked for, and not yet obeyed; it is not lost' }),
  })
  .meta({ id: 'ReportCancellation' });
export type ReportCancelled = z.infer<typeof reportCancelled>;

export const reportDownloadQuery = z.strictObject({
  redirect: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'true: answer with the address of the bytes instead, good for five minutes' }),
});

export const reportLocation = z
  .object({ download_url: z.url(), expires_in: z.number().int(), sha256 })
  .meta({ id: 'ReportLocation' });
export type ReportLocation = z.infer<typeof reportLocation>;
