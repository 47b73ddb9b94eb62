// What an assessment may do and how it is counted. Pure; runs in the workflow sandbox too.

export const ASSESSMENT_STATUSES = [
  'pending',
  'in_progress',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const;
export type AssessmentStatus = (typeof ASSESSMENT_STATUSES)[number];

export const EXECUTION_STATUSES = [
  'starting',
  'running',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const;
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

export const ENDED_STATUSES = ['completed', 'failed', 'cancelled'] as const;
type EndedStatus = (typeof ENDED_STATUSES)[number];

export function isEnded(status: ExecutionStatus): status is EndedStatus;
export function isEnded(status: AssessmentStatus): status is EndedStatus;
export function isEnded(status: string): boolean {
  return ENDED_STATUSES.some((ended) => ended === status);
}

export const EVALUATORS = ['llm', 'rules'] as const;
export type Evaluator = (typeof EVALUATORS)[number];

export const COMMANDS = ['pause', 'resume', 'cancel'] as const;
export type AssessmentCommand = (typeof COMMANDS)[number];

/** Concurrent executions of one organization; a paused one holds no slot. */
export const EXECUTION_SLOTS = 5;

/** Above this many controls a lane takes batches, so that history stays under one event per control. */
export const BATCH_THRESHOLD = 100;

/** Most controls in one activity: enough to make its cost small, few enough to lose little with a worker. */
const BATCH_LIMIT = 25;

/** A batch so long that nobody waits for its end to see that one control after the other fails. */
export function isLongBatch({ from, to }: { from: number; to: number }): boolean {
  return to - from > BATCH_LIMIT;
}

/** Activities of one run at once: enough to even out slow and fast controls, few enough to keep the history short. */
const MOST_LANES = 10;

/** Waves in one activity of a wide run: after each activity its lane waits for the slowest of as many as it is wide. */
const WAVES = 5;
/** A lane that has no more than these before it takes them all at once. */
const MOST_WAVES = 8;

/** Settings that a run keeps as they were when it began. */
export interface ExecutionLimits {
  /** A verdict below this confidence needs review. */
  review_threshold: number;
  /** Tokens that the run may spend before it pauses; null: no bound. */
  token_budget: number | null;
  /** Controls in flight at once. */
  concurrency: number;
  /** How long a model or an inventory may stay unreachable before the run pauses. */
  unreachable_ms: number;
}

/** Controls in flight within one activity. */
export function laneWidth(concurrency: number): number {
  return Math.ceil(concurrency / MOST_LANES);
}

export interface Batches {
  batch_size: number;
  /** Each lane has one batch, its share of the whole. */
  whole_shares: boolean;
}

/**
 * Controls handed to one activity: above the threshold a whole number of waves, so that no lane idles at the end. Wide
 * lanes even out slow and fast controls within themselves, so that few and long batches serve them best.
 */
export function planBatches(controls_total: number, concurrency: number): Batches {
  if (controls_total <= BATCH_THRESHOLD) return { batch_size: 1, whole_shares: false };
  const width = laneWidth(concurrency);
  if (WAVES * width <= BATCH_LIMIT) {
    const waves = Math.max(1, Math.floor(BATCH_LIMIT / concurrency));
    return { batch_size: Math.min(BATCH_LIMIT, waves * concurrency), whole_shares: false };
  }
  const share = Math.ceil(controls_total / Math.floor(concurrency / width));
  const whole_shares = share <= MOST_WAVES * width;
  return { batch_size: whole_shares ? share : WAVES * width, whole_shares };
}

/** The tighter of two bounds, of which either may be missing. */
export function tighterBudget(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/**
 * Between tries at a model or an inventory that does not answer: long enough not to hammer a sick server, short
 * enough to notice soon that it is back.
 */
export const OUTAGE_BACKOFF = { initial_ms: 1_000, factor: 2, maximum_ms: 30_000 } as const;

/** Wait after the given attempt, counted from 1. */
export function outageBackoffMs(attempt: number): number {
  const { initial_ms, factor, maximum_ms } = OUTAGE_BACKOFF;
  return Math.min(maximum_ms, initial_ms * factor ** (attempt - 1));
}

/** Failures in a row with the same reason after which the run pauses by itself. */
export const SAME_FAILURE_LIMIT = 5;

const ALLOWED: Record<AssessmentStatus, readonly (AssessmentCommand | 'execute' | 'delete')[]> = {
  pending: ['execute', 'delete'],
  in_progress: ['pause', 'cancel'],
  paused: ['resume', 'cancel'],
  completed: ['execute', 'delete'],
  failed: ['execute', 'delete'],
  cancelled: ['execute', 'delete'],
};

/** Undefined when allowed, else a sentence that names the present state and what is allowed in it. */
export function refusal(
  status: AssessmentStatus,
  action: AssessmentCommand | 'execute' | 'delete',
): string | undefined {
  const allowed = ALLOWED[status];
  if (allowed.includes(action)) return undefined;
  return `cannot ${action} an assessment that is ${status}; allowed now: ${allowed.join(', ')}`;
}

export interface StatusCounts {
  pass: number;
  fail: number;
  partial: number;
  not_applicable: number;
}

/** Percent with one decimal; null while nothing that counts is judged. */
export function score(counts: StatusCounts): number | null {
  const judged = counts.pass + counts.fail + counts.partial;
  if (judged === 0) return null;
  return Math.round(((counts.pass + 0.5 * counts.partial) / judged) * 1000) / 10;
}

/** Whole percent, floored, so that 100 means all of them. */
export function progressPercent(evaluated: number, total: number): number {
  return total === 0 ? 0 : Math.floor((evaluated / total) * 100);
}

/** Seconds left at the pace so far; null before the first result and at the end. */
export function etaSeconds(elapsed_ms: number, evaluated: number, total: number): number | null {
  if (evaluated === 0 || evaluated >= total) return null;
  return Math.ceil(((elapsed_ms / evaluated) * (total - evaluated)) / 1000);
}

export type CheckStatus = 'pass' | 'fail' | 'error' | 'skipped';

/**
 * Verdict of an automated check from its rows, counted by Powerpipe's words. An alarm fails it, an error (or a word
 * that Powerpipe does not have) spoils it, and only an `ok` row lets it pass: `info` and `skip` speak of resources
 * that were looked at without being judged, so alone they are no answer.
 */
export function checkStatus(counts: Readonly<Partial<Record<string, number>>>): CheckStatus {
  const { ok = 0, alarm = 0, info: _info, skip: _skip, ...spoiled } = counts;
  if (alarm > 0) return 'fail';
  if (Object.values(spoiled).some((count) => count !== undefined && count > 0)) return 'error';
  return ok > 0 ? 'pass' : 'skipped';
}
