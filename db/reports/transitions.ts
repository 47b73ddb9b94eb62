// What the workflow's hand writes: each step of a report with its commands and its audit entry. All are repeatable.
import { notFound } from '../../domain/errors.js';
import type { ReportFormat, ReportType } from '../../domain/reports/documents.js';
import { isSettled, type ReportStatus } from '../../domain/reports/rules.js';
import { reportWorkflowId } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../audit/repository.js';
import { acceptCommand, listOpenCommands, refuseCommand } from '../commands/repository.js';
import type { TenantDb } from '../tenancy.js';

/** A report as it is made; a deleted one too. */
export interface ReportWork {
  id: string;
  type: ReportType;
  format: ReportFormat;
  status: ReportStatus;
  assessment_id: string | null;
  requested_by: string;
  created_at: string;
  document_sha256: string | null;
  sha256: string | null;
  size: number | null;
  is_deleted: boolean;
}

const WORK = [
  'id',
  'type',
  'format',
  'status',
  'assessment_id',
  'requested_by',
  'created_at',
  'document_sha256',
  'sha256',
  'size',
] as const;

function work(trx: TenantDb, report_id: string) {
  return trx('report')
    .select(...WORK, trx.raw('deleted_at is not null as is_deleted'))
    .where({ id: report_id });
}

/** @throws DomainError NOT_FOUND */
export async function getWork(trx: TenantDb, report_id: string): Promise<ReportWork> {
  const row: ReportWork | undefined = await work(trx, report_id).first();
  if (!row) throw notFound('report');
  return row;
}

async function lockWork(trx: TenantDb, report_id: string): Promise<ReportWork> {
  const row: ReportWork | undefined = await work(trx, report_id).forNoKeyUpdate().first();
  if (!row) throw notFound('report');
  return row;
}

/** What there is to do: make it, remove what is left of a deleted one, or nothing. */
export async function beginReport(trx: TenantDb, report_id: string): Promise<'make' | 'clear' | 'nothing'> {
  const { status, is_deleted } = await lockWork(trx, report_id);
  if (is_deleted) return 'clear';
  if (isSettled(status)) return 'nothing';
  if (status === 'pending') await trx('report').where({ id: report_id }).update({ status: 'generating' });
  return 'make';
}

/** The first snapshot is the snapshot. */
export async function keepSnapshot(
  trx: TenantDb,
  report_id: string,
  { as_of, document_sha256 }: { as_of: string; document_sha256: string },
): Promise<void> {
  await trx('report')
    .where({ id: report_id, status: 'generating' })
    .whereNull('as_of')
    .update({ as_of, document_sha256 });
}

export interface MadeReport {
  sha256: string;
  size: number;
}

/** @returns how it ended, now or before */
export async function completeReport(
  trx: TenantDb,
  tenant: TenantRef,
  report_id: string,
  made: MadeReport,
): Promise<ReportStatus> {
  const before = await lockWork(trx, report_id);
  if (isSettled(before.status)) return before.status;
  await endReport(trx, report_id, { status: 'completed', ...made });
  await settleCommands(trx, tenant, report_id, 'completed');
  await auditEnd(trx, tenant, before, 'report.complete', { status: 'completed', ...made });
  return 'completed';
}

export interface Failing {
  failure: string;
  cancelled: boolean;
}

/** @returns how it ended, now or before */
export async function failReport(
  trx: TenantDb,
  tenant: TenantRef,
  report_id: string,
  { failure, cancelled }: Failing,
): Promise<ReportStatus> {
  const before = await lockWork(trx, report_id);
  if (!isSettled(before.status)) {
    await endReport(trx, report_id, { status: 'failed', failure });
    await settleCommands(trx, tenant, report_id, cancelled ? 'cancelled' : 'failed');
    await auditEnd(trx, tenant, before, 'report.fail', { status: 'failed', failure });
    return 'failed';
  }
  await settleCommands(trx, tenant, report_id, before.status);
  return before.status;
}

async function endReport(
  trx: TenantDb,
  report_id: string,
  columns: { status: ReportStatus; failure?: string; sha256?: string; size?: number },
): Promise<void> {
  await trx('report')
    .where({ id: report_id })
    .update({ ...columns, ended_at: trx.raw('clock_timestamp()') });
}

/** The only command is to cancel. */
async function settleCommands(
  trx: TenantDb,
  { org_id }: TenantRef,
  report_id: string,
  ended: ReportStatus | 'cancelled',
): Promise<void> {
  for (const { id } of await listOpenCommands(trx, reportWorkflowId(org_id, report_id))) {
    if (ended === 'cancelled') await acceptCommand(trx, id);
    else await refuseCommand(trx, id, `the report is ${ended}`);
  }
}

async function auditEnd(
  trx: TenantDb,
  tenant: TenantRef,
  { id, status }: ReportWork,
  action: string,
  after: Record<string, unknown>,
): Promise<void> {
  await appendAudit(trx, tenant, {
    action,
    resource_type: 'report',
    resource_id: id,
    before: { status },
    after,
  });
}

export async function markCleared(trx: TenantDb, report_id: string): Promise<void> {
  await trx('report')
    .where({ id: report_id })
    .whereNull('cleared_at')
    .update({ cleared_at: trx.raw('clock_timestamp()') });
}
