import type { Knex } from 'knex';
import { notFound } from '../../domain/errors.js';
import type { Finding, FindingDetail, FindingQuery, FindingUpdate } from '../../domain/findings/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { moment } from '../moment.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';
import { requireMember } from '../users/repository.js';

const COLUMNS = [
  'id',
  'assessment_id',
  'status',
  'severity',
  'confidence',
  'rationale',
  'citations',
  'checks',
  'gaps',
  'remediation',
  'remediation_notes',
  'evaluated_by',
  'needs_review',
  'review_due_at',
  'review_reminded_at',
  'owner_id',
  'due_date',
  'created_at',
  'updated_at',
].map((column) => `f.${column}`);

const CONTROL = `json_build_object('id', c.id, 'ref', c.ref, 'title', c.title) as control`;

const HISTORY = `(
  select coalesce(json_agg(json_build_object(
    'at', ${moment('h.at')},
    'status', h.status, 'severity', h.severity, 'confidence', h.confidence,
    'evaluated_by', h.evaluated_by, 'remediation_notes', h.remediation_notes) order by h.id), '[]')
  from finding_history h where h.org_id = f.org_id and h.finding_id = f.id) as history`;

const COST = `json_build_object(
  'tokens_in', f.tokens_in, 'tokens_out', f.tokens_out, 'model', f.evaluated_by ->> 'model') as cost`;

/** Newest first. */
export async function listFindings(
  trx: TenantReader,
  filter: Omit<FindingQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<Finding>> {
  const query = trx('finding as f')
    .join('control as c', 'c.id', 'f.control_id')
    .select(...COLUMNS, trx.raw(CONTROL))
    .orderBy('f.id', 'desc')
    .limit(request.limit + 1);
  if (filter.assessment_id) query.whereIn('f.assessment_id', filter.assessment_id);
  if (filter.status) query.whereIn('f.status', filter.status);
  if (filter.severity) query.whereIn('f.severity', filter.severity);
  if (filter.needs_review) query.where('f.needs_review', filter.needs_review === 'true');
  if (request.after) query.where('f.id', '<', keyPart(request.after, 0));
  const rows: Finding[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

/** One statement. */
export async function getFinding(trx: TenantReader, finding_id: string): Promise<FindingDetail> {
  const row: FindingDetail | undefined = await trx('finding as f')
    .join('control as c', 'c.id', 'f.control_id')
    .select(...COLUMNS, trx.raw(CONTROL), trx.raw(COST), trx.raw(HISTORY))
    .where('f.id', finding_id)
    .first();
  if (!row) throw notFound('finding');
  return row;
}

/** Who changes a finding holds its row until the end of the transaction. */
export async function lockFinding(trx: TenantDb, finding_id: string): Promise<FindingDetail> {
  const locked = await trx('finding').select('id').where({ id: finding_id }).forNoKeyUpdate().first();
  if (!locked) throw notFound('finding');
  return await getFinding(trx, finding_id);
}

/**
 * By a person. A status or severity that a person sets is theirs: later runs leave it, and it needs no review.
 * @throws DomainError VALIDATION_ERROR for an owner who is not a member any more.
 */
export async function updateFinding(
  trx: TenantDb,
  tenant: TenantRef,
  finding_id: string,
  body: FindingUpdate,
): Promise<FindingDetail> {
  if (body.owner_id !== undefined && body.owner_id !== null)
    await requireMember(trx, body.owner_id, 'owner_id');
  const judged = body.status !== undefined || body.severity !== undefined;
  const person = { kind: 'person', model: null, prompt_version: null, user_id: tenant.actor_id };
  await trx('finding')
    .where({ id: finding_id })
    .update({
      ...body,
      ...(judged && {
        set_by_person: true,
        evaluated_by: JSON.stringify(person),
        confidence: 1,
        judged_at: trx.raw('clock_timestamp()'),
        needs_review: false,
        review_due_at: null,
        review_reminded_at: null,
      }),
      updated_at: trx.raw('clock_timestamp()'),
    });
  if (judged || body.remediation_notes !== undefined) {
    await trx.raw(
      `insert into finding_history
         (org_id, finding_id, id, status, severity, confidence, evaluated_by, remediation_notes)
       select org_id, id, ?, status, severity, confidence, ?::jsonb, remediation_notes
       from finding where id = ?`,
      [newId(), JSON.stringify(person), finding_id],
    );
  }
  return await getFinding(trx, finding_id);
}

export interface PreviousFinding {
  control_id: string;
  status: string;
  rationale: string;
}

export function previousFindings(
  trx: TenantReader,
  assessment_id: string,
  control_ids: readonly string[],
): Knex.QueryBuilder {
  return trx('finding')
    .select('control_id', 'status', 'rationale')
    .where({ assessment_id })
    .whereIn('control_id', control_ids);
}
