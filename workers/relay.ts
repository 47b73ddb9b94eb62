// Delivers what the inline try could not: the API was killed, Temporal was down, no worker answered in time.
import type { Logger } from 'pino';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliver, type Courier } from '../db/outbox/deliver.js';
import { claimDue, oldestDueSeconds } from '../db/outbox/repository.js';
import type { Database } from '../db/connection.js';
import { withReconciler } from '../db/tenancy.js';

const POLL_MS = 500;
const CLAIM = 50;
const DEADLINE_MS = 5_000;
const ALERT_SECONDS = 60;

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
      for (const row of rows) {
        const { delivered } = await deliver(courier, row, DEADLINE_MS);
        log.info({ outbox_id: row.id, kind: row.kind, attempts: row.attempts, delivered }, 'relay');
      }
      const waiting = await withReconciler(reconcile_db, (trx) => oldestDueSeconds(trx));
      if (waiting > ALERT_SECONDS) log.warn({ waiting_s: Math.round(waiting) }, 'the outbox is behind');
    } catch (error) {
      log.warn({ err: error }, 'the relay could not read the outbox');
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
