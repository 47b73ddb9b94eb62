// Makes rows and workflows agree again. Candidates come from two lists, Temporal's of what is open and ours of what is
// live; what is done about one is decided by asking Temporal for it by its id, because its list lags behind.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Database } from '../db/connection.js';
import { WORKFLOW_KINDS } from '../db/reconcile/kinds.js';
import { noteOrphan, type OpenWorkflow } from '../db/reconcile/orphans.js';
import {
  type Fate,
  type LiveRow,
  type RowRepair,
  type WorkflowKind,
  workflowIdOf,
} from '../db/reconcile/types.js';
import { withReconciler, withTenant } from '../db/tenancy.js';

export interface ReconcilerDeps {
  /** As grc_reconcile. */
  reconcile_db: Database;
  /** As the application: repairs are made inside one organization. */
  db: Database;
  client: Client;
}

export interface ReconcilerAges {
  /** Seconds that a row is left to its start. */
  row_s: number;
  /** Seconds that an open workflow is left to its row, and one whose row has ended to its own end. */
  workflow_s: number;
}

export interface Repair {
  workflow_id: string;
  found: Fate | 'open';
  repair: RowRepair | 'workflow_cancelled';
}

export interface Sweep {
  open: number;
  live: number;
  /** Candidates that Temporal was asked for one by one: none when all agree. */
  asked: number;
  repairs: Repair[];
  /** Candidates that could not be judged; the next sweep tries again. */
  failures: unknown[];
}

const LIST_DEADLINE_MS = 30_000;
const DEADLINE_MS = 5_000;
// At most a hundred questions a second, however many candidates there are.
const LANES = 20;
const PACE_MS = 200;
const ENDED: Readonly<Record<string, Fate>> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TERMINATED: 'terminated',
  TIMED_OUT: 'timed_out',
};

/** One comparison of everything. @throws when a list cannot be had. */
export async function reconcile(
  deps: ReconcilerDeps,
  ages: ReconcilerAges,
  signal = new AbortController().signal,
): Promise<Sweep> {
  // first what is open: a row is there before its workflow, so whoever is open now has its row by the next statement
  const { client } = deps;
  const open = await client.withAbortSignal(signal, () =>
    client.withDeadline(Date.now() + LIST_DEADLINE_MS, () => listOpen(client, ages.workflow_s)),
  );
  const sweep: Sweep = { open: open.size, live: 0, asked: 0, repairs: [], failures: [] };
  const candidates: (() => Promise<Repair | undefined>)[] = [];
  for (const kind of WORKFLOW_KINDS) {
    const live = await withReconciler(deps.reconcile_db, (trx) => kind.listLive(trx, ages.row_s));
    sweep.live += live.length;
    for (const row of live) {
      const workflow_id = workflowIdOf(kind, row);
      if (!open.has(workflow_id)) {
        if (row.due) candidates.push(() => judgeRow(deps, kind, row, workflow_id));
      } else if (!row.over) open.delete(workflow_id);
    }
  }
  for (const [workflow_id, { judged, workflow }] of open) {
    if (judged) candidates.push(() => judgeWorkflow(deps, workflow, workflow_id, ages.workflow_s));
  }
  await askAll(candidates, sweep, signal);
  return sweep;
}

interface Listed {
  workflow: OpenWorkflow;
  /** Open for long enough that its row must be there. */
  judged: boolean;
}

async function listOpen(client: Client, age_s: number): Promise<Map<string, Listed>> {
  const types = WORKFLOW_KINDS.map(({ workflow_type }) => `'${workflow_type}'`).join(', ');
  const oldest = Date.now() - age_s * 1_000;
  const open = new Map<string, Listed>();
  const found = client.workflow.list({
    query: `ExecutionStatus = 'Running' and WorkflowType in (${types})`,
    pageSize: 1_000,
  });
  for await (const { workflowId, startTime } of found) {
    const workflow = parseId(workflowId);
    if (workflow) open.set(workflowId, { workflow, judged: startTime.getTime() <= oldest });
  }
  return open;
}

function parseId(workflow_id: string): OpenWorkflow | undefined {
  const [, prefix, org_id, id] = /^([a-z]+):([0-9a-f-]{36}):([0-9a-f-]{36})$/.exec(workflow_id) ?? [];
  const kind = WORKFLOW_KINDS.find((each) => each.kind === prefix);
  return kind && org_id !== undefined && id !== undefined ? { kind, org_id, id } : undefined;
}

async function judgeRow(
  { client, db }: ReconcilerDeps,
  kind: WorkflowKind,
  row: LiveRow,
  workflow_id: string,
): Promise<Repair | undefined> {
  const found = await lookAt(client, workflow_id);
  if (typeof found !== 'string') return undefined;
  const repair = await withTenant(db, row, (trx) => kind.repair(trx, row, found));
  return repair && { workflow_id, found, repair };
}

async function judgeWorkflow(
  { client, db }: ReconcilerDeps,
  workflow: OpenWorkflow,
  workflow_id: string,
  age_s: number,
): Promise<Repair | undefined> {
  const found = await lookAt(client, workflow_id);
  if (typeof found === 'string' || found.cancel_requested) return undefined;
  if (!(await withTenant(db, workflow, (trx) => noteOrphan(trx, workflow, age_s)))) return undefined;
  await client.withDeadline(Date.now() + DEADLINE_MS, () => client.workflow.getHandle(workflow_id).cancel());
  return { workflow_id, found: 'open', repair: 'workflow_cancelled' };
}

interface Open {
  cancel_requested: boolean;
}

/** The latest run of that id, as the server knows it, not as its list says. */
async function lookAt(client: Client, workflow_id: string): Promise<Fate | Open> {
  try {
    const { status, raw } = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.getHandle(workflow_id).describe(),
    );
    // a state that we do not know is no reason to end anything
    return ENDED[status.name] ?? { cancel_requested: raw.workflowExtendedInfo?.cancelRequested === true };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'unknown';
    throw error;
  }
}

async function askAll(
  candidates: readonly (() => Promise<Repair | undefined>)[],
  sweep: Sweep,
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < candidates.length; at += LANES) {
    if (signal.aborted) return;
    if (at > 0) await sleep(PACE_MS);
    const batch = await Promise.allSettled(candidates.slice(at, at + LANES).map((judge) => judge()));
    sweep.asked += batch.length;
    for (const result of batch) {
      if (result.status === 'rejected') sweep.failures.push(result.reason);
      else if (result.value) sweep.repairs.push(result.value);
    }
    // nobody answers: the rest would only wait for the same deadline
    if (batch.every(({ status }) => status === 'rejected')) return;
  }
}
