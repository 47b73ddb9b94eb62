// What Temporal is owed: written with the change it belongs to, delivered after it.
import type { Knex } from 'knex';
import type { TaskQueue, WorkflowType } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { leaveToEnd } from '../dialect.js';
import { failpoint } from '../failpoint.js';
import { newId } from '../ids.js';
import type { ReconcileDb, TenantDb, TenantReader } from '../tenancy.js';

export interface StartPayload {
  workflow_type: WorkflowType;
  task_queue: TaskQueue;
  /** Of the record that the workflow serves; operators search by it. */
  resource_id: string;
  /** Words for the Web UI; stored in clear, so never a name or a title. */
  summary: string;
  /** The workflow's one argument: ids and settings. */
  input: { tenant: TenantRef };
  /** Starts it also when an earlier run of that id has ended; the reconciler's, for workflows that must not end. */
  after_end?: boolean;
}

export interface CommandPayload {
  /** The command row's id, which is the update's id too. */
  command_id: string;
  command: string;
  args: Record<string, unknown>;
}

/** A fact, told at least once: the handler must bear a repetition. */
export interface SignalPayload {
  signal: string;
  args: Record<string, unknown>;
}

/** A schedule that starts a workflow over and over, one at a time; `workflow_id` of the message is the schedule's id. */
export interface SchedulePayload extends Omit<StartPayload, 'after_end'> {
  spec: { cron: string; timezone?: string } | { every_ms: number };
  paused: boolean;
  /** What was missed while Temporal was down is made up for if it is not older; a day unless given. */
  catch_up_ms?: number;
}

export type OutboxMessage =
  | { kind: 'workflow_start'; workflow_id: string; payload: StartPayload }
  | { kind: 'command'; workflow_id: string; payload: CommandPayload }
  | { kind: 'signal'; workflow_id: string; payload: SignalPayload }
  | { kind: 'schedule_upsert'; workflow_id: string; payload: SchedulePayload }
  | { kind: 'schedule_delete'; workflow_id: string; payload: Record<string, never> };

export type OutboxRow = OutboxMessage & {
  org_id: string;
  id: string;
  attempts: number;
  created_at: string;
};

const COLUMNS = ['org_id', 'id', 'kind', 'workflow_id', 'payload', 'attempts', 'created_at'] as const;
// A delivery that failed is tried again after 1, 2, 4 … seconds, at most 30.
const BACKOFF = `clock_timestamp() + least(30, power(2, least(attempts, 5))) * interval '1 second'`;

/** @param head_start_s seconds for which the relay leaves the row to the inline try. */
export async function insertOutbox(
  trx: TenantDb,
  org_id: string,
  message: OutboxMessage,
  head_start_s = 3,
): Promise<string> {
  const id = newId();
  await leaveToEnd(trx, [owing(trx, org_id, message, { id, head_start_s })]);
  if (message.kind === 'workflow_start') failpoint('before_commit');
  return id;
}

/** What inserts it, for a writer who has more to write. */
export function owing(
  trx: TenantDb,
  org_id: string,
  { kind, workflow_id, payload }: OutboxMessage,
  { id, head_start_s = 3 }: { id: string; head_start_s?: number | undefined },
): Knex.QueryBuilder {
  return trx('outbox').insert({
    org_id,
    id,
    kind,
    workflow_id,
    payload: JSON.stringify(payload),
    next_at: trx.raw(`clock_timestamp() + ? * interval '1 second'`, [head_start_s]),
  });
}

/** Undefined once delivered. */
export async function findUndelivered(trx: TenantReader, id: string): Promise<OutboxRow | undefined> {
  return await trx('outbox')
    .select(...COLUMNS)
    .where({ id })
    .whereNull('delivered_at')
    .first();
}

/**
 * Due rows of all organizations, oldest first. Taking one puts off its next try, so that a relay that dies with it
 * delays it and loses nothing; two relays never take the same.
 */
