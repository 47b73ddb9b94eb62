// One outbox row to Temporal. The API tries it once, inline; the relay goes on until it is delivered.
import {
  ActivityFailure,
  ApplicationFailure,
  type Client,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { type ErrorCode, isErrorCode } from '../../domain/errors.js';
import { releaseResume } from '../assessments/commands.js';
import { refuseCommand } from '../commands/repository.js';
import type { Database } from '../connection.js';
import { failpoint } from '../failpoint.js';
import { readTenant, type TenantReader, withTenant } from '../tenancy.js';
import { deleteSchedule, startOptions, upsertSchedule } from './schedules.js';
import {
  type CommandPayload,
  isStartOwed,
  markDelivered,
  markUndelivered,
  type OutboxRow,
  scheduleTurn,
  type SignalPayload,
  type StartPayload,
  type Turn,
} from './repository.js';

export interface Courier {
  db: Database;
  client: Client;
}

export interface Dispatch {
  /** Null where Temporal did not say, e.g. for a run that was there already. */
  run_id: string | null;
  /**
   * Why it is not delivered, in words for who runs the workers; null when it is. Ends when the row says so, and never
   * fails.
   */
  noted: Promise<string | null>;
}

/** Something older goes first: the start of the run that is spoken to, or a message about the same schedule. */
class OutOfTurnError extends Error {
  override name = 'OutOfTurnError';
}

/** To its end; the relay's way. Never throws. @returns why it is not delivered, null when it is */
export async function deliver(courier: Courier, row: OutboxRow, deadline_ms: number): Promise<string | null> {
  const { noted } = await dispatch(courier, row, deadline_ms);
  return await noted;
}

/**
 * As far as a caller must wait for it: what Temporal has taken stays taken, so that is noted meanwhile. A refusal is in
 * the rows before this returns. Never throws.
 */
export async function dispatch(courier: Courier, row: OutboxRow, deadline_ms: number): Promise<Dispatch> {
  const { db, client } = courier;
  const owed = async (error: unknown): Promise<string> => {
    const reason = reasonOf(error);
    const noted = withTenant(db, row, (trx) => markUndelivered(trx, row.org_id, row.id, reason));
    await noted.catch(() => undefined);
    return reason;
  };
  try {
    const turn =
      row.kind === 'workflow_start' ? 'now' : await readTenant(db, row, (rows) => turnOf(rows, row));
    if (turn === 'later') throw new OutOfTurnError();
    const { run_id, refused } =
      turn === 'never' ? DONE : await client.withDeadline(Date.now() + deadline_ms, () => send(client, row));
    const noted = note(db, row, refused).catch(owed);
    if (refused !== null) await noted;
    return { run_id, noted };
  } catch (error) {
    return { run_id: null, noted: Promise.resolve(await owed(error)) };
  }
}

async function note(db: Database, row: OutboxRow, refused: Refusal | null): Promise<null> {
  await withTenant(db, row, async (trx) => {
    if (refused !== null && row.kind === 'command') {
      const { command_id } = row.payload;
      // before the refusal, because it goes by the request that is still open
      await releaseResume(trx, command_id);
      await refuseCommand(trx, command_id, refused.detail, refused.code);
    }
    await markDelivered(trx, row.org_id, row.id);
  });
  return null;
}

/** What Temporal's server says speaks of its own namespaces and attributes; other messages may speak of people. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { name, cause } = error;
  return isGrpcServiceError(cause) ? `${name}: ${cause.details}` : name;
}

async function turnOf(trx: TenantReader, row: OutboxRow): Promise<Turn> {
  if (row.kind === 'schedule_upsert' || row.kind === 'schedule_delete') return await scheduleTurn(trx, row);
  // before its start it would be refused, as sent to a run that has ended
  return (await isStartOwed(trx, row.workflow_id)) ? 'later' : 'now';
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
    case 'schedule_upsert':
      await upsertSchedule(client, row.workflow_id, row.payload);
      return DONE;
    case 'schedule_delete':
      await deleteSchedule(client, row.workflow_id);
      return DONE;
  }
}

/** Once, however often it is sent: a run that is open is never started again, one that is over only if asked for. */
async function startRun(client: Client, workflowId: string, payload: StartPayload): Promise<Sent> {
  failpoint('before_start');
  try {
    const handle = await client.workflow.start(payload.workflow_type, {
      ...startOptions(payload),
      workflowId,
      workflowIdReusePolicy: payload.after_end === true ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      priority: { fairnessKey: payload.input.tenant.org_id },
    });
    failpoint('after_start');
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

/** By the workflow itself, or by the rows that it wrote to. */
function refusalOf(failure: Error | undefined): Refusal {
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  const type = cause instanceof ApplicationFailure ? cause.type : undefined;
  return {
    code: isErrorCode(type) ? type : 'CONFLICT',
    detail: cause?.message ?? 'the run has refused',
  };
}
