// Business impact: processes, what they hang on, and in which order they come back.
import { z } from 'zod';
import { timestamp, uuid } from '../schema.js';
import { CONFLICT_CODES, CRITICALITIES, DEPENDENCY_TYPES, NODE_TYPES, SPOF_CLASSES } from './documents.js';
import { count, head, person } from './head-schema.js';

const hours = z.number().min(0);
const criticality = z.enum(CRITICALITIES);
const nodeType = z.enum(NODE_TYPES);

const processRow = z
  .strictObject({
    id: uuid,
    name: z.string(),
    description: z.string(),
    criticality,
    owner: person.nullable(),
    rto_hours: hours.nullable(),
    rpo_hours: hours.nullable(),
    mtd_hours: hours.nullable(),
    recovery_hours: hours.nullable().meta({ description: 'earliest finish by what it hangs on' }),
    dependencies: count.meta({ description: 'that it needs directly' }),
    tested_at: timestamp.nullable(),
  })
  .meta({ id: 'ReportProcess' });
export type ProcessRow = z.infer<typeof processRow>;

export const bcmImpactAnalysis = z
  .strictObject({
    type: z.literal('bcm_impact_analysis'),
    ...head,
    summary: z.strictObject({
      processes: count,
      criticality: z.strictObject({
        mission_critical: count,
        business_critical: count,
        business_operational: count,
        administrative: count,
      }),
      nodes: count.meta({ description: 'processes among them' }),
      dependencies: count,
      single_points: count,
      conflicts: count,
      without_owner: count.meta({ description: 'processes' }),
      untested: count.meta({ description: 'processes that were never exercised' }),
    }),
    processes: z.array(processRow).meta({ description: 'by criticality, then RTO, then name' }),
    nodes: z.array(
      z.strictObject({
        id: uuid,
        type: nodeType,
        kind: z.string().meta({ description: 'database, queue, region, …' }),
        name: z.string(),
        external_id: z.string().nullable().meta({ description: 'its ARN, where it has one' }),
        rto_hours: hours.nullable(),
        inherited_rto_hours: hours.nullable().meta({ description: 'the tightest of what hangs on it' }),
      }),
    ),
    edges: z.array(
      z.strictObject({
        id: uuid,
        source: uuid.meta({ description: 'needs' }),
        target: uuid,
        dependency_type: z.enum(DEPENDENCY_TYPES),
        group: z
          .strictObject({ id: z.string(), k: count })
          .nullable()
          .meta({ description: 'so many members of the group are enough' }),
      }),
    ),
    single_points: z
      .array(
        z.strictObject({
          id: uuid,
          asset_id: z.string().meta({ description: 'its external id where there is one' }),
          name: z.string(),
          type: nodeType,
          kind: z.string(),
          class: z.enum(SPOF_CLASSES),
          criticality: criticality.meta({ description: 'the worst of what would stop' }),
          dependent_processes: z.array(z.strictObject({ id: uuid, name: z.string(), criticality })),
          witness: z.array(z.string()).meta({ description: 'names from a process down to this point' }),
          folded: z.array(z.string()).meta({ description: 'points that stop the same and lead here only' }),
          recommendation: z.string(),
        }),
      )
      .meta({ description: 'the gravest first' }),
    tiers: z.array(
      z.strictObject({
        tier: count,
        rto_hours: hours.nullable().meta({ description: 'its bound; null: nothing waits for it' }),
        items: z
          .array(
            z.strictObject({
              id: uuid,
              type: nodeType,
              name: z.string(),
              wave: count,
              restore_hours: hours.nullable(),
              finish_hours: hours.nullable().meta({ description: 'earliest, from the start of recovery' }),
              inherited_rto_hours: hours.nullable(),
              reason: z.string().meta({ description: 'why in this tier' }),
              cold_start_group: z
                .string()
                .nullable()
                .meta({ description: 'restored together: they need each other' }),
            }),
          )
          .meta({ description: 'in the order of recovery' }),
      }),
    ),
    conflicts: z.array(
      z.strictObject({
        code: z.enum(CONFLICT_CODES),
        subject: z.strictObject({ id: uuid, type: nodeType, name: z.string() }),
        detail: z.string(),
        path: z.array(z.string()).meta({ description: 'names, where it is about a chain' }),
      }),
    ),
  })
  .meta({ id: 'BcmImpactAnalysisReport' });
export type BcmImpactAnalysis = z.infer<typeof bcmImpactAnalysis>;
