// Findings that a person has to look at, and the reminders of them: one at half of the time, one when it is over.
import { REMIND_BEFORE_MS } from '../../domain/findings/rules.js';
import { reviewWorkflowId, TASK_QUEUES } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../audit/repository.js';
import { insertOutbox } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';

/** The first finding of a run that needs a review starts the run's reminders, in the transaction that writes it. */
export async function oweReminders(trx: TenantDb, tenant: TenantRef, execution_id: string): Promise<void> {
  const { org_id, actor_id, request_id } = tenant;
  const workflow_id = reviewWorkflowId(org_id, execution_id);
  const owed: unknown = await trx('outbox').where({ workflow_id }).first('id');
  if (owed !== undefined) return;
  const reminders = { execution_id, remind_before_ms: REMIND_BEFORE_MS };
  await insertOutbox(
    trx,
    org_id,
    {
      kind: 'workflow_start',
      workflow_id,
      payload: {
        workflow_type: 'reviewWorkflow',
        task_queue: TASK_QUEUES.core,
        resource_id: execution_id,
        summary: 'Reminders of findings to review',
        input: reviewInput({ org_id, actor_id, request_id }, reminders),
      },
    },
    0, // nobody tries it inline
  );
}

interface Reminders {
  execution_id: string;
  remind_before_ms: number;
}

function reviewInput(tenant: TenantRef, reminders: Reminders) {
  return { tenant, ...reminders };
}

interface Reminded {
  id: string;
  owner_id: string | null;
  review_due_at: string;
  overdue: boolean;
}

/**
 * Notes what is due now, each with its audit entry. A finding that was judged anew belongs to another run and its
 * reminders.
 * @returns when the next one is due. While the run is open that is no later than the first reminder of anything that
 * it has not yet written; null: there will be none.
 */
export async function remindReviewers(
  trx: TenantDb,
  tenant: TenantRef,
  { execution_id, remind_before_ms }: Reminders,
): Promise<{ reminded: number; next_at: string | null }> {
  const { rows } = await trx.raw<{ rows: Reminded[] }>(
    `update finding set review_reminded_at = clock_timestamp()
     where execution_id = ? and needs_review and (
       (review_reminded_at is null and clock_timestamp() >= review_due_at - ? * interval '1 millisecond')
       or (review_reminded_at < review_due_at and clock_timestamp() >= review_due_at))
     returning id, owner_id, review_due_at, review_due_at <= clock_timestamp() as overdue`,
    [execution_id, remind_before_ms],
  );
  const next_at = await findNextReminder(trx, execution_id, remind_before_ms);
  await appendAudit(
    trx,
    // the clock's doing, not that of the person who started the run
    { org_id: tenant.org_id, request_id: tenant.request_id, actor_id: null },
    rows.map(({ id, owner_id, review_due_at, overdue }) => ({
      action: overdue ? 'finding.review_overdue' : 'finding.review_reminder',
      resource_type: 'finding',
      resource_id: id,
      after: { review_due_at, owner_id },
    })),
  );
  return { reminded: rows.length, next_at };
}

async function findNextReminder(
  trx: TenantDb,
  execution_id: string,
  remind_before_ms: number,
): Promise<string | null> {
  const { rows } = await trx.raw<{ rows: { next_at: string | null }[] }>(
    `select least(
       (select min(case when review_reminded_at is null
           then review_due_at - ? * interval '1 millisecond' else review_due_at end)
         from finding where execution_id = ? and needs_review
           and (review_reminded_at is null or review_reminded_at < review_due_at)),
       (select clock_timestamp() + ? * interval '1 millisecond'
         from assessment_execution where id = ? and status in ('starting', 'running', 'paused'))) as next_at`,
    [remind_before_ms, execution_id, remind_before_ms, execution_id],
  );
  return rows[0]?.next_at ?? null;
}
