// A command to a workflow as a request sees it: asked for in a transaction, answered by the row or by the deadline.
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryDefinition } from '@temporalio/common';
import { REQUEST_DEADLINE_MS } from '../domain/temporal.js';
import type { TenantContext, TenantRef } from '../domain/tenant.js';
import { type Command, getCommand, refusedError, type RequestedCommand } from '../db/commands/repository.js';
import type { Database } from '../db/connection.js';
import { readTenant, type TenantDb, withTenant } from '../db/tenancy.js';

/** The API's way to Temporal. Neither throws: a right answer never needs it. */
export interface TemporalGate {
  /** One try at an outbox row, given up after the deadline: the relay goes on with what is left. */
  deliver(tenant: TenantRef, outbox_id: string, deadline_ms: number): Promise<{ run_id: string | null }>;
  /** Undefined when no worker answers within the deadline. */
  ask<Answer>(
    workflow_id: string,
    query: QueryDefinition<Answer>,
    deadline_ms: number,
  ): Promise<Answer | undefined>;
}

export interface CommandDeps {
  db: Database;
  temporal: TemporalGate;
}

/** How often a command's row is looked at while its caller waits. */
const LOOK_MS = 50;

/**
 * @returns the accepted command, or undefined after the deadline: it is not lost then, the relay goes on with it.
 * @throws DomainError with the code of the workflow's refusal.
 */
export async function runCommand(
  { db, temporal }: CommandDeps,
  tenant: TenantContext,
  request: (trx: TenantDb) => Promise<RequestedCommand>,
): Promise<Command | undefined> {
  const deadline = Date.now() + REQUEST_DEADLINE_MS;
  const { command_id, outbox_id } = await withTenant(db, tenant, request);
  if (outbox_id !== null) await temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  for (;;) {
    const command = await readTenant(db, tenant, (rows) => getCommand(rows, command_id));
    if (command.status === 'refused') throw refusedError(command.kind, command);
    if (command.status === 'accepted') return command;
    if (Date.now() + LOOK_MS >= deadline) return undefined;
    await sleep(LOOK_MS);
  }
}
