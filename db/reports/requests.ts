// What the API asks for: a report, its end before it is made, its removal. Each with what Temporal is owed.
import { DomainError } from '../../domain/errors.js';
import { HOUR_MS, REPORT_NAMES, refusal, REPORTS_PER_HOUR } from '../../domain/reports/rules.js';
import type { ReportGenerate } from '../../domain/reports/schema.js';
import { reportWorkflowId, TASK_QUEUES } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../audit/repository.js';
import {
  type CommandActor,
  insertCommand,
  listOpenCommands,
  type RequestedCommand,
} from '../commands/repository.js';
import { insertOutbox, type StartPayload } from '../outbox/repository.js';
import { takeTurn, type Turn } from '../rates/rows.js';
import type { TenantDb } from '../tenancy.js';
import { insertReport, lockReport, markDeleted, type ReportRow } from './repository.js';

export interface RequestedReport {
  report: ReportRow;
  outbox_id: string;
  turn: Turn;
}

/** @throws DomainError RATE_LIMITED after ten in an hour, VALIDATION_ERROR for an assessment from elsewhere */
export async function requestReport(
  trx: TenantDb,
  actor: CommandActor,
  wanted: ReportGenerate,
): Promise<RequestedReport> {
  const turn = await takeTurn(trx, actor.org_id, {
    table: 'report',
    at: 'created_at',
    things: 'reports',
    max: REPORTS_PER_HOUR,
    window_ms: HOUR_MS,
  });
  const report = await insertReport(trx, actor, wanted);
  const outbox_id = await oweWorkflow(trx, actor, report, REPORT_NAMES[report.type]);
  const { type, format, assessment_id } = report;
  await appendAudit(trx, actor, {
    action: 'report.generate',
    resource_type: 'report',
    resource_id: report.id,
    after: { type, format, assessment_id },
  });
  return { report, outbox_id, turn };
}

async function oweWorkflow(
  trx: TenantDb,
  { org_id, actor_id, request_id }: TenantRef,
  { id }: ReportRow,
  summary: string,
  more: Pick<StartPayload, 'after_end'> = {},
): Promise<string> {
  const input = { tenant: { org_id, actor_id, request_id }, report_id: id };
  return await insertOutbox(trx, org_id, {
    kind: 'workflow_start',
    workflow_id: reportWorkflowId(org_id, id),
    payload: {
      workflow_type: 'reportWorkflow',
      task_queue: TASK_QUEUES.core,
      resource_id: id,
      summary,
      input,
      ...more,
    },
  });
}

/** @throws DomainError CONFLICT when it has ended */
export async function requestCancel(
  trx: TenantDb,
  actor: CommandActor,
  report_id: string,
): Promise<RequestedCommand> {
  const { status } = await lockReport(trx, report_id);
  insist(refusal(status, 'cancel'));
  const workflow_id = reportWorkflowId(actor.org_id, report_id);
  const [open] = await listOpenCommands(trx, workflow_id);
  if (open) return { command_id: open.id, outbox_id: null };
  const requested = await insertCommand(trx, actor, { workflow_id, kind: 'cancel' });
  await appendAudit(trx, actor, {
    action: 'report.cancel',
    resource_type: 'report',
    resource_id: report_id,
    before: { status },
    after: { requested: 'cancel', command_id: requested.command_id },
  });
  return requested;
}

/**
 * Gone for everybody at once; its workflow removes the bytes.
 * @throws DomainError CONFLICT while it is made
 */
export async function requestRemoval(trx: TenantDb, actor: CommandActor, report_id: string): Promise<string> {
  const report = await lockReport(trx, report_id);
  insist(refusal(report.status, 'delete'));
  await markDeleted(trx, report_id);
  const outbox_id = await oweWorkflow(trx, actor, report, 'Removal of a report', { after_end: true });
  const { type, format, status, sha256 } = report;
  await appendAudit(trx, actor, {
    action: 'report.delete',
    resource_type: 'report',
    resource_id: report_id,
    before: { type, format, status, sha256 },
  });
  return outbox_id;
}

function insist(refused: string | undefined): void {
  if (refused !== undefined) throw new DomainError('CONFLICT', refused);
}
