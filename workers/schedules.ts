// Makes rows and schedules agree again: one that Temporal has lost is made anew, one that is paused in one place only
// follows its row, one without a row goes. Lists lag behind, so each is asked for by its id before anything is done.
import { ScheduleNotFoundError } from '@temporalio/client';
import { kriScheduleId } from '../domain/temporal.js';
import { endOrphan, listScheduled, repairSchedule, type ScheduleFate } from '../db/reconcile/schedules.js';
import { withReconciler, withTenant } from '../db/tenancy.js';
import type { ReconcilerDeps } from './reconciler.js';

export interface ScheduleRepair {
  schedule_id: string;
  found: ScheduleFate;
  repair: 'made_again' | 'removed';
}

export interface ScheduleSweep {
  repairs: ScheduleRepair[];
  failures: unknown[];
}

const LIST_DEADLINE_MS = 30_000;
const DEADLINE_MS = 5_000;
/** Of one sweep; the next one goes on. */
const MOST_REPAIRS = 100;

/** @throws when a list cannot be had. */
export async function reconcileSchedules(
  { client, db, reconcile_db }: ReconcilerDeps,
  age_s: number,
  signal = new AbortController().signal,
): Promise<ScheduleSweep> {
  const ask = <T>(work: () => Promise<T>, ms = DEADLINE_MS): Promise<T> =>
    client.withAbortSignal(signal, () => client.withDeadline(Date.now() + ms, work));
  const look = (id: string): Promise<ScheduleFate> =>
    ask(async () => {
      try {
        const { state } = await client.schedule.getHandle(id).describe();
        return state.paused ? 'paused' : 'running';
      } catch (error) {
        if (error instanceof ScheduleNotFoundError) return 'missing';
        throw error;
      }
    });

  // first the schedules: a row is there before its schedule
  const listed = await ask(async () => {
    const found = new Map<string, ScheduleFate>();
    for await (const { scheduleId, state } of client.schedule.list({ pageSize: 1_000 }))
      found.set(scheduleId, state.paused ? 'paused' : 'running');
    return found;
  }, LIST_DEADLINE_MS);
  const rows = await withReconciler(reconcile_db, (trx) => listScheduled(trx, age_s));

  const tasks: (() => Promise<ScheduleRepair | undefined>)[] = [];
  for (const row of rows) {
    const schedule_id = kriScheduleId(row.org_id, row.id);
    const seen = listed.get(schedule_id);
    listed.delete(schedule_id);
    if (!row.due || seen === (row.paused ? 'paused' : 'running')) continue;
    tasks.push(async () => {
      const found = await look(schedule_id);
      const repaired = await withTenant(db, row, (trx) => repairSchedule(trx, row, found));
      return repaired ? { schedule_id, found, repair: 'made_again' } : undefined;
    });
  }
  for (const schedule_id of listed.keys()) {
    const [, org_id, id] = /^schedule:kri:([0-9a-f-]{36}):([0-9a-f-]{36})$/.exec(schedule_id) ?? [];
    if (org_id === undefined || id === undefined) continue;
    tasks.push(async () => {
      const found = await look(schedule_id);
      if (found === 'missing') return undefined;
      const ended = await withTenant(db, { org_id }, (trx) => endOrphan(trx, org_id, id));
      return ended ? { schedule_id, found, repair: 'removed' } : undefined;
    });
  }
  const sweep: ScheduleSweep = { repairs: [], failures: [] };
  for (const task of tasks.slice(0, MOST_REPAIRS)) {
    if (signal.aborted) break;
    try {
      const repair = await task();
      if (repair) sweep.repairs.push(repair);
    } catch (error) {
      sweep.failures.push(error);
    }
  }
  return sweep;
}
