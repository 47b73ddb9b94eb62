// Automated checks: one table at a time, each check once, its rows kept by hash.
import { createHash } from 'node:crypto';
import { ApplicationFailure, Context } from '@temporalio/activity';
import canonicalize from 'canonicalize';
import {
  type CheckResult,
  findRunFacts,
  insertCheckResult,
  listDueChecks,
} from '../../db/assessments/controls.js';
import { findSteampipe } from '../../db/orgs/steampipe.js';
import { withTenant } from '../../db/tenancy.js';
import { checkStatus, isEnded } from '../../domain/assessments/rules.js';
import { OUTAGES } from '../../domain/temporal.js';
import type { AssessmentDeps, CheckRow } from './deps.js';
import { beating } from './heartbeat.js';
import type { AssessmentActivities, RunRef } from './types.js';

/** Rows kept beside the hash: the alarms first, they are what a person asks for. */
const KEPT_ROWS = 100;
const REASON_LENGTH = 500;

export function createRunChecks(deps: AssessmentDeps): AssessmentActivities['runChecks'] {
  return async (input) => {
    const { db, inventory, now = Date.now } = deps;
    const { mapping, due, facts } = await withTenant(db, input.tenant, async (trx) => ({
      mapping: await findSteampipe(trx),
      due: await listDueChecks(trx, input.execution_id, input.table),
      facts: await findRunFacts(trx, input.execution_id),
    }));
    const counts = { ran: 0, failed: 0 };
    if (inventory === undefined || mapping === undefined || facts === undefined || isEnded(facts.status))
      return counts;
    const signal = Context.current().cancellationSignal;
    await beating(
      () => ({}),
      async () => {
        for (const check of due) {
          signal.throwIfAborted();
          const began = now();
          const result = await judgeCheck(check, () => inventory.runCheck(mapping, check.sql, signal));
          await store(deps, input, { ...result, duration_ms: Math.round(now() - began) });
          counts.ran += 1;
          if (result.status === 'error') counts.failed += 1;
        }
      },
    );
    return counts;
  };
}

async function store(deps: AssessmentDeps, run: RunRef, result: CheckResult): Promise<void> {
  await withTenant(deps.db, run.tenant, (trx) =>
    insertCheckResult(trx, run.tenant.org_id, run.execution_id, result),
  );
}

async function judgeCheck(
  check: { name: string; sql: string },
  run: () => Promise<CheckRow[]>,
): Promise<CheckResult> {
  const empty = { ...check, counts: {}, rows: [], rows_sha256: null, duration_ms: null };
  try {
    return { ...empty, ...outcome(await run()), reason: null };
  } catch (error) {
    const outage = error instanceof ApplicationFailure && error.type === OUTAGES.steampipe;
    if (outage || Context.current().cancellationSignal.aborted) throw error;
    const reason = error instanceof Error ? error.message : 'the check failed';
    return { ...empty, status: 'error', reason: reason.slice(0, REASON_LENGTH) };
  }
}

function outcome(rows: readonly CheckRow[]): Pick<CheckResult, 'status' | 'counts' | 'rows' | 'rows_sha256'> {
  const counts: Record<string, number> = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  const rows_sha256 = createHash('sha256')
    .update(canonicalize(rows) ?? '')
    .digest('hex');
  const kept = [...rows].sort((a, b) => weight(a) - weight(b)).slice(0, KEPT_ROWS);
  return { status: checkStatus(counts), counts, rows: kept, rows_sha256 };
}

function weight(row: CheckRow): number {
  return ['alarm', 'error', 'info', 'ok', 'skip'].indexOf(row.status);
}
