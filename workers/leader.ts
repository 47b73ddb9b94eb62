// What one worker at a time does on a clock: compare rows with workflows, witness the audit log, sign timelines.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type AnchorStore, listHeads, periodOf, writeAnchors } from '../db/audit/anchors.js';
import { forgetExpired } from '../db/idempotency/repository.js';
import type { Leadership } from '../db/reconcile/leadership.js';
import { withReconciler } from '../db/tenancy.js';
import { relayBacklogSeconds } from './relay.js';
import { reconcileSchedules } from './schedules.js';
import { reconcile, type ReconcilerAges, type ReconcilerDeps, type Sweep } from './reconciler.js';

export interface LeaderDeps extends ReconcilerDeps {
  leadership: Leadership;
  anchors: AnchorStore;
  /** Signs what has grown; absent where nothing is signed. */
  checkpoint?: ((signal: AbortSignal) => Promise<void>) | undefined;
}

export interface LeaderSettings {
  every_ms: number;
  ages: ReconcilerAges;
  /** One tree of anchors each. */
  anchor_period_ms: number;
}

/** Something has been owed to Temporal for longer than any back-off. */
const BACKLOG_ALERT_S = 60;

/** Runs until the signal. */
export async function lead(
  deps: LeaderDeps,
  settings: LeaderSettings,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const anchor = createAnchoring(deps, settings.anchor_period_ms, log);
  while (!signal.aborted) {
    try {
      if (await deps.leadership.hold()) {
        // none waits for the outage of another
        await Promise.all([
          sweepOnce(deps, settings.ages, log, signal),
          sweepSchedules(deps, settings.ages, log, signal),
          warnOfBacklog(deps, log),
          withReconciler(deps.reconcile_db, forgetExpired),
          anchor(),
          deps.checkpoint?.(signal),
        ]);
      }
    } catch (error) {
      log.warn({ err: error }, 'the database cannot be asked who leads, or what is owed');
    }
    await sleep(settings.every_ms, undefined, { signal }).catch(() => undefined);
  }
  await deps.leadership.release();
}

async function sweepOnce(
  deps: LeaderDeps,
  ages: ReconcilerAges,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    tell(await reconcile(deps, ages, signal), log);
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'rows and workflows could not be compared');
  }
}

async function sweepSchedules(
  deps: LeaderDeps,
  ages: ReconcilerAges,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { repairs, failures } = await reconcileSchedules(deps, ages.row_s, signal);
    for (const repair of repairs) log.warn(repair, 'row and schedule disagreed');
    if (failures.length > 0)
      log.warn({ failures: failures.length, err: failures[0] }, 'not all schedules could be judged');
  } catch (error) {
    if (!signal.aborted) log.warn({ err: error }, 'rows and schedules could not be compared');
  }
}

async function warnOfBacklog({ reconcile_db }: LeaderDeps, log: Logger): Promise<void> {
  const waiting_s = await relayBacklogSeconds(reconcile_db);
  if (waiting_s > BACKLOG_ALERT_S) log.error({ waiting_s: Math.round(waiting_s) }, 'the outbox is behind');
}

function tell({ repairs, failures, ...counts }: Sweep, log: Logger): void {
  for (const repair of repairs) {
    if (repair.repair === 'lost') log.error(repair, 'a workflow is lost and its start is not known');
    else log.warn(repair, 'row and workflow disagreed');
  }
  if (failures.length > 0)
    log.warn({ ...counts, failures: failures.length, err: failures[0] }, 'not all could be judged');
}

/** Once a period; what failed is tried again at the next call. */
function createAnchoring(deps: LeaderDeps, period_ms: number, log: Logger): () => Promise<void> {
  const known = new Map<string, number>();
  let done: string | undefined;
  return async () => {
    const at = periodOf(Date.now(), period_ms);
    if (done === at) return;
    try {
      const heads = await withReconciler(deps.reconcile_db, (trx) => listHeads(trx));
      const { root } = await writeAnchors(deps.anchors, at, heads, known);
      done = at;
      log.info({ at, root, organizations: heads.length }, 'the audit log is anchored');
    } catch (error) {
      log.warn({ err: error }, 'the audit log could not be anchored');
    }
  };
}
