import { z } from 'zod';
import { anyOf, page, pageQuery, uuid } from '../schema.js';

export const CONTROL_KINDS = ['criterion', 'control', 'engagement'] as const;
/** Of NIST SP 800-53B. */
const BASELINES = ['LOW', 'MODERATE', 'HIGH', 'PRIVACY'] as const;

export const framework = z
  .object({
    id: uuid,
    key: z.string(),
    name: z.string(),
    version: z.string(),
    description: z.string(),
    control_count: z.number().int(),
  })
  .meta({ id: 'Framework' });
export type Framework = z.infer<typeof framework>;

export const frameworkDetail = framework
  .extend({
    source: z.string(),
    licence_note: z.string(),
    groups: z.array(z.object({ key: z.string(), title: z.string(), control_count: z.number().int() })),
  })
  .meta({ id: 'FrameworkDetail' });
export type FrameworkDetail = z.infer<typeof frameworkDetail>;

export const control = z
  .object({
    id: uuid,
    ref: z.string(),
    group: z.string(),
    title: z.string(),
    description: z.string(),
    question: z.string(),
    guidance: z.string(),
    kind: z.enum(CONTROL_KINDS),
    baselines: z.array(z.string()).meta({ description: 'NIST SP 800-53: LOW, MODERATE, HIGH, PRIVACY' }),
    checks: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        table: z.string(),
        sql: z.string(),
        severity: z.enum(['critical', 'high', 'medium', 'low']),
      }),
    ),
  })
  .meta({ id: 'Control' });
export type Control = z.infer<typeof control>;

export const frameworkPage = page(framework).meta({
  id: 'FrameworkPage',
  example: {
    items: [
      {
        id: '0198c0de-0000-7000-8000-000000000001',
        key: 'SOC2_TYPE2',
        name: 'SOC 2 Type II',
        version: '2017',
        description: 'Trust Services Criteria',
        control_count: 64,
      },
    ],
    next_cursor: null,
  },
});
export const controlPage = page(control).meta({ id: 'ControlPage' });

export const frameworkParams = z.strictObject({ framework_id: uuid });
export const frameworkQuery = pageQuery;
export const controlQuery = pageQuery.extend({
  group: z.array(z.string().max(200)).min(1).max(50).optional(),
  baseline: anyOf(BASELINES),
});
export type ControlQuery = z.infer<typeof controlQuery>;

export const frameworkKey = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,59}$/, 'must be capitals, digits and underscores')
  .meta({ description: 'made of the title unless given' });

const oscal = z.record(z.string(), z.unknown());
export const frameworkImport = z
  .strictObject({
    $schema: z
      .string()
      .max(2000)
      .regex(/^[!-~]*$/, 'must be a URI')
      .optional()
      .meta({ description: 'as it may stand in the file; not read' }),
    catalog: oscal.optional().meta({ description: 'an OSCAL 1.x catalogue' }),
    profile: oscal.optional().meta({
      description: 'an OSCAL 1.x profile, of the catalogue beside it or of the framework named by base',
    }),
    base: uuid.optional().meta({
      description: 'with a profile alone: the framework it chooses from; changes (modify) need the catalogue',
    }),
    key: frameworkKey.optional(),
  })
  .meta({
    id: 'FrameworkImport',
    description:
      'an OSCAL document as it stands in its file, and what we need beside it; what is wrong in it is told with its place',
    example: {
      catalog: {
        uuid: '6c3a4f5e-8d0b-4b6e-9d57-0f2f3c1f0a11',
        metadata: {
          title: 'House rules',
          'last-modified': '2026-01-27T10:00:00Z',
          version: '1.0',
          'oscal-version': '1.1.2',
        },
        groups: [{ id: 'hr', title: 'House rules', controls: [{ id: 'hr-1', title: 'Doors are locked' }] }],
      },
    },
  });
export type FrameworkImport = z.infer<typeof frameworkImport>;
