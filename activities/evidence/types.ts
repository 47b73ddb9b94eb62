// What the workflow of a document asks of its activities.
import type { EvidenceClock } from '../../db/evidence/uploads.js';
import type { EvidenceStatus } from '../../domain/evidence/rules.js';
import type { TenantRef } from '../../domain/tenant.js';

export interface EvidenceRef {
  tenant: TenantRef;
  evidence_id: string;
}

/** Rows, and single short calls to the object store. */
export interface EvidenceActivities {
  /** Turns it stale if its time has come; answers when to ask again. Null: the document is gone. */
  ageEvidence: (input: EvidenceRef) => Promise<EvidenceClock | null>;
  /** `settled`: nothing is awaited any more. */
  findUpload: (input: EvidenceRef) => Promise<{ upload: 'there' | 'absent' | 'settled' }>;
  /** Nothing came in time. */
  closeUpload: (input: EvidenceRef) => Promise<void>;
  /** What lies in quarantine, if anything does. */
  removeUpload: (input: EvidenceRef & { key: string }) => Promise<void>;
}

/** Whole files, on a queue of their own. */
export interface EvidenceReading {
  /** Reads the upload once and says what it is. Null: it is not there, or not the one that was read, or all is gone. */
  verifyEvidence: (input: EvidenceRef) => Promise<{ status: EvidenceStatus | null }>;
}
