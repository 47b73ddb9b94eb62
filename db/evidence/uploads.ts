// A document's way from the promise of an upload to a verified file, and its clock. The row is the state: the workflow
// can be started again at any point and goes on from what the row says.
import {
  closingTime,
  type EvidenceLinks,
  type EvidenceStatus,
  type Rejection,
  UPLOAD_WINDOW_MS,
  UPLOADS_PER_HOUR,
} from '../../domain/evidence/rules.js';
import { evidenceWorkflowId, TASK_QUEUES } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../audit/repository.js';
import { insertOutbox } from '../outbox/repository.js';
import { takeTurn, type Turn } from '../rates/rows.js';
import type { TenantDb } from '../tenancy.js';

/** Counts one upload of the organization. @throws DomainError RATE_LIMITED, with the seconds until there is room */
export async function takeUpload(trx: TenantDb, org_id: string, evidence_id: string): Promise<Turn> {
  const turn = await takeTurn(trx, org_id, {
    table: 'evidence_upload',
    at: 'at',
    things: 'uploads',
    max: UPLOADS_PER_HOUR,
    window_ms: UPLOAD_WINDOW_MS,
  });
  await trx('evidence_upload').insert({ org_id, evidence_id });
  return turn;
}

export interface NewUpload extends EvidenceLinks {
  id: string;
  filename: string;
  content_type: string;
  quarantine_key: string;
  declared_size: number | null;
  declared_sha256: string | null;
  supersedes_id: string | null;
  /** How long its URL is good. */
  url_s: number;
}

/** @returns the start of its workflow, to be tried inline */
export async function insertUpload(trx: TenantDb, tenant: TenantRef, upload: NewUpload): Promise<string> {
  const { url_s, ...columns } = upload;
  const closes_at = new Date(closingTime(Date.now(), url_s)).toISOString();
  await trx('evidence').insert({
    ...columns,
    org_id: tenant.org_id,
    object_key: upload.quarantine_key,
    status: 'pending',
    closes_at,
    uploaded_by: tenant.actor_id,
  });
  return await startClock(trx, tenant, upload.id, { key: upload.quarantine_key, closes_at });
}

/** Where an upload is awaited, and until when. */
export interface AwaitedUpload {
  key: string;
  closes_at: string;
}

/**
 * Also where a workflow of the document has ended: it reads from the row where it is.
 * @param upload null for what was not uploaded
 * @returns the start, to be tried inline
 */
export async function startClock(
  trx: TenantDb,
  tenant: TenantRef,
  evidence_id: string,
  upload: AwaitedUpload | null,
): Promise<string> {
  const { org_id } = tenant;
  return await insertOutbox(trx, org_id, {
    kind: 'workflow_start',
    workflow_id: evidenceWorkflowId(org_id, evidence_id),
    payload: {
      workflow_type: 'evidenceWorkflow',
      task_queue: TASK_QUEUES.core,
      resource_id: evidence_id,
      summary: 'Evidence',
      input: clockInput(tenant, evidence_id, upload),
      after_end: true,
    },
  });
}

function clockInput(
  { org_id, actor_id, request_id }: TenantRef,
  evidence_id: string,
  upload: AwaitedUpload | null,
) {
  return { tenant: { org_id, actor_id, request_id }, evidence_id, upload };
}

/** @returns the signal, to be tried inline */
export async function tellClock(
  trx: TenantDb,
  org_id: string,
  evidence_id: string,
  signal: 'uploaded' | 'evidenceChanged',
): Promise<string> {
  const workflow_id = evidenceWorkflowId(org_id, evidence_id);
  return await insertOutbox(trx, org_id, { kind: 'signal', workflow_id, payload: { signal, args: {} } });
}

export interface EvidenceClock {
  status: EvidenceStatus;
  /** When it turns stale; null where nothing is to come. */
  due_at: string | null;
}

/** Turns a verified document stale, if its time has come by the database's clock. Repeatable; null: it is gone. */
export async function ageEvidence(
  trx: TenantDb,
  tenant: TenantRef,
  evidence_id: string,
): Promise<EvidenceClock | null> {
  const row:
    { status: EvidenceStatus; stale: boolean; expires_at: string | null; over: boolean } | undefined =
    await trx('evidence')
      .where({ id: evidence_id })
      .forNoKeyUpdate()
      .first('status', 'stale', 'expires_at', trx.raw('expires_at <= clock_timestamp() as over'));
  if (!row) return null;
  const { status, stale, expires_at } = row;
  if (status !== 'verified' || stale || expires_at === null) return { status, due_at: null };
  if (!row.over) return { status, due_at: expires_at };
  await trx('evidence').where({ id: evidence_id }).update({ stale: true });
  await appendAudit(trx, clockActor(tenant), {
    action: 'evidence.stale',
    resource_type: 'evidence',
    resource_id: evidence_id,
    before: { stale: false },
    after: { stale: true, expires_at },
  });
  return { status, due_at: null };
}

/** The clock's doing, not that of the person who handed it in. */
function clockActor({ org_id, request_id }: TenantRef) {
  return { org_id, request_id, actor_id: null };
}

/** What is read of a pending document before its bytes are; undefined where nothing is awaited any more. */
export interface PendingUpload {
  quarantine_key: string;
  content_type: string;
  filename: string;
  declared_size: number | null;
  declared_sha256: string | null;
}

export async function findPending(trx: TenantDb, evidence_id: string): Promise<PendingUpload | undefined> {
  return await trx('evidence')
    .where({ id: evidence_id, status: 'pending' })
    .first('quarantine_key', 'content_type', 'filename', 'declared_size', 'declared_sha256');
}

export type Verdict =
  | { status: 'verified'; size: number; sha256: string; object_key: string }
  | { status: 'rejected'; reason: Rejection; detail: string; size: number | null; sha256: string | null }
  | { status: 'expired' };

const ACTIONS = {
  verified: 'evidence.verify',
  rejected: 'evidence.reject',
  expired: 'evidence.expire',
} as const;

/** Once: a document that is not pending any more stays what it is. @returns what it is now; null: it is gone */
export async function recordVerdict(
  trx: TenantDb,
  tenant: TenantRef,
  evidence_id: string,
  verdict: Verdict,
): Promise<EvidenceStatus | null> {
  const row: { status: EvidenceStatus } | undefined = await trx('evidence')
    .where({ id: evidence_id })
    .forNoKeyUpdate()
    .first('status');
  if (!row) return null;
  if (row.status !== 'pending') return row.status;
  await trx('evidence').where({ id: evidence_id }).update(columnsOf(trx, verdict));
  const { status, ...facts } = verdict;
  await appendAudit(trx, clockActor(tenant), {
    action: ACTIONS[status],
    resource_type: 'evidence',
    resource_id: evidence_id,
    before: { status: 'pending' },
    after: { status, ...facts },
  });
  return status;
}

function columnsOf(trx: TenantDb, verdict: Verdict): Record<string, unknown> {
  switch (verdict.status) {
    case 'verified':
      return { ...verdict, uploaded_at: trx.raw('clock_timestamp()') };
    case 'rejected': {
      const { status, reason, detail, size, sha256 } = verdict;
      return { status, size, sha256, rejection_reason: reason, rejection_detail: detail };
    }
    case 'expired':
      return { status: 'expired' };
  }
}
