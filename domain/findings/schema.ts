import { z } from 'zod';
import { anyOf, date, page, pageQuery, text, timestamp, uuid } from '../schema.js';
import { FINDING_STATUSES, SEVERITIES } from './rules.js';

export const findingStatus = z.enum(FINDING_STATUSES);
export const severity = z.enum(SEVERITIES);

const evaluatedBy = z
  .object({
    kind: z.enum(['llm', 'rules', 'person']),
    model: z.string().nullable(),
    prompt_version: z.string().nullable(),
    user_id: uuid.nullable(),
  })
  .meta({ id: 'EvaluatedBy' });

const citation = z.object({ evidence_id: uuid, sha256: z.string(), quote: z.string() });
const check = z.object({
  name: z.string(),
  sql: z.string(),
  status: z.enum(['pass', 'fail', 'error', 'skipped']),
  rows_sha256: z.string().nullable(),
});

export const finding = z
  .object({
    id: uuid,
    assessment_id: uuid,
    control: z.object({ id: uuid, ref: z.string(), title: z.string() }),
    status: findingStatus,
    severity,
    confidence: z.number().min(0).max(1),
    rationale: z.string(),
    citations: z.array(citation),
    checks: z.array(check),
    gaps: z.array(z.string()),
    remediation: z.string(),
    remediation_notes: z.string().nullable(),
    evaluated_by: evaluatedBy,
    needs_review: z.boolean(),
    review_due_at: timestamp.nullable(),
    review_reminded_at: timestamp.nullable(),
    owner_id: uuid.nullable(),
    due_date: date.nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof finding>;

export const findingDetail = finding
  .extend({
    cost: z.object({
      tokens_in: z.number().int(),
      tokens_out: z.number().int(),
      model: z.string().nullable(),
    }),
    history: z.array(
      z.object({
        at: timestamp,
        status: findingStatus,
        severity,
        confidence: z.number(),
        evaluated_by: evaluatedBy,
        remediation_notes: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'FindingDetail' });
export type FindingDetail = z.infer<typeof findingDetail>;

export const findingUpdate = z
  .strictObject({
    status: findingStatus.optional(),
    severity: severity.optional(),
    remediation_notes: text(10_000).nullable().optional(),
    owner_id: uuid.nullable().optional(),
    due_date: date.nullable().optional(),
  })
  .refine((body) => Object.keys(body).length > 0, 'at least one field is needed')
  .meta({
    id: 'FindingUpdate',
    minProperties: 1,
    example: { status: 'pass', remediation_notes: 'Implemented MFA for all users' },
  });
export type FindingUpdate = z.infer<typeof findingUpdate>;

export const findingPage = page(finding).meta({ id: 'FindingPage' });
export const findingParams = z.strictObject({ org_id: uuid, finding_id: uuid });
export const findingQuery = pageQuery.extend({
  assessment_id: z.array(uuid).min(1).max(50).optional(),
  status: anyOf(FINDING_STATUSES),
  severity: anyOf(SEVERITIES),
  needs_review: z.enum(['true', 'false']).optional(),
});
export type FindingQuery = z.infer<typeof findingQuery>;
