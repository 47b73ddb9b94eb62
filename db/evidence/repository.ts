// Documents as people see them, and what runs and judges read of them.
import type { Knex } from 'knex';
import { DomainError, notFound } from '../../domain/errors.js';
import type { EvidenceLinks, Uses } from '../../domain/evidence/rules.js';
import type { Evidence, EvidenceQuery } from '../../domain/evidence/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';
import { startClock } from './uploads.js';

const COLUMNS = [
  'id',
  'filename',
  'content_type',
  'size',
  'sha256',
  'status',
  'rejection_reason',
  'rejection_detail',
  'finding_id',
  'assessment_id',
  'control_refs',
  'collected_at',
  'uploaded_at',
  'expires_at',
  'stale',
  'supersedes_id',
  'uploaded_by',
  'created_at',
  'updated_at',
].map((column) => `e.${column}`);

const SUCCESSOR = `select n.id from evidence n
  where n.org_id = e.org_id and n.supersedes_id = e.id and n.status = 'verified'`;

const SHOWN = `e.control_refs[1] as control_ref,
  (${SUCCESSOR} order by n.id desc limit 1) as superseded_by`;

function documents(trx: TenantReader) {
  return trx('evidence as e').select(...COLUMNS, trx.raw(SHOWN));
}

/** Newest first. */
export async function listEvidence(
  trx: TenantReader,
  filter: Omit<EvidenceQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<Evidence>> {
  const query = documents(trx)
    .orderBy('e.id', 'desc')
    .limit(request.limit + 1);
  if (filter.finding_id) query.whereIn('e.finding_id', filter.finding_id);
  if (filter.assessment_id)
    query.whereRaw(
      `e.id = any (array(select l.id from evidence l where l.assessment_id = any(?)
        union all select l.id from finding f join evidence l on l.org_id = f.org_id and l.finding_id = f.id
          where f.assessment_id = any(?)))`,
      [filter.assessment_id, filter.assessment_id],
    );
  if (filter.control_ref) query.whereRaw('e.control_refs && ?::text[]', [filter.control_ref]);
  if (filter.status) query.whereIn('e.status', filter.status);
  if (filter.stale) query.where('e.stale', filter.stale === 'true');
  if (filter.superseded) query.whereRaw(`${filter.superseded === 'true' ? '' : 'not'} exists (${SUCCESSOR})`);
  if (request.after) query.where('e.id', '<', keyPart(request.after, 0));
  const rows: Evidence[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

/** A document, and what is nobody's business outside. */
export interface KeptEvidence extends Evidence {
  object_key: string;
  quarantine_key: string | null;
  closes_at: string | null;
}

/** One statement. */
export async function findEvidence(
  trx: TenantReader,
  evidence_id: string,
): Promise<KeptEvidence | undefined> {
  return await documents(trx)
    .select('e.object_key', 'e.quarantine_key', 'e.closes_at')
    .where('e.id', evidence_id)
    .first();
}

/** @throws DomainError NOT_FOUND */
export async function getEvidence(trx: TenantReader, evidence_id: string): Promise<KeptEvidence> {
  const row = await findEvidence(trx, evidence_id);
  if (!row) throw notFound('evidence');
  return row;
}

/** Who changes a document holds its row until the end of the transaction. @throws DomainError NOT_FOUND */
export async function lockEvidence(trx: TenantDb, evidence_id: string): Promise<KeptEvidence> {
  const locked: unknown = await trx('evidence').select('id').where({ id: evidence_id }).forUpdate().first();
  if (locked === undefined) throw notFound('evidence');
  return await getEvidence(trx, evidence_id);
}

export async function updateEvidence(
  trx: TenantDb,
  evidence_id: string,
  links: EvidenceLinks,
): Promise<void> {
  await trx('evidence')
    .where({ id: evidence_id })
    .update({
      ...links,
      // another expiry is judged by the clock that the timer goes by, too
      stale: trx.raw(
        `case when expires_at is not distinct from ?::timestamptz then stale
         else status = 'verified' and coalesce(?::timestamptz <= clock_timestamp(), false) end`,
        [links.expires_at, links.expires_at],
      ),
    });
}

/** @throws DomainError VALIDATION_ERROR with the field of what is not there, or belongs to something else */
export async function requireLinks(trx: TenantDb, links: EvidenceLinks): Promise<void> {
  const { finding_id, assessment_id, control_refs } = links;
  const wrong = (field: string, detail: string): DomainError =>
    new DomainError('VALIDATION_ERROR', detail, { field });
  if (assessment_id) {
    const found: unknown = await trx('assessment').where({ id: assessment_id }).first('id');
    if (!found) throw wrong('assessment_id', 'no such assessment');
  }
  if (finding_id) {
    const found: { assessment_id: string } | undefined = await trx('finding')
      .where({ id: finding_id })
      .first('assessment_id');
    if (!found) throw wrong('finding_id', 'no such finding');
    if (assessment_id && found.assessment_id !== assessment_id)
      throw wrong('finding_id', 'is a finding of another assessment');
  }
  if (control_refs.length === 0) return;
  const known: string[] = await trx('control').whereIn('ref', control_refs).distinct('ref').pluck('ref');
  const missing = control_refs.findIndex((ref) => !known.includes(ref));
  if (missing !== -1) throw wrong(`control_refs.${String(missing)}`, 'no such control');
}

/** What rests on a document. The caller holds its row. */
export async function countUses(trx: TenantDb, evidence_id: string): Promise<Uses> {
  const { rows } = await trx.raw<{ rows: Uses[] }>(
    `select (select count(*) from execution_evidence where evidence_id = ?) as runs,
       (select count(*) from incident_task where evidence_id = ?) as tasks,
       (select count(*) from evidence where supersedes_id = ?) as successors`,
    [evidence_id, evidence_id, evidence_id],
  );
  return rows[0] ?? { runs: 0, tasks: 0, successors: 0 };
}

/** Its text goes with it. */
export async function removeEvidence(trx: TenantDb, evidence_id: string): Promise<void> {
  await trx('evidence').where({ id: evidence_id }).del();
}

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

/** A document whose bytes were hashed and stored already; its clock is started by the relay. */
export async function insertVerifiedEvidence(
  trx: TenantDb,
  tenant: TenantRef,
  input: EvidenceInput,
): Promise<{ id: string }> {
  const id = newId();
  const { expires_at = null } = input;
  await trx('evidence').insert({
    ...input,
    org_id: tenant.org_id,
    id,
    control_refs: input.control_refs ?? [],
    status: 'verified',
    uploaded_by: tenant.actor_id,
    uploaded_at: trx.raw('clock_timestamp()'),
    stale: trx.raw('coalesce(?::timestamptz <= clock_timestamp(), false)', [expires_at]),
  });
  if (expires_at !== null && Date.parse(expires_at) > Date.now()) await startClock(trx, tenant, id, null);
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
export function frozenEvidence(
  trx: TenantReader,
  execution_id: string,
  refs: readonly string[],
): Knex.QueryBuilder {
  return trx('execution_evidence as x')
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

export async function listTexts(trx: TenantReader, evidence_ids: readonly string[]): Promise<EvidenceText[]> {
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
