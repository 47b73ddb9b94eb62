// What the assessment workflow asks of its activities. Ids and counters only: histories stay small and readable.
import type { TenantRef } from '../../domain/tenant.js';

export interface RunRef {
  tenant: TenantRef;
  assessment_id: string;
  execution_id: string;
}

export interface RunPlan {
  /** False when the row is not waiting for this run any more (cancelled meanwhile, or closed by an operator). */
  proceed: boolean;
  controls_total: number;
  /** Names of the automated checks to run, grouped by inventory table; empty without an inventory. */
  check_groups: { table: string }[];
  /** Controls in flight at once over the whole run. */
  concurrency: number;
  /** Controls handed to one activity; 1 up to `BATCH_THRESHOLD` controls. */
  batch_size: number;
  /** Batches are shares of the whole, one a lane; runs that older versions planned do without. */
  whole_shares?: boolean;
}

export interface BatchInput extends RunRef {
  /** Positions in the frozen control list, [from, to). What is done already is not done again. */
  from: number;
  to: number;
  /** Controls in flight at once within this batch. */
  concurrency: number;
}

export interface BatchResult {
  evaluated: number;
  /** Controls that failed for good, with the code of the reason. */
  failed: { ref: string; code: string }[];
  /**
   * Why the batch ended before its last control, if it did. `throttled`: others get their answers and these were sent
   * away for too long, so they go to the end of the queue. `same_failure`: of a long batch, so many failed in a row for
   * the reason in `same_code`.
   */
  stopped: null | 'paused' | 'cancelled' | 'budget' | 'throttled' | 'same_failure';
  same_code?: string;
}

export type PauseCause =
  'requested' | 'llm_unreachable' | 'steampipe_unreachable' | 'budget' | 'same_failure';

export interface AssessmentActivities {
  /** `starting` → `running`; freezes nothing, all inputs were frozen with the start. */
  markAssessmentRunning: (input: RunRef & { run_id: string }) => Promise<RunPlan>;
  /** Queue `grc-steampipe`: runs the checks on one table and stores their results; repeats nothing stored. */
  runChecks: (input: RunRef & { table: string }) => Promise<{ ran: number; failed: number }>;
  /** Queue `grc-llm`: gather, judge, record each control of the batch; heartbeats. */
  evaluateControls: (input: BatchInput) => Promise<BatchResult>;
  /** Row, slot, audit and command in one transaction, keyed by the command's id where there is one. */
  markAssessmentPaused(
    input: RunRef & { command_id: string | null; cause: PauseCause; detail: string },
  ): Promise<void>;
  /** Controls in `retry` that failed are to be judged again. */
  markAssessmentResumed: (
    input: RunRef & { command_id: string; retry?: { from: number; to: number }[] },
  ) => Promise<void>;
  markAssessmentCancelled: (input: RunRef) => Promise<void>;
  /** Decides completed or failed from the rows; answers which. */
  markAssessmentFinished: (input: RunRef) => Promise<{ status: 'completed' | 'failed' }>;
  /** The workflow itself cannot go on (a bug, a limit): the row must not stay open. */
  markAssessmentFailed: (input: RunRef & { reason: string }) => Promise<void>;
}