export async function claimDue(trx: ReconcileDb, limit: number): Promise<OutboxRow[]> {
  const { rows } = await trx.raw<{ rows: OutboxRow[] }>(
    `with due as (
       select org_id, id from outbox where delivered_at is null and next_at <= clock_timestamp()
       order by next_at, id limit ? for update skip locked)
     update outbox o set attempts = o.attempts + 1, next_at = ${BACKOFF}
     from due where o.org_id = due.org_id and o.id = due.id
     returning ${COLUMNS.map((column) => `o.${column}`).join(', ')}`,
    [limit],
  );
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** True while the workflow's own start is still owed: until then nothing can be said to it. */
export async function isStartOwed(trx: TenantReader, workflow_id: string): Promise<boolean> {
  const row: unknown = await trx('outbox')
    .select('id')
    .where({ workflow_id, kind: 'workflow_start' })
    .whereNull('delivered_at')
    .first();
  return row !== undefined;
}

export type Turn = 'now' | 'later' | 'never';

/**
 * When a message about a schedule may be sent: `later` while an older one is under way, which could land after it;
 * `never` once there is a newer one.
 */
export async function scheduleTurn(
  trx: TenantReader,
  { workflow_id, id }: Pick<OutboxRow, 'workflow_id' | 'id'>,
): Promise<Turn> {
  const { rows } = await trx.raw<{ rows: { newer: boolean; owed: boolean }[] }>(
    `select coalesce(bool_or((o.created_at, o.id) > (me.created_at, me.id)), false) as newer,
       coalesce(bool_or((o.created_at, o.id) < (me.created_at, me.id) and o.delivered_at is null), false) as owed
     from outbox me join outbox o on o.org_id = me.org_id and o.workflow_id = me.workflow_id and o.id <> me.id
       and o.kind in ('schedule_upsert', 'schedule_delete')
     where me.workflow_id = ? and me.id = ?`,
    [workflow_id, id],
  );
  if (rows[0]?.newer === true) return 'never';
  return rows[0]?.owed === true ? 'later' : 'now';
}

/** Repeatable. */
export async function markDelivered(trx: TenantDb | ReconcileDb, org_id: string, id: string): Promise<void> {
  await leaveToEnd(trx, [delivered(trx, outbox(trx, org_id, id))]);
}

/** What marks a command as delivered where it has been done: its outbox row has the command's id. */
export function delivering(trx: TenantDb, command_id: string): Knex.QueryBuilder {
  return delivered(trx, trx('outbox').where({ id: command_id, kind: 'command' }));
}

function delivered(trx: TenantDb | ReconcileDb, row: Knex.QueryBuilder): Knex.QueryBuilder {
  return row
    .whereNull('delivered_at')
    .update({ delivered_at: trx.raw('clock_timestamp()'), last_error: null });
}

/** @param reason a code or an error's class, never a message: those may hold what nobody should read. */
export async function markUndelivered(
  trx: TenantDb | ReconcileDb,
  org_id: string,
  id: string,
  reason: string,
): Promise<void> {
  const undelivered = outbox(trx, org_id, id)
    .whereNull('delivered_at')
    .update({ last_error: reason.slice(0, 200), next_at: trx.raw(BACKOFF) });
  await leaveToEnd(trx, [undelivered]);
}

/** How long the oldest due row has waited, in seconds; 0 when nothing waits. */
export async function oldestDueSeconds(trx: ReconcileDb): Promise<number> {
  const { rows } = await trx.raw<{ rows: { seconds: number | null }[] }>(
    `select extract(epoch from clock_timestamp() - min(created_at))::float8 as seconds
     from outbox where delivered_at is null`,
  );
  return rows[0]?.seconds ?? 0;
}

function outbox(trx: Knex.Transaction, org_id: string, id: string): Knex.QueryBuilder {
  return trx('outbox').where({ org_id, id });
}
