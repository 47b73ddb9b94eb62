import { z } from 'zod';
import { FINDING_STATUSES } from '../findings/rules.js';
import { anyOf, page, pageQuery, text, timestamp, uuid } from '../schema.js';
import { APPETITES, RISK_CATEGORIES, RISK_CAUSES, RISK_STATUSES, TREATMENTS } from './rules.js';

const level = z.number().int().min(1).max(5).meta({ description: '1 very low – 5 very high' });
const cell = z.object({ likelihood: level, impact: level });

const acceptance = z
  .object({
    reason: z.string(),
    expires_at: timestamp.nullable(),
    accepted_by: uuid,
    accepted_at: timestamp,
  })
  .meta({ id: 'RiskAcceptance' });

export const risk = z
  .object({
    id: uuid,
    ref: z.string().meta({ description: 'RISK-12: counts within the organization' }),
    title: z.string(),
    description: z.string(),
    category: z.enum(RISK_CATEGORIES),
    status: z.enum(RISK_STATUSES),
    treatment: z.enum(TREATMENTS),
    likelihood: level,
    impact: level,
    inherent_score: z.number().int().meta({ description: 'likelihood × impact × 5' }),
    effectiveness: z.number().min(0).max(1).meta({
      description: 'of the linked controls, by their latest findings: pass 1, partial 0.5, fail 0',
    }),
    controls_judged: z.number().int().meta({ description: 'linked controls whose latest finding counts' }),
    residual_likelihood: level.nullable().meta({ description: 'as a person has set it' }),
    residual_impact: level.nullable(),
    residual_score: z.number(),
    residual_source: z.enum(['manual', 'computed']),
    residual_cell: cell.meta({ description: 'where it lies in the residual heatmap' }),
    appetite: z.enum(APPETITES).meta({ description: 'of the residual score, by the bounds in the settings' }),
    owner_id: uuid.nullable(),
    control_refs: z.array(z.string()),
    acceptance: acceptance.nullable(),
    revision: z.number().int(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Risk' });
export type Risk = z.infer<typeof risk>;

export const riskDetail = risk
  .extend({
    controls: z.array(
      z.object({
        id: uuid,
        ref: z.string(),
        title: z.string(),
        framework: z.string().meta({ description: 'its key, e.g. SOC2_TYPE2' }),
        finding_id: uuid.nullable().meta({ description: 'the latest finding; null: never judged' }),
        finding_status: z.enum(FINDING_STATUSES).nullable(),
      }),
    ),
  })
  .meta({ id: 'RiskDetail' });
export type RiskDetail = z.infer<typeof riskDetail>;

const acceptanceWanted = z
  .strictObject({
    reason: text(2000),
    expires_at: timestamp
      .nullable()
      .optional()
      .meta({ description: 'when the risk is opened again and its owner told; none: it stays accepted' }),
  })
  .meta({ id: 'RiskAcceptanceWanted' });

const controlRefs = z
  .array(z.string().min(1).max(200))
  .max(200)
  .meta({ description: 'e.g. CC6.1; FRAMEWORK_KEY:REF where several frameworks have that reference' });

const fields = {
  title: text(300),
  description: text(10_000, 0),
  category: z.enum(RISK_CATEGORIES),
  likelihood: level,
  impact: level,
  owner_id: uuid.nullable(),
  treatment: z.enum(TREATMENTS),
  control_refs: controlRefs,
};

export const riskCreate = z
  .strictObject({
    ...fields,
    description: fields.description.default(''),
    owner_id: fields.owner_id.optional(),
    treatment: fields.treatment.default('mitigate'),
    control_refs: fields.control_refs.optional(),
  })
  .meta({
    id: 'RiskCreate',
    example: {
      title: 'Third-party data breach',
      description: 'Risk of vendor experiencing data breach affecting our data',
      category: 'third_party',
      likelihood: 3,
      impact: 4,
      owner_id: '0198c0de-0000-7000-8000-000000000001',
      treatment: 'mitigate',
    },
  });
export type RiskCreate = z.infer<typeof riskCreate>;

export const riskUpdate = z
  .strictObject({
    ...fields,
    status: z.enum(RISK_STATUSES),
    residual_likelihood: level.nullable(),
    residual_impact: level.nullable(),
    acceptance: acceptanceWanted,
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'at least one field is needed')
  .superRefine(({ residual_likelihood, residual_impact }, issues) => {
    const [one, other] = [residual_likelihood ?? null, residual_impact ?? null];
    const apart = (residual_likelihood === undefined) !== (residual_impact === undefined);
    if (!apart && (one === null) === (other === null)) return;
    const path = [one === null ? 'residual_likelihood' : 'residual_impact'];
    issues.addIssue({
      code: 'custom',
      path,
      message: 'residual_likelihood and residual_impact come together',
    });
  })
  .meta({
    id: 'RiskUpdate',
    minProperties: 1,
    example: { status: 'mitigated', residual_likelihood: 2, residual_impact: 3 },
  });
export type RiskUpdate = z.infer<typeof riskUpdate>;

export const riskPage = page(risk).meta({ id: 'RiskPage' });
export const riskParams = z.strictObject({ org_id: uuid, risk_id: uuid });
export const riskQuery = pageQuery.extend({
  status: anyOf(RISK_STATUSES),
  owner_id: z.array(uuid).min(1).max(50).optional(),
  category: anyOf(RISK_CATEGORIES),
  min_score: z.coerce.number().min(0).max(125).optional().meta({ description: 'of the residual score' }),
});
export type RiskQuery = z.infer<typeof riskQuery>;

export const riskHistoryPage = page(
  z
    .object({
      revision: z.number().int(),
      at: timestamp,
      actor_id: uuid.nullable().meta({ description: 'null: the clock' }),
      cause: z.enum(RISK_CAUSES),
      control_refs: z.array(z.string()).meta({ description: 'whose findings moved it' }),
      changes: z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() })),
      status: z.enum(RISK_STATUSES),
      inherent_score: z.number().int(),
      residual_score: z.number(),
    })
    .meta({ id: 'RiskChange' }),
).meta({ id: 'RiskHistoryPage' });
export type RiskChange = z.infer<typeof riskHistoryPage>['items'][number];
export const riskHistoryQuery = pageQuery;

const cells = z.array(cell.extend({ count: z.number().int().min(1) }));

export const heatmap = z
  .object({
    inherent: cells,
    residual: cells,
    total: z.number().int(),
    bounds: z
      .object({ approaching: z.number(), exceeds: z.number(), critical: z.number() })
      .meta({ description: 'of the score of a cell, likelihood × impact × 5' }),
  })
  .meta({
    id: 'RiskHeatmap',
    example: {
      inherent: [
        { likelihood: 3, impact: 4, count: 5 },
        { likelihood: 2, impact: 3, count: 8 },
      ],
      residual: [
        { likelihood: 2, impact: 3, count: 7 },
        { likelihood: 1, impact: 2, count: 6 },
      ],
      total: 13,
      bounds: { approaching: 25, exceeds: 50, critical: 75 },
    },
  });
export type Heatmap = z.infer<typeof heatmap>;

export const HEATMAP_VIEWS = ['both', 'inherent', 'residual'] as const;
export type HeatmapView = (typeof HEATMAP_VIEWS)[number];

export const heatmapQuery = z.strictObject({
  status: anyOf(RISK_STATUSES).meta({ description: 'open unless given' }),
  format: z.enum(['json', 'svg']).optional().meta({ description: 'goes before the Accept header' }),
  view: z.enum(HEATMAP_VIEWS).default('both').meta({ description: 'of the picture' }),
});

export const recomputeResult = z
  .object({
    risks: z.number().int().meta({ description: 'how many there are' }),
    changed: z.number().int().meta({ description: 'how many were not as their findings are' }),
    complete: z.boolean().meta({ description: 'false: ask again, there are more' }),
  })
  .meta({ id: 'RiskRecomputation' });
export type RecomputeResult = z.infer<typeof recomputeResult>;
