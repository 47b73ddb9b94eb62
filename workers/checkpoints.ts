// Signs incident timelines that have grown, and puts each checkpoint where the database cannot reach it.
import type { Logger } from 'pino';
import type { AnchorStore } from '../db/audit/anchors.js';
import type { Database } from '../db/connection.js';
import type { SigningKeys } from '../db/crypto/signing-keys.js';
import { listUnsigned, listUnwitnessed, signTimeline, witnessTimeline } from '../db/incidents/checkpoints.js';
import { withReconciler, withTenant } from '../db/tenancy.js';

export interface CheckpointDeps {
  db: Database;
  reconcile_db: Database;
  anchors: AnchorStore;
  signing: SigningKeys;
}

/** Entries after which a chain is signed before its time. */
const ENTRIES = 50;
/** Chains in one sweep: the next is half a minute away, and other work waits for this one. */
const BATCH = 200;

/**
 * One sweep: after an incident's creation, each of its moves, its closing, fifty entries, or the period. A chain that
 * does not hold is not signed; that is said once per process.
 */
export function createCheckpoints(
  deps: CheckpointDeps,
  period_ms: number,
  log: Logger,
): (signal: AbortSignal) => Promise<void> {
  const broken = new Set<string>();

  async function sign(signal: AbortSignal): Promise<void> {
    const due = { age_ms: period_ms, entries: ENTRIES };
    const keys = await withReconciler(deps.reconcile_db, (trx) => listUnsigned(trx, due, BATCH, [...broken]));
    for (const key of keys) {
      if (signal.aborted) return;
      const outcome = await withTenant(deps.db, key, (trx) => signTimeline(trx, deps.signing, key));
      if ('signed' in outcome) continue;
      broken.add(key.incident_id);
      const { first_bad_seq, reason } = outcome.broken;
      log.error({ ...key, first_bad_seq, reason }, 'a timeline was changed and is not signed any more');
    }
  }

  async function witness(signal: AbortSignal): Promise<void> {
    const keys = await withReconciler(deps.reconcile_db, (trx) => listUnwitnessed(trx, BATCH));
    for (const key of keys) if (!signal.aborted) await witnessTimeline(deps.db, deps.anchors, key);
  }

  return async (signal) => {
    try {
      await sign(signal);
    } catch (error) {
      log.warn({ err: error }, 'timelines could not be signed');
    }
    try {
      await witness(signal);
    } catch (error) {
      log.warn({ err: error }, 'checkpoints of timelines could not be witnessed');
    }
  };
}
