import { z } from 'zod';
import { page, pageQuery, text, timestamp, uuid } from '../schema.js';

export const auditEntry = z
  .object({
    seq: z.number().int(),
    at: timestamp,
    actor_id: uuid.nullable(),
    action: z.string().meta({ description: 'resource.verb, e.g. assessment.execute' }),
    resource_type: z.string(),
    resource_id: z.string().nullable(),
    outcome: z.enum(['done', 'refused']),
    address: z.string().nullable(),
    request_id: z.string(),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof auditEntry>;

export const auditPage = page(auditEntry).meta({ id: 'AuditPage' });
export const auditQuery = pageQuery.extend({
  actor: z.array(uuid).min(1).max(50).optional(),
  resource: z
    .array(text(200))
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'a resource type or a resource id' }),
  since: z.iso.datetime({ offset: true }).optional(),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const auditVerification = z
  .object({
    valid: z.boolean(),
    entries: z.number().int(),
    head: z.string().nullable(),
    first_bad_seq: z.number().int().nullable(),
    reason: z.string().nullable(),
    anchored: z.number().int().nullable().meta({
      description:
        'entries that are witnessed outside the database; null where no object store is configured',
    }),
  })
  .meta({ id: 'AuditVerification' });
export type AuditVerification = z.infer<typeof auditVerification>;
