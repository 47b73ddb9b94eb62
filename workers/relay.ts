// Delivers what the inline try could not: the API was killed, Temporal was down, no worker answered in time.
import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliver, type Courier } from '../db/outbox/deliver.js';
import { claimDue, oldestDueSeconds, type OutboxRow } from '../db/outbox/repository.js';
import type { Database } from '../db/connection.js';
import { withReconciler } from '../db/tenancy.js';

const POLL_MS = 500;
const CLAIM = 50;
const DEADLINE_MS = 5_000;
/** Rows of different workflows do not wait for each other: one that nobody answers costs its whole deadline. */
const LANES = 8;

/** Runs until the signal; several relays may run, each row is claimed by one. */
export async function relay(
  reconcile_db: Database,
  courier: Courier,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const rows = await withReconciler(reconcile_db, (trx) => claimDue(trx, CLAIM));
      await inLanes(byWorkflow(rows), async (owed) => {
        for (const row of owed) {
          const reason = await deliver(courier, row, DEADLINE_MS);
          const delivered = reason === null;
          log.info({ outbox_id: row.id, kind: row.kind, attempts: row.attempts, delivered, reason }, 'relay');
        }
      });
    } catch (error) {
      log.warn({ err: error }, 'the relay could not read the outbox');
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** How long the oldest row has been owed, in seconds; 0 when nothing is. */
export async function relayBacklogSeconds(reconcile_db: Database): Promise<number> {
  return await withReconciler(reconcile_db, (trx) => oldestDueSeconds(trx));
}

/** In their order each. */
function byWorkflow(rows: readonly OutboxRow[]): OutboxRow[][] {
  const groups = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    const group = groups.get(row.workflow_id);
    if (group) group.push(row);
    else groups.set(row.workflow_id, [row]);
  }
  return [...groups.values()];
}

async function inLanes<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const lane = async (): Promise<void> => {
    for (let item = items.shift(); item !== undefined; item = items.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
