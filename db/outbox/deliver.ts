// One outbox row to Temporal. The API tries it once, inline; the relay goes on until it is delivered.
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { SEARCH_ATTRIBUTES, TASK_QUEUES, UPDATE_NAMES } from '../../domain/temporal.js';
import { refuseCommand } from '../assessments/commands.js';
import type { Database } from '../connection.js';
import { withTenant } from '../tenancy.js';
import {
  type CommandPayload,
  isStartOwed,
  markDelivered,
  markUndelivered,
  type OutboxRow,
  type RunPayload,
} from './repository.js';

export interface Courier {
  db: Database;
  client: Client;
}

/** Null where Temporal did not say, e.g. for a run that was there already. Never throws. */
export interface Delivery {
  delivered: boolean;
  run_id: string | null;
}

/** A command must not overtake the start of its own run: it would be refused as sent to a run that has ended. */
class StartOwedError extends Error {
  override name = 'StartOwedError';
}

export async function deliver(courier: Courier, row: OutboxRow, deadline_ms: number): Promise<Delivery> {
  const { db, client } = courier;
  try {
    if (row.kind === 'command' && (await withTenant(db, row, (trx) => isStartOwed(trx, row.workflow_id)))) {
      throw new StartOwedError();
    }
    const { run_id, refused } = await client.withDeadline(Date.now() + deadline_ms, () => send(client, row));
    await withTenant(db, row, async (trx) => {
      if (refused !== null && row.kind === 'command')
        await refuseCommand(trx, row.payload.command_id, refused);
      await markDelivered(trx, row.org_id, row.id);
    });
    return { delivered: true, run_id };
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    await withTenant(db, row, (trx) => markUndelivered(trx, row.org_id, row.id, reason)).catch(
      () => undefined,
    );
    return { delivered: false, run_id: null };
  }
}

interface Sent {
  run_id: string | null;
  refused: string | null;
}

async function send(client: Client, row: OutboxRow): Promise<Sent> {
  return row.kind === 'workflow_start'
    ? await startRun(client, row.workflow_id, row.payload)
    : await command(client, row.workflow_id, row.payload);
}

/** Once, however often it is sent: a run that is open or over is never started again. */
async function startRun(client: Client, workflowId: string, payload: RunPayload): Promise<Sent> {
  const { tenant, assessment_id } = payload;
  try {
    const handle = await client.workflow.start('assessmentWorkflow', {
      workflowId,
      taskQueue: TASK_QUEUES.core,
      args: [payload],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      priority: { fairnessKey: tenant.org_id },
      staticSummary: 'Assessment run',
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.orgId, value: tenant.org_id },
        { key: SEARCH_ATTRIBUTES.resourceId, value: assessment_id },
        { key: SEARCH_ATTRIBUTES.phase, value: 'starting' },
      ],
    });
    return { run_id: handle.firstExecutionRunId, refused: null };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return { run_id: null, refused: null };
    throw error;
  }
}

async function command(client: Client, workflowId: string, payload: CommandPayload): Promise<Sent> {
  const handle = client.workflow.getHandle(workflowId);
  const { command: kind, command_id } = payload;
  try {
    if (kind === 'cancel') await handle.cancel();
    else await handle.executeUpdate(UPDATE_NAMES[kind], { args: [{ command_id }], updateId: command_id });
    return { run_id: null, refused: null };
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      return { run_id: null, refused: error.cause?.message ?? 'the run has refused' };
    }
    if (error instanceof WorkflowNotFoundError) return { run_id: null, refused: 'the run has ended' };
    throw error;
  }
}
