import { Readable } from 'node:stream';
import { DomainError } from '../../domain/errors.js';
import { CONTENT_TYPE } from '../../domain/reports/documents.js';
import { filenameOf, refusal, reportKey, REPORTS_PER_HOUR } from '../../domain/reports/rules.js';
import type { Report, ReportCancelled, ReportGenerate, ReportLocation } from '../../domain/reports/schema.js';
import { REQUEST_DEADLINE_MS, reportWorkflowId } from '../../domain/temporal.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { ObjectStore } from '../../db/objects/store.js';
import { getReport, type ReportRow } from '../../db/reports/repository.js';
import { requestCancel, requestRemoval, requestReport } from '../../db/reports/requests.js';
import { readTenant, withTenant } from '../../db/tenancy.js';
import { type CommandDeps, runCommand } from '../commands.js';
import { countingWithin, type LimitState } from '../http/rate-limit.js';
import { type WebUi, workflowLink } from '../web-ui.js';

export interface ReportDeps extends CommandDeps {
  web_ui: WebUi;
  /** Undefined where no object store is configured. */
  objects: ObjectStore | undefined;
}

/** How long the address of a report's bytes is good for. */
const ADDRESS_S = 300;

export function shown(
  { web_ui }: Pick<ReportDeps, 'web_ui'>,
  { org_id }: Pick<TenantContext, 'org_id'>,
  row: ReportRow,
  run_id: string | null = null,
): Report {
  const { id, type, format, as_of } = row;
  return {
    ...row,
    filename: as_of === null ? null : filenameOf(type, format, as_of),
    content_type: CONTENT_TYPE[format],
    workflow: workflowLink(web_ui, reportWorkflowId(org_id, id), run_id),
  };
}

export async function readReport(
  deps: ReportDeps,
  tenant: TenantContext,
  report_id: string,
): Promise<Report> {
  return shown(deps, tenant, await readTenant(deps.db, tenant, (trx) => getReport(trx, report_id)));
}

/** @throws DomainError RATE_LIMITED after ten in an hour, VALIDATION_ERROR for an assessment from elsewhere */
export async function generateReport(
  deps: ReportDeps,
  tenant: TenantContext,
  wanted: ReportGenerate,
  countsAgainst: (limit: LimitState) => void,
): Promise<Report> {
  const { report, outbox_id, turn } = await countingWithin({ limit: REPORTS_PER_HOUR, countsAgainst }, () =>
    withTenant(deps.db, tenant, (trx) => requestReport(trx, tenant, wanted)),
  );
  countsAgainst({ limit: REPORTS_PER_HOUR, ...turn });
  const { run_id } = await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return shown(deps, tenant, report, run_id);
}

/** Answers when it is over, or after the deadline with `requested`: it is not lost then. */
export async function cancelReport(
  deps: ReportDeps,
  tenant: TenantContext,
  report_id: string,
): Promise<ReportCancelled> {
  const command = await runCommand(deps, tenant, (trx) => requestCancel(trx, tenant, report_id));
  return { ...(await readReport(deps, tenant, report_id)), requested: command ? null : 'cancel' };
}

/** @throws DomainError CONFLICT while it is made */
export async function deleteReport(
  deps: ReportDeps,
  tenant: TenantContext,
  report_id: string,
): Promise<{ id: string; deleted: true }> {
  const outbox_id = await withTenant(deps.db, tenant, (trx) => requestRemoval(trx, tenant, report_id));
  await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return { id: report_id, deleted: true };
}

export interface Download {
  filename: string;
  content_type: string;
  size: number;
  sha256: string;
  key: string;
}

/** @throws DomainError CONFLICT until it is completed, SERVICE_UNAVAILABLE where nothing is kept */
async function findDownload(
  deps: ReportDeps,
  tenant: TenantContext,
  report_id: string,
): Promise<Download & { store: NonNullable<ReportDeps['objects']> }> {
  const { objects: store } = deps;
  const { status, filename, content_type, sha256, size } = await readReport(deps, tenant, report_id);
  const refused = refusal(status, 'download');
  if (refused !== undefined) throw new DomainError('CONFLICT', refused);
  if (sha256 === null || size === null || filename === null) throw new Error('a completed report has a file');
  if (store === undefined)
    throw new DomainError('SERVICE_UNAVAILABLE', 'the object store (storage) is not_configured');
  return { store, filename, content_type, size, sha256, key: reportKey(tenant.org_id, report_id, sha256) };
}

/** In the log before the first byte leaves. */
async function noteDownload(
  deps: ReportDeps,
  tenant: TenantContext,
  report_id: string,
  { sha256 }: Download,
): Promise<void> {
  await withTenant(deps.db, tenant, (trx) =>
    appendAudit(trx, tenant, {
      action: 'report.download',
      resource_type: 'report',
      resource_id: report_id,
      after: { sha256 },
    }),
  );
}

/** The bytes as they come from the store; none are held here. */
export async function downloadReport(
  deps: ReportDeps,
  tenant: TenantContext,
  report_id: string,
): Promise<Download & { stream: Readable }> {
  const { store, ...file } = await findDownload(deps, tenant, report_id);
  const body = await store.get(file.key, { max_bytes: file.size }).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'NOT_FOUND')
      throw new DomainError('SERVICE_UNAVAILABLE', 'the object store has lost its bytes; generate it again');
    throw error;
  });
  try {
    await noteDownload(deps, tenant, report_id, file);
  } catch (error) {
    body.destroy();
    throw error;
  }
  const stream = Readable.from(body.bytes, { objectMode: false });
  // also for who asks by HEAD, or hangs up before the first byte is read
  stream.once('close', () => body.destroy());
  return { ...file, stream };
}

export async function locateReport(
  deps: ReportDeps,
  tenant: TenantContext,
  report_id: string,
): Promise<ReportLocation> {
  const { store, ...file } = await findDownload(deps, tenant, report_id);
  const { key, filename, content_type, sha256 } = file;
  const download_url = await store.presignGet({ key, filename, content_type, expires_s: ADDRESS_S });
  await noteDownload(deps, tenant, report_id, file);
  return { download_url, expires_in: ADDRESS_S, sha256 };
}
