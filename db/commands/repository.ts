// What a person asks of a running workflow. The row is kept until the workflow has said yes or no.
import type { Knex } from 'knex';
import { DomainError, type ErrorCode, notFound } from '../../domain/errors.js';
import type { TenantRef } from '../../domain/tenant.js';
import type { AuditActor } from '../audit/repository.js';
import { leaveToEnd } from '../dialect.js';
import { newId } from '../ids.js';
import { owing } from '../outbox/repository.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

/** The caller; an address where there is one. */
export type CommandActor = TenantRef & Pick<AuditActor, 'address'>;

export interface RequestedCommand {
  command_id: string;
  /** Null when the same command was waiting already: it is joined, never run twice. */
  outbox_id: string | null;
}

export interface CommandRequest {
  workflow_id: string;
  /** The update's name on the wire; `cancel` of an assessment is Temporal's own cancellation. */
  kind: string;
  /** Ids, enums and numbers: what the update's handler gets beside the command's id. */
  args?: Record<string, unknown>;
  /** Of an assessment: its commands go with it. */
  execution_id?: string;
  /** Words of the caller: they stay in the row, histories hold none. */
  note?: string | undefined;
  /** Seconds that the caller has for delivering it, before the relay does; 3 unless nobody waits for it. */
  head_start_s?: number | undefined;
}

export interface OpenCommand {
  id: string;
  kind: string;
}

export async function listOpenCommands(trx: TenantDb, workflow_id: string): Promise<OpenCommand[]> {
  return await openCommands(trx, workflow_id);
}

export function openCommands(trx: TenantDb, workflow_id: string): Knex.QueryBuilder {
  return trx('command').where({ workflow_id, status: 'requested' }).select('id', 'kind').orderBy('id');
}

/** Command and outbox row; whoever calls has checked the resource's row under its lock. */
export async function insertCommand(
  trx: TenantDb,
  actor: CommandActor,
  request: CommandRequest,
): Promise<{ command_id: string; outbox_id: string }> {
  const { org_id, actor_id, request_id } = actor;
  const { workflow_id, kind, args = {}, execution_id = null, note = null, head_start_s } = request;
  const command_id = newId();
  const command = { org_id, id: command_id, workflow_id, execution_id, kind, note, actor_id, request_id };
  const message = { kind: 'command', workflow_id, payload: { command_id, command: kind, args } } as const;
  // one id: whoever does the command knows by it what has been delivered
  await leaveToEnd(trx, [
    trx('command').insert(command),
    owing(trx, org_id, message, { id: command_id, head_start_s }),
  ]);
  return { command_id, outbox_id: command_id };
}

export interface Command {
  kind: string;
  status: 'requested' | 'accepted' | 'refused';
  code: ErrorCode | null;
  detail: string | null;
  result: Record<string, unknown> | null;
}

export async function getCommand(trx: TenantReader, command_id: string): Promise<Command> {
  const row: Command | undefined = await trx('command')
    .select('kind', 'status', 'code', 'detail', 'result')
    .where({ id: command_id })
    .first();
  if (!row) throw notFound('command');
  return row;
}

/** Words of whoever asked for it. */
export async function readNote(trx: TenantDb, command_id: string): Promise<string | null> {
  const row: { note: string | null } | undefined = await trx('command')
    .select('note')
    .where({ id: command_id })
    .first();
  return row?.note ?? null;
}

/** The refusal as the API answers it. */
export function refusedError(kind: string, { code, detail }: Pick<Command, 'code' | 'detail'>): DomainError {
  return new DomainError(code ?? 'CONFLICT', `cannot ${kind}: ${detail ?? 'the run has refused'}`);
}

/** Repeatable: a decided command stays as it was decided. */
export async function acceptCommand(
  trx: TenantDb,
  command_id: string | null,
  result: Record<string, unknown> | null = null,
): Promise<void> {
  if (command_id !== null) await leaveToEnd(trx, [accepting(trx, command_id, result)]);
}

/** What accepts it, for a writer who has more to write. */
export function accepting(
  trx: TenantDb,
  command_id: string,
  result: Record<string, unknown> | null,
): Knex.QueryBuilder {
  return deciding(trx, command_id, { status: 'accepted', result: result && JSON.stringify(result) });
}

/** Repeatable: a decided command stays as it was decided. */
export async function refuseCommand(
  trx: TenantDb,
  command_id: string | null,
  detail: string,
  code: ErrorCode = 'CONFLICT',
): Promise<void> {
  if (command_id !== null)
    await leaveToEnd(trx, [deciding(trx, command_id, { status: 'refused', detail, code })]);
}

function deciding(
  trx: TenantDb,
  command_id: string,
  decision: Record<string, string | null>,
): Knex.QueryBuilder {
  return trx('command')
    .where({ id: command_id, status: 'requested' })
    .update({ ...decision, decided_at: trx.raw('clock_timestamp()') });
}
