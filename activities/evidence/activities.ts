import { Context, log } from '@temporalio/activity';
import type { Database } from '../../db/connection.js';
import {
  ageEvidence,
  findPending,
  type PendingUpload,
  recordVerdict,
  type Verdict,
} from '../../db/evidence/uploads.js';
import type { ObjectStore } from '../../db/objects/store.js';
import { withTenant } from '../../db/tenancy.js';
import { DomainError } from '../../domain/errors.js';
import { MAX_EVIDENCE_BYTES } from '../../domain/evidence/rules.js';
import type { TenantRef } from '../../domain/tenant.js';
import { beating } from '../assessments/heartbeat.js';
import type { Extractor } from '../extraction/extract.js';
import { translateFailures } from '../failures.js';
import { brokenPromise, readUpload } from './read.js';
import type { EvidenceActivities, EvidenceReading } from './types.js';

export interface EvidenceDeps {
  db: Database;
  store: Pick<ObjectStore, 'find' | 'get' | 'remove' | 'copyIfUnchanged'>;
  /** Looks into files in a process of its own. */
  inspector: Pick<Extractor, 'inspectFile'>;
}

const LONGEST_READ_MS = 4 * 60_000;

/** Each may be repeated at any point: the row says what has happened. */
export function createEvidenceActivities(deps: EvidenceDeps): EvidenceActivities & EvidenceReading {
  const { db, store } = deps;
  return translateFailures<EvidenceActivities & EvidenceReading>({
    async ageEvidence({ tenant, evidence_id }) {
      return await withTenant(db, tenant, (trx) => ageEvidence(trx, tenant, evidence_id));
    },

    async findUpload({ tenant, evidence_id }) {
      const pending = await withTenant(db, tenant, (trx) => findPending(trx, evidence_id));
      if (!pending) return { upload: 'settled' };
      return { upload: (await store.find(pending.quarantine_key)) ? 'there' : 'absent' };
    },

    async closeUpload({ tenant, evidence_id }) {
      await withTenant(db, tenant, (trx) => recordVerdict(trx, tenant, evidence_id, { status: 'expired' }));
    },

    async removeUpload({ key }) {
      await store.remove(key);
    },

    async verifyEvidence({ tenant, evidence_id }) {
      const pending = await withTenant(db, tenant, (trx) => findPending(trx, evidence_id));
      if (!pending) return { status: null };
      let read = 0;
      const verdict = await beating(
        () => read,
        () => verdictOn(deps, tenant, pending, (bytes) => (read = bytes)),
      );
      if (!verdict) return { status: null };
      const status = await withTenant(db, tenant, (trx) => recordVerdict(trx, tenant, evidence_id, verdict));
      log.info('a document is read', { status, bytes: read });
      return { status };
    },
  });
}

/** Undefined where the upload is not there, or was replaced while it was read: then it is looked for again. */
async function verdictOn(
  { store, inspector }: EvidenceDeps,
  { org_id }: TenantRef,
  pending: PendingUpload,
  counted: (bytes: number) => void,
): Promise<Verdict | undefined> {
  // a store that falls silent half way is left before the attempt's time is over
  const signal = AbortSignal.any([
    Context.current().cancellationSignal,
    AbortSignal.timeout(LONGEST_READ_MS),
  ]);
  const { quarantine_key, content_type, filename } = pending;
  try {
    const object = await store.get(quarantine_key, { max_bytes: MAX_EVIDENCE_BYTES, signal });
    signal.addEventListener('abort', () => object.destroy(), { once: true });
    const read = await readUpload(object.bytes, counted);
    const { size, sha256, bytes, tail } = read;
    const refusal =
      brokenPromise(pending, read) ??
      (await inspector.inspectFile({ bytes, tail, content_type, filename }, signal));
    if (refusal) return { status: 'rejected', ...refusal, size, sha256 };
    // what was read is what is kept, although the upload's URL may still be good
    const object_key = `evidence/${org_id}/${sha256}`;
    await store.copyIfUnchanged({ from: quarantine_key, etag: object.etag, to: object_key });
    return { status: 'verified', size, sha256, object_key };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'NOT_FOUND' || error.code === 'CONFLICT') return undefined;
    if (error.code !== 'PAYLOAD_TOO_LARGE') throw error;
    const detail = `the file has more than ${String(MAX_EVIDENCE_BYTES)} bytes`;
    return { status: 'rejected', reason: 'too_large', detail, size: null, sha256: null };
  }
}
