import { defineSignal } from '@temporalio/workflow';
import type { EvidenceRef } from '../../activities/evidence/types.js';

export interface EvidenceInput extends EvidenceRef {
  /** Where its upload is awaited, and until when; null for what was not uploaded. */
  upload: { key: string; closes_at: string } | null;
}

/** Somebody says that the bytes are there: it is looked at once. */
export const uploadedSignal = defineSignal<[Record<string, never>]>('uploaded');
/** Another expiry, or removed: the row is read again. */
export const evidenceChangedSignal = defineSignal<[Record<string, never>]>('evidenceChanged');
