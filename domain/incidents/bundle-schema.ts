// An incident as one file, to be checked by anybody who has the public keys.
import { z } from 'zod';
import { timestamp, uuid } from '../schema.js';
import { jwks } from '../signing/schema.js';

export const BUNDLE_FORMAT = 'sovereign-grc/incident-bundle/1';

export const timelineCheckpoint = z
  .object({
    no: z.number().int(),
    seq: z.number().int(),
    entry_hash: z.string(),
    signed_at: timestamp,
    kid: z.string(),
    jws: z.string(),
  })
  .meta({ id: 'TimelineCheckpoint' });

const bundleEntry = z
  .strictObject({
    seq: z.number().int(),
    occurred_at: timestamp,
    recorded_at: timestamp,
    event_type: z.string(),
    actor_type: z.string(),
    actor_id: z.string().nullable(),
    corrects_seq: z.number().int().nullable(),
    idempotency_key: z.string(),
    header: z.string().meta({ description: 'RFC 8785 JSON of the hashed fields' }),
    prev_hash: z.string(),
    entry_hash: z.string().meta({ description: 'SHA-256 of the header' }),
    salt: z.string().nullable(),
    payload: z
      .strictObject({
        description: z.string(),
        actor: z.string(),
        data: z.record(z.string(), z.unknown()),
      })
      .nullable()
      .meta({ description: 'null: redacted; its hash with the salt is in the header' }),
  })
  .meta({ id: 'IncidentBundleEntry' });

export const incidentBundle = z
  .strictObject({
    format: z.literal(BUNDLE_FORMAT),
    about: z.strictObject({
      org_id: uuid,
      incident_id: uuid,
      exported_at: timestamp,
      exported_by: uuid,
      chain: z.strictObject({ seq: z.number().int(), hash: z.string() }),
      keys: jwks,
      incident: z.record(z.string(), z.unknown()).meta({
        description: 'the incident with its clocks, visits, tasks and obligations, as GET shows it',
      }),
    }),
    entries: z.array(bundleEntry),
    checkpoints: z.array(timelineCheckpoint),
    redactions: z.array(z.strictObject({ seq: z.number().int(), told_in_seq: z.number().int() })),
    sha256: z.string().meta({
      description:
        'of the RFC 8785 forms of about, of each entry, of each checkpoint, and of redactions, each ended by a line feed',
    }),
    signature: z.string().nullable().meta({ description: 'JWS over that hash; null without signing keys' }),
  })
  .meta({ id: 'IncidentBundle' });
export type IncidentBundle = z.infer<typeof incidentBundle>;
