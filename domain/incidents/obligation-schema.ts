import { z } from 'zod';
import { text, timestamp, uuid } from '../schema.js';
import { DECISIONS, INCIDENT_EVENTS } from './obligations.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal');

export const obligation = z
  .object({
    id: uuid,
    code: z.string(),
    regime: z.string(),
    stage: z.string(),
    anchor_event: z.string().meta({ description: 'an event, or submission_of: and the code of another' }),
    anchored_at: timestamp,
    due_at: timestamp,
    decision: z.enum(DECISIONS).meta({ description: 'undecided counts down too' }),
    reason: z.string().nullable(),
    decided_by: uuid.nullable(),
    submitted_at: timestamp.nullable(),
    submitted_by: uuid.nullable(),
    receipt_sha256: z.string().nullable(),
    receipt_name: z.string().nullable(),
    waived_at: timestamp.nullable(),
    waived_by: uuid.nullable(),
    waived_reason: z.string().nullable(),
    source: z.string().nullable().meta({ description: 'where the deadline comes from' }),
    trust: z.enum(['high', 'check']).meta({ description: 'check: compare with the text that binds you' }),
    notice: z.string().meta({ description: 'decision aid, not legal advice' }),
  })
  .meta({ id: 'IncidentObligation' });
export type ObligationView = z.infer<typeof obligation>;

export const incidentEventBody = z
  .strictObject({
    event: z.enum(INCIDENT_EVENTS),
    occurred_at: timestamp.meta({ description: 'in the past; deadlines count from it' }),
    notice_hours: z
      .number()
      .int()
      .min(1)
      .max(8760)
      .optional()
      .meta({ description: 'what the contract sets; with contract_clause_triggered only' }),
    notes: text(2000).optional(),
  })
  .meta({
    id: 'IncidentEvent',
    example: { event: 'awareness_confirmed', occurred_at: '2026-01-27T10:05:00Z' },
  });
export type IncidentEventBody = z.infer<typeof incidentEventBody>;

export const decideBody = z
  .strictObject({ decision: z.enum(['required', 'not_required']), reason: text(2000) })
  .meta({
    id: 'ObligationDecision',
    example: { decision: 'not_required', reason: 'No risk to the rights of persons: the disk was encrypted' },
  });
export type DecideBody = z.infer<typeof decideBody>;

export const submitBody = z
  .strictObject({
    submitted_at: timestamp.optional().meta({ description: 'in the past; now unless said' }),
    receipt_sha256: sha256,
    receipt_name: text(300),
  })
  .meta({
    id: 'ObligationSubmission',
    example: { receipt_sha256: 'a'.repeat(64), receipt_name: 'receipt.pdf' },
  });
export type SubmitBody = z.infer<typeof submitBody>;

export const waiveBody = z
  .strictObject({ reason: text(2000) })
  .meta({ id: 'ObligationWaiver', example: { reason: 'The authority has released us from it' } });
