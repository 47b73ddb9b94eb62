import { z } from 'zod';
import { anyOf, page, pageQuery, timestamp, uuid, workflowLink } from '../schema.js';
import { CONTENT_TYPES, endingProblem, EVIDENCE_STATUSES, MAX_EVIDENCE_BYTES, REJECTIONS } from './rules.js';

type ContentType = keyof typeof CONTENT_TYPES;
const isContentType = (type: string): type is ContentType => type in CONTENT_TYPES;
const contentType = z
  .enum(Object.keys(CONTENT_TYPES).filter(isContentType))
  .meta({ example: 'application/pdf' });

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
  .meta({ description: 'SHA-256, lower-case hex' });

/**
 * Kept as given and shown to people; never part of a key or a path. No character in it steers a terminal, a header or
 * the direction in which it is read, and none separates folders.
 */
const filename = z
  .string()
  .normalize('NFC')
  .min(1)
  .max(200)
  .regex(
    // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
    /^[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069/\\]*$/,
    'must not hold slashes, control characters or marks of direction',
  )
  .regex(/^\S(.*\S)?$/, 'must not begin or end with a space')
  .meta({ description: 'as people call it, with the ending of its type; a name, never a path' });

const controlRef = z.string().min(1).max(200);
const controlRefs = z.array(controlRef).max(100);

const fields = {
  id: uuid,
  filename: z.string(),
  content_type: z.string(),
  size: z.number().int().nullable().meta({ description: 'bytes, as counted; null until it has been read' }),
  sha256: z
    .string()
    .nullable()
    .meta({ description: 'of the bytes, as computed; null until they have been read' }),
  status: z.enum(EVIDENCE_STATUSES).meta({
    description: 'pending: not read yet; rejected: what came is not what was promised; expired: nothing came',
  }),
  rejection_reason: z.enum(REJECTIONS).nullable(),
  rejection_detail: z.string().nullable().meta({ description: 'the same in words' }),
  finding_id: uuid
    .nullable()
    .meta({ description: 'it speaks of the control of that finding, in its assessment' }),
  assessment_id: uuid.nullable().meta({ description: 'only runs of that assessment rest on it' }),
  control_ref: z.string().nullable().meta({ description: 'the first of control_refs' }),
  control_refs: z.array(z.string()).meta({ description: 'controls that it speaks of, e.g. CC6.1' }),
  collected_at: timestamp.nullable().meta({ description: 'when the fact was true' }),
  uploaded_at: timestamp.nullable().meta({ description: 'when its bytes were taken in' }),
  expires_at: timestamp.nullable().meta({ description: 'when it turns stale by itself' }),
  stale: z.boolean(),
  supersedes_id: uuid.nullable(),
  superseded_by: uuid
    .nullable()
    .meta({ description: 'the verified document that took its place: new runs rest on that' }),
  uploaded_by: uuid,
  created_at: timestamp,
  updated_at: timestamp,
};

export const evidence = z.object(fields).meta({ id: 'Evidence' });
export type Evidence = z.infer<typeof evidence>;

export const evidenceDetail = evidence
  .extend({
    // what waits for the upload, reads it, and lets it expire
    workflow: workflowLink.nullable(),
  })
  .meta({ id: 'EvidenceDetail' });
export type EvidenceDetail = z.infer<typeof evidenceDetail>;

export const evidenceVerification = evidenceDetail
  .extend({
    requested: z
      .literal('verify')
      .nullable()
      .meta({ description: 'verify: it is being read; look again at the document' }),
  })
  .meta({ id: 'EvidenceVerification' });
export type EvidenceVerification = z.infer<typeof evidenceVerification>;

const links = {
  finding_id: uuid.nullable().optional(),
  assessment_id: uuid.nullable().optional(),
  control_ref: controlRef
    .nullable()
    .optional()
    .meta({ description: 'beside control_refs, or instead of them where it is one; null alone: none' }),
  control_refs: controlRefs.optional(),
  collected_at: timestamp.nullable().optional(),
  expires_at: timestamp.nullable().optional(),
};

interface Refs {
  control_ref?: string | null | undefined;
  control_refs?: string[] | undefined;
}

/** Both ways are one; undefined: not said. */
export function givenRefs({ control_ref, control_refs }: Refs): string[] | undefined {
  if (control_ref === undefined && control_refs === undefined) return undefined;
  return [...new Set([control_ref ?? [], control_refs ?? []].flat())];
}

export const uploadRequest = z
  .strictObject({
    filename,
    content_type: contentType,
    ...links,
    size: z
      .number()
      .int()
      .min(1)
      .max(MAX_EVIDENCE_BYTES)
      .optional()
      .meta({ description: 'bytes; recommended: the store then refuses any other length' }),
    sha256: sha256.optional().meta({ description: 'recommended: the store then refuses any other bytes' }),
    supersedes_id: uuid.nullable().optional().meta({
      description:
        'the document whose place it takes once it is verified; links that are not named are taken over',
    }),
  })
  .superRefine(({ filename: name, content_type }, issues) => {
    const message = endingProblem(name, content_type);
    if (message !== undefined) issues.addIssue({ code: 'custom', path: ['filename'], message });
  })
  .meta({
    id: 'EvidenceUploadRequest',
    example: {
      filename: 'soc2-report-2026.pdf',
      content_type: 'application/pdf',
      finding_id: '0198c0de-0000-7000-8000-000000000001',
    },
  });
export type UploadRequest = z.infer<typeof uploadRequest>;

export const uploadTicket = z
  .object({
    evidence_id: uuid,
    upload_url: z.string(),
    method: z.literal('PUT'),
    headers: z
      .record(z.string(), z.string())
      .meta({ description: 'to be sent as they are: they are signed' }),
    object_key: z.string(),
    expires_in: z.number().int().meta({ description: 'seconds' }),
    max_size: z.number().int().meta({ description: 'bytes' }),
  })
  .meta({ id: 'EvidenceUpload' });
export type UploadTicket = z.infer<typeof uploadTicket>;

export const evidenceUpdate = z
  .strictObject(links)
  .refine((body) => Object.keys(body).length > 0, 'at least one field is needed')
  .meta({ id: 'EvidenceUpdate', minProperties: 1, example: { control_refs: ['CC6.1', 'CC6.2'] } });
export type EvidenceUpdate = z.infer<typeof evidenceUpdate>;

export const downloadTicket = z
  .object({
    download_url: z.string(),
    expires_in: z.number().int().meta({ description: 'seconds' }),
    sha256: z.string(),
  })
  .meta({ id: 'EvidenceDownload' });
export type DownloadTicket = z.infer<typeof downloadTicket>;

const ids = z.array(uuid).min(1).max(50).optional();

export const evidencePage = page(evidence).meta({ id: 'EvidencePage' });
export const evidenceParams = z.strictObject({ org_id: uuid, evidence_id: uuid });
export const evidenceQuery = pageQuery.extend({
  finding_id: ids,
  assessment_id: ids.meta({ description: 'linked to it, or to one of its findings' }),
  control_ref: z.array(controlRef).min(1).max(50).optional(),
  status: anyOf(EVIDENCE_STATUSES),
  stale: z.enum(['true', 'false']).optional(),
  superseded: z.enum(['true', 'false']).optional(),
});
export type EvidenceQuery = z.infer<typeof evidenceQuery>;
