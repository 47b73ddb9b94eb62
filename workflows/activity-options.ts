// Timeouts and retries by reason. Each number says why it is that number.
import type { ActivityOptions, LocalActivityOptions, RetryPolicy } from '@temporalio/common';
import { OUTAGE_BACKOFF, outageBackoffMs } from '../domain/assessments/rules.js';
import { TASK_QUEUES } from '../domain/temporal.js';

/**
 * A short transaction of our own database. Retried for as long as it takes: a row that cannot be written now
 * must be written later. A remote activity on the workflow's own queue (eager, so no extra hop): unlike a local
 * one it adds nothing to the history while Postgres is away, and the Web UI shows the retries.
 */
export const DATABASE: ActivityOptions = {
  // the role's statement timeout; longer would be the price of every killed worker
  startToCloseTimeout: '5s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
};

/** The same within the workflow's own task, for `localFirst`. */
export const DATABASE_HERE: LocalActivityOptions = {
  // less than a task may last, and no longer than a request waits
  startToCloseTimeout: '2s',
  // the next one is the queue's
  retry: { maximumAttempts: 1 },
};

/** Gather, judge and record: minutes of work behind one short heartbeat. */
export function llmOptions(outage_seconds: number, waves: number): ActivityOptions {
  return {
    taskQueue: TASK_QUEUES.llm,
    // ten minutes for one model call with its own retries, once per wave of the batch
    startToCloseTimeout: waves * 600_000,
    // what a killed worker costs; activities beat every second or two
    heartbeatTimeout: '10s',
    retry: outageRetry(outage_seconds),
  };
}

export function steampipeOptions(outage_seconds: number): ActivityOptions {
  return {
    taskQueue: TASK_QUEUES.steampipe,
    // a table over many accounts and regions is slow, not hung
    startToCloseTimeout: '10m',
    heartbeatTimeout: '15s',
    retry: outageRetry(outage_seconds),
  };
}

/**
 * As many attempts as fit their back-off into twice the outage that is waited out: it may begin when another control
 * has been tried for that long. The activity itself ends it by the clock; the number is the bound for workers that die
 * on the same work again and again. No schedule-to-close timeout, because the time a batch works is no outage.
 */
function outageRetry(outage_seconds: number): RetryPolicy {
  let waited_ms = 0;
  let attempts = 1;
  while (waited_ms < 2 * outage_seconds * 1_000) {
    waited_ms += outageBackoffMs(attempts);
    attempts += 1;
  }
  return {
    initialInterval: OUTAGE_BACKOFF.initial_ms,
    backoffCoefficient: OUTAGE_BACKOFF.factor,
    maximumInterval: OUTAGE_BACKOFF.maximum_ms,
    maximumAttempts: attempts,
  };
}

/**
 * A receiver that somebody else runs. After 2, 6, 18 … seconds, in the end every six hours, for three days: long enough
 * for a weekend, and after it the news is old.
 */
export const DELIVERY: ActivityOptions = {
  taskQueue: TASK_QUEUES.egress,
  startToCloseTimeout: '40s', // the call's own bound is 15 s, a mail server's steps take up to 25 s
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '3d',
  retry: { initialInterval: '2s', backoffCoefficient: 3, maximumInterval: '6h' },
};

/** Batches until nothing is left: long work behind a short heartbeat. What an operator has to allow is waited for. */
export const PURGE: ActivityOptions = {
  startToCloseTimeout: '1h',
  heartbeatTimeout: '15s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10m' },
};

/**
 * A call to the outside for a playbook. What bears a repetition gets a few; what does not gets one attempt, and a
 * person is asked when its end is unknown.
 */
export function egressOptions(idempotent: boolean): ActivityOptions {
  return {
    taskQueue: TASK_QUEUES.egress,
    // the call itself ends after 15 s
    startToCloseTimeout: '30s',
    heartbeatTimeout: '10s',
    retry: idempotent
      ? { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 6 }
      : { maximumAttempts: 1 },
  };
}

/** A query of a playbook: slow, not hung; an inventory that stays away is a failed step after some minutes. */
export function queryOptions(): ActivityOptions {
  return {
    taskQueue: TASK_QUEUES.steampipe,
    startToCloseTimeout: '10m',
    heartbeatTimeout: '15s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 5 },
  };
}

/** One short call to the object store, which is waited for however long it is away. */
export const OBJECT_CALL: ActivityOptions = {
  startToCloseTimeout: '40s', // the client's own three attempts of ten seconds
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
};

/** A whole file, read and looked into: minutes over a slow line, behind a short heartbeat. */
export const READING: ActivityOptions = {
  taskQueue: TASK_QUEUES.evidence,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
};

/**
 * Reading, rendering and storing of one report. A database or a store that is away is waited for, an hour at most: then
 * its reader wants to know. What cannot succeed ends at once.
 */
export const REPORT: ActivityOptions = {
  taskQueue: TASK_QUEUES.report,
  // beyond the five minutes that a rendering may take, so that the renderer says what was too much
  startToCloseTimeout: '6m',
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '1h',
  // nothing of it is left behind a row that says that it was cancelled
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' },
};

/** A row and at most one small object; the store may be away for a while. */
export const CORE_COMMAND: ActivityOptions = {
  startToCloseTimeout: '30s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 8 },
};
