// The two reports about one assessment.
import { z } from 'zod';
import { FINDING_STATUSES, SEVERITIES } from '../findings/rules.js';
import { date, timestamp, uuid } from '../schema.js';
import { count, head, percent, person } from './head-schema.js';

const statusCounts = z
  .strictObject({ pass: count, fail: count, partial: count, not_applicable: count })
  .meta({ id: 'ReportStatusCounts' });

const severityCounts = z
  .strictObject({ critical: count, high: count, medium: count, low: count, info: count })
  .meta({ id: 'ReportSeverityCounts' });

const control = z.strictObject({ id: uuid, ref: z.string(), title: z.string(), group: z.string() });
const score = percent.nullable().meta({ description: 'null while nothing is judged' });

const findingRow = z
  .strictObject({
    finding_id: uuid,
    control,
    status: z.enum(FINDING_STATUSES),
    severity: z.enum(SEVERITIES),
    confidence: z.number().min(0).max(1),
    rationale: z.string(),
    needs_review: z.boolean(),
    review_due_at: timestamp.nullable(),
    owner: person.nullable(),
    due_date: date.nullable(),
    updated_at: timestamp,
  })
  .meta({ id: 'ReportFinding' });
export type FindingRow = z.infer<typeof findingRow>;

const trendPoint = z.strictObject({
  assessment_id: uuid,
  name: z.string(),
  completed_at: timestamp,
  score,
  status: statusCounts,
});

export const complianceSummary = z
  .strictObject({
    type: z.literal('compliance_summary'),
    ...head,
    summary: z.strictObject({
      controls_total: count.meta({ description: 'controls in scope of the assessment' }),
      controls_judged: count,
      score,
      status: statusCounts,
      severity: severityCounts.meta({ description: 'of the findings that are fail or partial' }),
      needs_review: count,
    }),
    matrix: z
      .array(z.strictObject({ status: z.enum(FINDING_STATUSES), severity: z.enum(SEVERITIES), count }))
      .meta({ description: 'findings by both; cells without any are left out' }),
    groups: z.array(
      z.strictObject({
        key: z.string(),
        title: z.string(),
        controls_total: count,
        status: statusCounts,
        score,
      }),
    ),
    trend: z
      .array(trendPoint)
      .meta({ description: 'completed assessments of the framework, oldest first; the last is this one' }),
    previous: z
      .strictObject({
        assessment_id: uuid,
        name: z.string(),
        completed_at: timestamp,
        score,
        score_change: z
          .number()
          .nullable()
          .meta({ description: 'in points; null where either has no score' }),
        changes: z
          .array(
            z.strictObject({
              control,
              from: z.enum(FINDING_STATUSES),
              to: z.enum(FINDING_STATUSES),
            }),
          )
          .meta({ description: 'controls whose status is another one now' }),
      })
      .nullable()
      .meta({ description: 'null: the first assessment of this framework' }),
    findings: z
      .array(findingRow)
      .meta({ description: 'all, by group and reference; what needs review is marked' }),
  })
  .meta({ id: 'ComplianceSummaryReport' });
export type ComplianceSummary = z.infer<typeof complianceSummary>;

const evidenceSeen = z.strictObject({
  kind: z.enum(['citation', 'check']),
  name: z.string().meta({ description: 'the file cited, or the check that was run' }),
  evidence_id: uuid.nullable(),
  quote: z.string().nullable(),
  result: z.enum(['pass', 'fail', 'error', 'skipped']).nullable().meta({ description: 'of a check' }),
  sha256: z.string().nullable().meta({ description: "of the file, or of the check's rows" }),
});

const gapRow = z
  .strictObject({
    ...findingRow.shape,
    gaps: z.array(z.string()),
    evidence: z.array(evidenceSeen),
    remediation: z.string(),
    remediation_notes: z.string().nullable(),
    overdue: z.boolean().meta({ description: 'its due date lay before the day of the snapshot' }),
  })
  .meta({ id: 'ReportGap' });
export type GapRow = z.infer<typeof gapRow>;

export const gapAnalysis = z
  .strictObject({
    type: z.literal('gap_analysis'),
    ...head,
    summary: z.strictObject({
      controls_judged: count,
      score,
      fail: count,
      partial: count,
      severity: severityCounts,
      overdue: count,
      without_owner: count,
      without_due_date: count,
    }),
    gaps: z.array(gapRow).meta({
      description: 'every fail and partial; by severity, fail before partial, then reference',
    }),
  })
  .meta({ id: 'GapAnalysisReport' });
export type GapAnalysis = z.infer<typeof gapAnalysis>;
