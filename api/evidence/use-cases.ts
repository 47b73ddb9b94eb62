import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../../domain/errors.js';
import {
  DOWNLOAD_URL_S,
  type EvidenceLinks,
  keptBecause,
  timesProblem,
} from '../../domain/evidence/rules.js';
import {
  type DownloadTicket,
  type EvidenceDetail,
  type EvidenceUpdate,
  type EvidenceVerification,
  givenRefs,
} from '../../domain/evidence/schema.js';
import { evidenceWorkflowId, REQUEST_DEADLINE_MS } from '../../domain/temporal.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import * as evidence from '../../db/evidence/repository.js';
import { startClock, tellClock } from '../../db/evidence/uploads.js';
import type { ObjectStore } from '../../db/objects/store.js';
import { readTenant, type TenantDb, withTenant } from '../../db/tenancy.js';
import type { CommandDeps } from '../commands.js';
import { type WebUi, workflowLink } from '../web-ui.js';

export interface EvidenceDeps extends CommandDeps {
  /** Undefined where no object store is configured. */
  objects: ObjectStore | undefined;
  web_ui: WebUi;
  /** How long a request for verification waits for its outcome. */
  verify_wait_ms: number;
}

/** Between two looks at the row. */
const LOOK_MS = 100;

/**
 * Asks that the upload be looked at now; it is anyway, a little later. Answers what came of it, or `requested`.
 * @throws DomainError CONFLICT where nothing has arrived yet, or nothing will
 */
export async function verifyEvidence(
  deps: EvidenceDeps,
  tenant: TenantContext,
  evidence_id: string,
): Promise<EvidenceVerification> {
  const store = storeOf(deps);
  const read = (): Promise<evidence.KeptEvidence> =>
    withTenant(deps.db, tenant, (trx) => evidence.getEvidence(trx, evidence_id));
  const before = await read();
  if (before.status === 'expired')
    throw new DomainError(
      'CONFLICT',
      'the upload is expired: nothing came in time; ask for a new upload URL',
    );
  if (before.status !== 'pending' || before.quarantine_key === null)
    return { ...toDetail(deps, tenant, before), requested: null };
  if (!(await store.find(before.quarantine_key)))
    throw new DomainError(
      'CONFLICT',
      'the file has not arrived: it is still pending; PUT it to its upload_url, whole',
    );
  const outbox_id = await withTenant(deps.db, tenant, async (trx) => {
    const told = await tellClock(trx, tenant.org_id, evidence_id, 'uploaded');
    await appendAudit(trx, tenant, {
      action: 'evidence.verify_request',
      resource_type: 'evidence',
      resource_id: evidence_id,
    });
    return told;
  });
  const deadline = Date.now() + deps.verify_wait_ms;
  await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  for (;;) {
    const now = await read();
    if (now.status !== 'pending') return { ...toDetail(deps, tenant, now), requested: null };
    if (Date.now() + LOOK_MS >= deadline) return { ...toDetail(deps, tenant, now), requested: 'verify' };
    await sleep(LOOK_MS);
  }
}

/** @throws DomainError CONFLICT for anything but a verified document */
export async function downloadEvidence(
  deps: EvidenceDeps,
  tenant: TenantContext,
  evidence_id: string,
): Promise<DownloadTicket> {
  const store = storeOf(deps);
  const kept = await withTenant(deps.db, tenant, async (trx) => {
    const row = await evidence.getEvidence(trx, evidence_id);
    if (row.status !== 'verified' || row.sha256 === null)
      throw new DomainError(
        'CONFLICT',
        `the document is ${row.status}: only a verified one can be downloaded`,
      );
    await appendAudit(trx, tenant, {
      action: 'evidence.download',
      resource_type: 'evidence',
      resource_id: evidence_id,
      after: { sha256: row.sha256 },
    });
    return { ...row, sha256: row.sha256 };
  });
  const { object_key: key, filename, content_type, sha256 } = kept;
  const download_url = await store.presignGet({ key, filename, content_type, expires_s: DOWNLOAD_URL_S });
  return { download_url, expires_in: DOWNLOAD_URL_S, sha256 };
}

export async function readEvidence(
  deps: EvidenceDeps,
  tenant: TenantContext,
  evidence_id: string,
): Promise<EvidenceDetail> {
  const row = await readTenant(deps.db, tenant, (trx) => evidence.getEvidence(trx, evidence_id));
  return toDetail(deps, tenant, row);
}

