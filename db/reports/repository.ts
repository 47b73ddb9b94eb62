import { DomainError, notFound } from '../../domain/errors.js';
import type { ReportFormat, ReportType } from '../../domain/reports/documents.js';
import type { ReportStatus } from '../../domain/reports/rules.js';
import type { ReportGenerate, ReportQuery } from '../../domain/reports/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

export interface ReportRow {
  id: string;
  type: ReportType;
  format: ReportFormat;
  status: ReportStatus;
  assessment_id: string | null;
  requested_by: string;
  failure: string | null;
  as_of: string | null;
  size: number | null;
  sha256: string | null;
  created_at: string;
  updated_at: string;
  ended_at: string | null;
}

const COLUMNS = [
  'id',
  'type',
  'format',
  'status',
  'assessment_id',
  'requested_by',
  'failure',
  'as_of',
  'size',
  'sha256',
  'created_at',
  'updated_at',
  'ended_at',
] as const;

function shown(trx: TenantReader) {
  return trx('report')
    .select(...COLUMNS)
    .whereNull('deleted_at');
}

/** Newest first. */
export async function listReports(
  trx: TenantReader,
  filter: Omit<ReportQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<ReportRow>> {
  const query = shown(trx)
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  for (const column of ['type', 'status', 'format'] as const) {
    const values = filter[column];
    if (values) query.whereIn(column, [...values]);
  }
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: ReportRow[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

/** @throws DomainError NOT_FOUND */
export async function getReport(trx: TenantReader, report_id: string): Promise<ReportRow> {
  return found(await shown(trx).where({ id: report_id }).first());
}

/** Whoever changes a report holds its row until the end of the transaction. @throws DomainError NOT_FOUND */
export async function lockReport(trx: TenantDb, report_id: string): Promise<ReportRow> {
  return found(await shown(trx).where({ id: report_id }).forNoKeyUpdate().first());
}

function found(row: ReportRow | undefined): ReportRow {
  if (!row) throw notFound('report');
  return row;
}

/** @throws DomainError VALIDATION_ERROR for an assessment that the organization does not have */
export async function insertReport(
  trx: TenantDb,
  { org_id, actor_id }: TenantRef,
  wanted: ReportGenerate,
): Promise<ReportRow> {
  const assessment_id = 'assessment_id' in wanted ? wanted.assessment_id : null;
  if (assessment_id !== null) await requireAssessment(trx, assessment_id);
  const { type, format } = wanted;
  const [row]: ReportRow[] = await trx('report').insert(
    { org_id, id: newId(), type, format, assessment_id, requested_by: actor_id },
    [...COLUMNS],
  );
  return found(row);
}

/** It cannot go before the report is entered. */
async function requireAssessment(trx: TenantDb, id: string): Promise<void> {
  const row: unknown = await trx('assessment').select('id').where({ id }).forKeyShare().first();
  if (row === undefined)
    throw new DomainError('VALIDATION_ERROR', 'no such assessment in this organization', {
      field: 'assessment_id',
    });
}

/** The row stays and counts; its objects go afterwards. */
export async function markDeleted(trx: TenantDb, report_id: string): Promise<void> {
  await trx('report')
    .where({ id: report_id })
    .update({ deleted_at: trx.raw('clock_timestamp()') });
}
