// From a request to a signed URL: the row, its count against the hour, its workflow.
import { randomBytes } from 'node:crypto';
import { DomainError } from '../../domain/errors.js';
import {
  type EvidenceLinks,
  MAX_EVIDENCE_BYTES,
  UPLOADS_PER_HOUR,
  UPLOAD_URL_S,
} from '../../domain/evidence/rules.js';
import type { UploadRequest, UploadTicket } from '../../domain/evidence/schema.js';
import { REQUEST_DEADLINE_MS } from '../../domain/temporal.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import * as evidence from '../../db/evidence/repository.js';
import { insertUpload, takeUpload } from '../../db/evidence/uploads.js';
import { newId } from '../../db/ids.js';
import { type TenantDb, withTenant } from '../../db/tenancy.js';
import { countingWithin, type LimitState } from '../http/rate-limit.js';
import { type EvidenceDeps, linksAfter, linksIn, storeOf } from './use-cases.js';

const NO_LINKS = { finding_id: null, assessment_id: null, control_refs: [] };

/** @throws DomainError VALIDATION_ERROR for links to what is not there, RATE_LIMITED */
export async function requestUpload(
  deps: EvidenceDeps,
  tenant: TenantContext,
  body: UploadRequest,
  countsAgainst: (limit: LimitState) => void,
): Promise<UploadTicket> {
  const store = storeOf(deps);
  const id = newId();
  const { filename, content_type, size, sha256 } = body;
  // ours and not to be guessed; what people call it is no part of it
  const key = `quarantine/${tenant.org_id}/${id}/${randomBytes(16).toString('hex')}`;
  const { outbox_id, limit } = await withTenant(deps.db, tenant, async (trx) => {
    const links = await linksOf(trx, body);
    const taken = await countingWithin({ limit: UPLOADS_PER_HOUR, countsAgainst }, () =>
      takeUpload(trx, tenant.org_id, id),
    );
    const upload = {
      ...links,
      id,
      filename,
      content_type,
      quarantine_key: key,
      declared_size: size ?? null,
      declared_sha256: sha256 ?? null,
      supersedes_id: body.supersedes_id ?? null,
    };
    const started = await insertUpload(trx, tenant, { ...upload, url_s: UPLOAD_URL_S });
    const { quarantine_key: _key, id: _id, ...told } = upload;
    await appendAudit(trx, tenant, {
      action: 'evidence.upload',
      resource_type: 'evidence',
      resource_id: id,
      after: told,
    });
    return { outbox_id: started, limit: taken };
  });
  countsAgainst({ limit: UPLOADS_PER_HOUR, ...limit });
  await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  const { url, headers } = await store.presignPut({
    key,
    content_type,
    expires_s: UPLOAD_URL_S,
    ...(size !== undefined && { size }),
    ...(sha256 !== undefined && { checksum_sha256: Buffer.from(sha256, 'hex').toString('base64') }),
  });
  return {
    evidence_id: id,
    upload_url: url,
    method: 'PUT',
    headers,
    object_key: key,
    expires_in: UPLOAD_URL_S,
    max_size: size ?? MAX_EVIDENCE_BYTES,
  };
}

/** What is said, and for the rest what the document that it supersedes is linked to; its times are its own. */
async function linksOf(trx: TenantDb, body: UploadRequest): Promise<EvidenceLinks> {
  const before = body.supersedes_id ? linksIn(await supersedable(trx, body.supersedes_id)) : NO_LINKS;
  const links = linksAfter({ ...before, collected_at: null, expires_at: null }, body);
  await evidence.requireLinks(trx, links);
  return links;
}

async function supersedable(trx: TenantDb, supersedes_id: string): Promise<evidence.KeptEvidence> {
  const wrong = (detail: string): DomainError =>
    new DomainError('VALIDATION_ERROR', detail, { field: 'supersedes_id' });
  const before = await evidence.findEvidence(trx, supersedes_id);
  if (!before) throw wrong('no such evidence');
  if (before.status !== 'verified')
    throw wrong(`is ${before.status}: only a verified document is superseded`);
  if (before.superseded_by !== null) throw wrong(`is superseded already: name ${before.superseded_by}`);
  return before;
}