/** @throws DomainError CONFLICT for what was never kept, VALIDATION_ERROR for links to what is not there */
export async function changeEvidence(
  deps: EvidenceDeps,
  tenant: TenantContext,
  evidence_id: string,
  body: EvidenceUpdate,
): Promise<EvidenceDetail> {
  const { after, owed } = await withTenant(deps.db, tenant, async (trx) => {
    const before = await evidence.lockEvidence(trx, evidence_id);
    if (before.status !== 'pending' && before.status !== 'verified')
      throw new DomainError(
        'CONFLICT',
        `the document is ${before.status}: only a pending or verified one is linked`,
      );
    const links = linksAfter(linksIn(before), body);
    // what it was linked to before is not asked again
    await evidence.requireLinks(trx, { ...links, control_refs: givenRefs(body) ?? [] });
    await evidence.updateEvidence(trx, evidence_id, links);
    const changed = await evidence.getEvidence(trx, evidence_id);
    const rescheduled = changed.expires_at !== before.expires_at;
    const messages = rescheduled ? await resetClock(trx, tenant, changed) : [];
    await appendAudit(trx, tenant, {
      action: 'evidence.update',
      resource_type: 'evidence',
      resource_id: evidence_id,
      before: { ...linksIn(before) },
      after: { ...linksIn(changed) },
    });
    return { after: changed, owed: messages };
  });
  for (const outbox_id of owed) await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return toDetail(deps, tenant, after);
}

/** Where its workflow has ended it is started again; where it has not, the start does nothing and the signal wakes it. */
async function resetClock(
  trx: TenantDb,
  tenant: TenantContext,
  row: evidence.KeptEvidence,
): Promise<string[]> {
  const upload =
    row.quarantine_key === null || row.closes_at === null
      ? null
      : { key: row.quarantine_key, closes_at: row.closes_at };
  return [
    await startClock(trx, tenant, row.id, upload),
    await tellClock(trx, tenant.org_id, row.id, 'evidenceChanged'),
  ];
}

/**
 * The register forgets it, and its text. Bytes that were verified stay where they are, write-once, until the
 * organization is purged.
 * @throws DomainError CONFLICT while something rests on it
 */
export async function deleteEvidence(
  deps: EvidenceDeps,
  tenant: TenantContext,
  evidence_id: string,
): Promise<{ id: string; deleted: true }> {
  const outbox_id = await withTenant(deps.db, tenant, async (trx) => {
    const before = await evidence.lockEvidence(trx, evidence_id);
    const kept = keptBecause(await evidence.countUses(trx, evidence_id));
    if (kept !== undefined) throw new DomainError('CONFLICT', kept);
    await evidence.removeEvidence(trx, evidence_id);
    const told = await tellClock(trx, tenant.org_id, evidence_id, 'evidenceChanged');
    const { filename, content_type, size, sha256, status } = before;
    await appendAudit(trx, tenant, {
      action: 'evidence.delete',
      resource_type: 'evidence',
      resource_id: evidence_id,
      before: { filename, content_type, size, sha256, status, ...linksIn(before) },
    });
    return told;
  });
  await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return { id: evidence_id, deleted: true };
}

export function linksIn(row: EvidenceLinks): EvidenceLinks {
  const { finding_id, assessment_id, control_refs, collected_at, expires_at } = row;
  return { finding_id, assessment_id, control_refs, collected_at, expires_at };
}

/** What is not said stays. @throws DomainError VALIDATION_ERROR for times that cannot be */
export function linksAfter(before: EvidenceLinks, body: EvidenceUpdate): EvidenceLinks {
  const { finding_id, assessment_id, collected_at, expires_at } = body;
  const links = {
    finding_id: finding_id === undefined ? before.finding_id : finding_id,
    assessment_id: assessment_id === undefined ? before.assessment_id : assessment_id,
    control_refs: [...new Set(givenRefs(body) ?? before.control_refs)],
    collected_at: collected_at === undefined ? before.collected_at : collected_at,
    expires_at: expires_at === undefined ? before.expires_at : expires_at,
  };
  const problem = timesProblem(links, Date.now());
  if (problem) throw new DomainError('VALIDATION_ERROR', problem.detail, { field: problem.field });
  return links;
}

function toDetail(
  { web_ui }: Pick<EvidenceDeps, 'web_ui'>,
  { org_id }: TenantContext,
  { object_key: _object, quarantine_key, closes_at: _closes, ...row }: evidence.KeptEvidence,
): EvidenceDetail {
  const has_clock = quarantine_key !== null || row.expires_at !== null;
  return {
    ...row,
    workflow: has_clock ? workflowLink(web_ui, evidenceWorkflowId(org_id, row.id), null) : null,
  };
}

/** @throws DomainError SERVICE_UNAVAILABLE */
export function storeOf({ objects }: EvidenceDeps): ObjectStore {
  if (objects) return objects;
  throw new DomainError(
    'SERVICE_UNAVAILABLE',
    'storage is not configured: set S3_ENDPOINT and its credentials',
  );
}
