// The risk register as a report.
import { z } from 'zod';
import { APPETITES, RISK_CATEGORIES, RISK_STATUSES, TREATMENTS } from '../risks/rules.js';
import { timestamp, uuid } from '../schema.js';
import { count, head, person } from './head-schema.js';

const level = z.number().int().min(1).max(5);
const cell = z.strictObject({ likelihood: level, impact: level });
const cells = z
  .array(z.strictObject({ ...cell.shape, count }))
  .meta({ description: 'cells with risks in them' });

const riskRow = z
  .strictObject({
    id: uuid,
    ref: z.string(),
    title: z.string(),
    description: z.string(),
    category: z.enum(RISK_CATEGORIES),
    status: z.enum(RISK_STATUSES),
    treatment: z.enum(TREATMENTS),
    likelihood: level,
    impact: level,
    inherent_score: z.number(),
    effectiveness: z.number().min(0).max(1),
    controls_judged: count,
    residual_score: z.number(),
    residual_source: z.enum(['manual', 'computed']),
    residual_cell: cell,
    appetite: z.enum(APPETITES),
    owner: person.nullable(),
    control_refs: z.array(z.string()),
    acceptance: z
      .strictObject({
        reason: z.string(),
        accepted_by: person,
        accepted_at: timestamp,
        expires_at: timestamp.nullable(),
      })
      .nullable(),
    updated_at: timestamp,
  })
  .meta({ id: 'ReportRisk' });
export type RiskRow = z.infer<typeof riskRow>;

export const riskRegister = z
  .strictObject({
    type: z.literal('risk_register'),
    ...head,
    bounds: z
      .strictObject({ approaching: z.number(), exceeds: z.number(), critical: z.number() })
      .meta({ description: 'residual scores from which the appetite is met with' }),
    summary: z.strictObject({
      total: count,
      status: z.strictObject({ open: count, mitigated: count, accepted: count, transferred: count }),
      appetite: z
        .strictObject({ within: count, approaching: count, exceeds: count, critical: count })
        .meta({ description: 'of the residual scores' }),
      without_owner: count,
      expiring: count,
    }),
    categories: z.array(
      z.strictObject({
        category: z.enum(RISK_CATEGORIES),
        count,
        average_inherent: z.number(),
        average_residual: z.number(),
        worst_residual: z.number(),
      }),
    ),
    heatmap: z.strictObject({
      statuses: z.array(z.enum(RISK_STATUSES)).meta({ description: 'the risks that are counted' }),
      total: count,
      inherent: cells,
      residual: cells,
    }),
    top: z.array(uuid).max(10).meta({ description: 'the ten gravest by residual score; ids of `risks`' }),
    expiring: z.strictObject({
      within_days: count,
      risks: z
        .array(z.strictObject({ id: uuid, days_left: z.number().int() }))
        .meta({ description: 'ids of `risks`; the soonest first' }),
    }),
    risks: z.array(riskRow).meta({ description: 'all; by residual score, the gravest first' }),
  })
  .meta({ id: 'RiskRegisterReport' });
export type RiskRegister = z.infer<typeof riskRegister>;
