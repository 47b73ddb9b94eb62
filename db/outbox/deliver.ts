// One outbox row to Temporal. The API tries it once, inline; the relay goes on until it is delivered.
import {
  ApplicationFailure,
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { type ErrorCode, isErrorCode } from '../../domain/errors.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { releaseResume } from '../assessments/commands.js';
import { refuseCommand } from '../commands/repository.js';
import type { Database } from '../connection.js';
import { withTenant } from '../tenancy.js';
import {
  type CommandPayload,
  isStartOwed,
  markDelivered,
  markUndelivered,
  type OutboxRow,
  type SignalPayload,
  type StartPayload,
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

/** A message must not overtake the start of its own run: it would be refused as sent to a run that has ended. */
class StartOwedError extends Error {
  override name = 'StartOwedError';
}

export async function deliver(courier: Courier, row: OutboxRow, deadline_ms: number): Promise<Delivery> {
  const { db, client } = courier;
  try {
    if (row.kind !== 'workflow_start') {
      const owed = await withTenant(db, row, (trx) => isStartOwed(trx, row.workflow_id));
      if (owed) throw new StartOwedError();
    }
    const { run_id, refused } = await client.withDeadline(Date.now() + deadline_ms, () => send(client, row));
    await withTenant(db, row, async (trx) => {
      if (refused !== null && row.kind === 'command') {
        const { command_id } = row.payload;
        // before the refusal, because it goes by the request that is still open
        await releaseResume(trx, command_id);
        await refuseCommand(trx, command_id, refused.detail, refused.code);
      }
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

interface Refusal {
  code: ErrorCode;
  detail: string;
}

interface Sent {
  run_id: string | null;
  refused: Refusal | null;
}

const DONE: Sent = { run_id: null, refused: null };
const ENDED: Refusal = { code: 'CONFLICT', detail: 'the run has ended' };

async function send(client: Client, row: OutboxRow): Promise<Sent> {
  switch (row.kind) {
    case 'workflow_start':
      return await startRun(client, row.workflow_id, row.payload);
    case 'command':
      return await command(client, row.workflow_id, row.payload);
    case 'signal':
      return await signal(client, row.workflow_id, row.payload);
  }
}

/** Once, however often it is sent: a run that is open or over is never started again. */
async function startRun(client: Client, workflowId: string, payload: StartPayload): Promise<Sent> {
  const { workflow_type, task_queue, resource_id, summary, input } = payload;
  try {
    const handle = await client.workflow.start(workflow_type, {
      workflowId,
      taskQueue: task_queue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      priority: { fairnessKey: input.tenant.org_id },
      staticSummary: summary,
      typedSearchAttributes: [
        { key: SEARCH_ATTRIBUTES.orgId, value: input.tenant.org_id },
        { key: SEARCH_ATTRIBUTES.resourceId, value: resource_id },
        { key: SEARCH_ATTRIBUTES.phase, value: 'starting' },
      ],
    });
    return { run_id: handle.firstExecutionRunId, refused: null };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return DONE;
    throw error;
  }
}

async function command(client: Client, workflowId: string, payload: CommandPayload): Promise<Sent> {
  const handle = client.workflow.getHandle(workflowId);
  const { command: name, command_id, args } = payload;
  try {
    if (name === 'cancel') await handle.cancel();
    else await handle.executeUpdate(name, { args: [{ ...args, command_id }], updateId: command_id });
    return DONE;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return { run_id: null, refused: refusalOf(error.cause) };
    if (error instanceof WorkflowNotFoundError) return { run_id: null, refused: ENDED };
    throw error;
  }
}

async function signal(client: Client, workflowId: string, payload: SignalPayload): Promise<Sent> {
  try {
    await client.workflow.getHandle(workflowId).signal(payload.signal, payload.args);
  } catch (error) {
    // whoever has ended needs no more facts
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  return DONE;
}

function refusalOf(cause: Error | undefined): Refusal {
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  return {
    code: isErrorCode(type) ? type : 'CONFLICT',
    detail: cause?.message ?? 'the run has refused',
  };
}
