import { newId } from '../ids.js';
import type { TenantDb } from '../tenancy.js';

export interface EvidenceInput {
  filename: string;
  content_type: string;
  size: number;
  sha256: string;
  object_key: string;
  assessment_id?: string | null;
  finding_id?: string | null;
  control_refs?: readonly string[];
  collected_at?: string | null;
  expires_at?: string | null;
  supersedes_id?: string | null;
}

/** A document whose bytes were hashed and stored already. */
export async function insertVerifiedEvidence(
  trx: TenantDb,
  org_id: string,
  uploaded_by: string,
  input: EvidenceInput,
): Promise<{ id: string }> {
  const id = newId();
  await trx('evidence').insert({
    ...input,
    org_id,
    id,
    control_refs: input.control_refs ?? [],
    status: 'verified',
    uploaded_by,
    uploaded_at: trx.raw('clock_timestamp()'),
  });
  return { id };
}

export interface FrozenEvidence {
  evidence_id: string;
  sha256: string;
  /** Null: it belongs to the assessment as a whole. */
  control_ref: string | null;
  filename: string;
  content_type: string;
  size: number;
  object_key: string;
  collected_at: string | null;
  expires_at: string | null;
}

/** What was frozen for these controls at the start of the run. */
export async function listFrozenEvidence(
  trx: TenantDb,
  execution_id: string,
  refs: readonly string[],
): Promise<FrozenEvidence[]> {
  return await trx('execution_evidence as x')
    .join('evidence as e', (join) => join.on('e.org_id', 'x.org_id').andOn('e.id', 'x.evidence_id'))
    .select(
      'x.evidence_id',
      'x.sha256',
      'x.control_ref',
      'e.filename',
      'e.content_type',
      'e.size',
      'e.object_key',
      'e.collected_at',
      'e.expires_at',
    )
    .where('x.execution_id', execution_id)
    .where((either) => either.whereNull('x.control_ref').orWhereIn('x.control_ref', refs))
    .orderBy('x.evidence_id');
}

export interface EvidenceText {
  evidence_id: string;
  /** Empty when the file could not be read; then `unreadable_reason` says why. */
  text: string;
  truncated: boolean;
  unreadable_reason: string | null;
  extractor_version: string;
}

const TEXT_COLUMNS = ['evidence_id', 'text', 'truncated', 'unreadable_reason', 'extractor_version'] as const;

export async function listTexts(trx: TenantDb, evidence_ids: readonly string[]): Promise<EvidenceText[]> {
  return await trx('evidence_text')
    .select(...TEXT_COLUMNS)
    .whereIn('evidence_id', evidence_ids)
    .orderBy('evidence_id');
}

/** The first extraction stays. */
export async function insertText(trx: TenantDb, org_id: string, text: EvidenceText): Promise<void> {
  await trx('evidence_text')
    .insert({ ...text, org_id })
    .onConflict()
    .ignore();
}
