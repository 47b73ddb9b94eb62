import { z } from 'zod';
import { anyOf, page, pageQuery, text, timestamp, uuid, workflowLink } from '../schema.js';
import { ASSESSMENT_STATUSES, EVALUATORS } from './rules.js';

export const assessmentStatus = z.enum(ASSESSMENT_STATUSES);

const failure = z.object({ control: z.string(), reason: z.string() }).meta({ id: 'ControlFailure' });

export const assessment = z
  .object({
    id: uuid,
    framework_id: uuid,
    name: z.string(),
    scope: z.string(),
    control_refs: z.array(z.string()).nullable(),
    evaluator: z.enum(EVALUATORS).nullable(),
    status: assessmentStatus,
    created_by: uuid,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Assessment' });
export type Assessment = z.infer<typeof assessment>;

export const assessmentDetail = assessment
  .extend({
    summary: z.object({
      pass: z.number().int(),
      fail: z.number().int(),
      partial: z.number().int(),
      not_applicable: z.number().int(),
      needs_review: z.number().int(),
    }),
    score: z.number().nullable().meta({ description: 'percent; null while nothing is judged' }),
    cost: z.object({
      tokens_in: z.number().int(),
      tokens_out: z.number().int(),
      models: z.array(z.string()),
      runs: z.array(
        z.object({ execution_id: uuid, tokens_in: z.number().int(), tokens_out: z.number().int() }),
      ),
    }),
    workflow: workflowLink.nullable(),
  })
  .meta({ id: 'AssessmentDetail' });
export type AssessmentDetail = z.infer<typeof assessmentDetail>;

export const assessmentCreate = z
  .strictObject({
    framework_id: uuid,
    name: text(200),
    scope: text(4000),
    control_refs: z.array(text(40)).min(1).max(1000).optional(),
    evaluator: z.enum(EVALUATORS).optional(),
  })
  .meta({
    id: 'AssessmentCreate',
    example: {
      framework_id: '0198c0de-0000-7000-8000-000000000001',
      name: 'Q1 2026 SOC 2 Assessment',
      scope: 'Production environment',
    },
  });
export type AssessmentCreate = z.infer<typeof assessmentCreate>;

export const executeBody = z
  .strictObject({ restart: z.boolean().default(false) })
  .default({ restart: false })
  .meta({ id: 'AssessmentExecute' });

export const executeResult = z
  .object({
    assessment_id: uuid,
    execution_id: uuid,
    status: z.literal('in_progress'),
    workflow: workflowLink,
  })
  .meta({ id: 'AssessmentExecution' });
export type ExecuteResult = z.infer<typeof executeResult>;

export const assessmentProgress = z
  .object({
    status: assessmentStatus,
    progress: z.number().int().min(0).max(100),
    controls_evaluated: z.number().int(),
    controls_total: z.number().int(),
    current_control: z.string().nullable(),
    paused_reason: z.string().nullable(),
    in_flight: z.array(z.string()),
    started_at: timestamp.nullable(),
    eta_seconds: z.number().int().nullable(),
    failures: z.array(failure),
    failure_reason: z.string().nullable().meta({ description: 'why the run as a whole failed' }),
    source: z.enum(['row', 'workflow']),
  })
  .meta({
    id: 'AssessmentProgress',
    example: {
      status: 'in_progress',
      progress: 45,
      controls_evaluated: 29,
      controls_total: 64,
      current_control: 'CC6.1',
      paused_reason: null,
      in_flight: ['CC6.1', 'CC6.2'],
      started_at: '2026-01-27T10:05:00Z',
      eta_seconds: 84,
      failures: [],
      failure_reason: null,
      source: 'row',
    },
  });
export type AssessmentProgress = z.infer<typeof assessmentProgress>;

/** One event of the stream. */
export const assessmentEvent = z
  .object({
    event: z.enum(['progress', 'end']),
    data: z.string().meta({ description: 'an AssessmentProgress as JSON' }),
  })
  .meta({ id: 'AssessmentEvent' });

export const assessmentBundle = z
  .object({
    format: z.literal('sovereign-grc/assessment-bundle/1'),
    files: z.record(z.string(), z.unknown()).meta({ description: 'content by path' }),
    manifest: z.object({ rule: z.string(), files: z.record(z.string(), z.string()), sha256: z.string() }),
  })
  .meta({ id: 'AssessmentBundle' });

/** OSCAL's own schema says the rest. */
export const assessmentOscal = z
  .object({
    'assessment-results': z.looseObject({
      uuid: z.uuid(),
      metadata: z.looseObject({ title: z.string(), 'oscal-version': z.string() }),
      'import-ap': z.looseObject({ href: z.string() }),
      results: z.array(z.looseObject({ uuid: z.uuid(), title: z.string(), start: timestamp })),
    }),
  })
  .meta({ id: 'OscalAssessmentResults' });

export const commandResult = assessmentProgress
  .extend({ requested: z.enum(['pause', 'resume', 'cancel']).nullable() })
  .meta({ id: 'AssessmentCommandResult' });
export type CommandResult = z.infer<typeof commandResult>;

export const assessmentPage = page(assessment).meta({ id: 'AssessmentPage' });
export const assessmentParams = z.strictObject({ org_id: uuid, assessment_id: uuid });
export const assessmentQuery = pageQuery.extend({
  framework_id: z.array(uuid).min(1).max(50).optional(),
  status: anyOf(ASSESSMENT_STATUSES),
});
export type AssessmentQuery = z.infer<typeof assessmentQuery>;
export const statusQuery = z.strictObject({ live: z.enum(['true', 'false']).default('false') });
