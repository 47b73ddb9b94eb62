// Gather, judge, record each control of a batch.
import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { readBatch, type RunControl, type RunFacts } from '../../db/assessments/controls.js';
import type { StepResult, VerdictRecord } from '../../db/findings/record.js';
import { readTenant } from '../../db/tenancy.js';
import { isEnded, isLongBatch, SAME_FAILURE_LIMIT } from '../../domain/assessments/rules.js';
import { needsReview, REVIEW_DAYS } from '../../domain/findings/rules.js';
import { OUTAGES } from '../../domain/temporal.js';
import type { Evaluator, Judgement } from '../judge/types.js';
import { LLM_FAILURES } from '../llm/failures.js';
import { type AssessmentDeps, chooseEvaluator } from './deps.js';
import { type Gathered, loadMaterial, type Material } from './gather.js';
import type { Recorder } from './group-commit.js';
import { beating } from './heartbeat.js';
import { judgeSilence, type Silence, tryAgainLater } from './silence.js';
import type { AssessmentActivities, BatchInput, BatchResult } from './types.js';

const REASON_LENGTH = 500;

/** Carried from attempt to attempt by the heartbeat. */
interface BatchState {
  /** When the present row of outages began, milliseconds; null after any answer. */
  failing_since: number | null;
}

interface Batch {
  input: BatchInput;
  facts: RunFacts;
  evaluator: Evaluator;
  material: Material;
  signal: AbortSignal;
  attempt: number;
  state: BatchState;
  result: BatchResult;
  /** Failures since the last verdict, for one reason. */
  row: { code: string; count: number };
  outage: unknown;
}

export function createEvaluateControls(
  deps: AssessmentDeps,
  recorder: Recorder,
): AssessmentActivities['evaluateControls'] {
  const now = deps.now ?? Date.now;
  // Of this process: one control that never gets an answer while others do is its own failure, not an outage.
  const model = { answered_at: 0, well: false };

  /** One control after the other: what is known of one is written in the step that takes the next. */
  async function work(batch: Batch, queue: RunControl[]): Promise<void> {
    const { input, result } = batch;
    let verdicts: VerdictRecord[] = [];
    for (;;) {
      const control = queue.shift();
      if (control === undefined && verdicts.length === 0) return;
      const step = await recorder.step(input, { verdicts, takes: control ? [control.id] : [] });
      result.evaluated += verdicts.length;
      verdicts = [];
      if (control === undefined) return;
      if (step.taken.has(control.id)) {
        const next = await evaluateOne(batch, control);
        if (next === 'stop') return;
        if (next !== 'go_on') verdicts = [next];
      } else {
        const reason = stopReason(step);
        result.stopped = reason ?? result.stopped;
        if (reason !== null) return;
      }
    }
  }

  /** @returns what is to be written of it, if that has not been done already */
  async function evaluateOne(batch: Batch, control: RunControl): Promise<VerdictRecord | 'go_on' | 'stop'> {
    const asked_a_well_one = model.well;
    try {
      const gathered = batch.material.gather(control);
      const judgement = await batch.evaluator.judge(gathered.input, {
        signal: batch.signal,
        effect_key: `${batch.input.execution_id}/${control.id}`,
      });
      // a verdict that needed no answer says nothing about the model
      if (judgement.raw_answer !== null) {
        batch.state.failing_since = null;
        model.answered_at = now();
        model.well = true;
      }
      batch.row = { code: '', count: 0 };
      return toRecord(control, gathered, judgement, batch.facts);
    } catch (error) {
      return await handleFailure(batch, control, error, asked_a_well_one);
    }
  }

  async function handleFailure(
    batch: Batch,
    control: RunControl,
    error: unknown,
    asked_a_well_one: boolean,
  ): Promise<'go_on' | 'stop'> {
    const { input, state, result } = batch;
    // the reason says cancelled or shutting down; what the judge makes of an abort says nothing
    if (batch.signal.aborted) throw batch.signal.reason;
    const failure = error instanceof ApplicationFailure ? error : undefined;
    if (failure && !failure.nonRetryable) {
      model.well = false;
      const silence: Silence = {
        since: (state.failing_since ??= now()),
        answered_at: model.answered_at,
        asked_a_well_one,
        now: now(),
        unreachable_ms: batch.facts.unreachable_ms,
      };
      const found = judgeSilence(silence);
      const throttled = found === 'alone' && failure.type === LLM_FAILURES.rateLimited;
      if (found !== 'alone' || throttled) {
        await recorder.step(input, { releases: [control.id] });
        if (throttled) result.stopped ??= 'throttled';
        else if (found === 'wait') batch.outage = tryAgainLater(failure, batch.attempt, silence);
        else batch.outage = ApplicationFailure.nonRetryable(failure.message, OUTAGES.llm);
        return found === 'outage' ? 'stop' : 'go_on';
      }
      state.failing_since = null;
    } else if (!failure) {
      // of our own making, e.g. the database: the attempt is repeated as a whole
      throw error;
    }
    const code = failure.type ?? 'INTERNAL_ERROR';
    const reason = failure.message.slice(0, REASON_LENGTH);
    const { tokens_in, tokens_out } = tokensOf(failure);
    const step = await recorder.step(input, {
      failures: [{ control_id: control.id, reason, tokens_in, tokens_out }],
    });
    if (isEnded(step.status)) return 'stop';
    result.failed.push({ ref: control.ref, code });
    batch.row = { code, count: batch.row.code === code ? batch.row.count + 1 : 1 };
    if (batch.row.count < SAME_FAILURE_LIMIT || !isLongBatch(input)) return 'go_on';
    // what was throttled is gone on with after this, too
    if (result.stopped === null || result.stopped === 'throttled') {
      result.stopped = 'same_failure';
      result.same_code = code;
    }
    return 'stop';
  }

  return async (input) => {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const state = readState(context.info.heartbeatDetails);
    const result: BatchResult = { evaluated: 0, failed: [], stopped: null };
    return await beating(
      () => state,
      async () => {
        const { facts, controls } = await readTenant(deps.db, input.tenant, (rows) => readBatch(rows, input));
        if (facts === undefined || isEnded(facts.status)) return { ...result, stopped: 'cancelled' };
        if (controls.length === 0) return result;
        const evaluator = chooseEvaluator(deps, facts.evaluator);
        if (evaluator === undefined) {
          throw ApplicationFailure.nonRetryable('no model is configured for the workers', OUTAGES.llm);
        }
        const material = await loadMaterial(deps, input, controls, signal);
        const batch: Batch = {
          input,
          facts,
          evaluator,
          material,
          signal,
          attempt: context.info.attempt,
          state,
          result,
          row: { code: '', count: 0 },
          outage: undefined,
        };
        await inLanes(input.concurrency, controls, (queue) => work(batch, queue));
        if (batch.outage !== undefined && result.stopped === null) throw batch.outage;
        return result;
      },
    );
  };
}

/** Up to `width` lanes over one queue; the first that ends before it is empty, or throws, lets the others finish. */
async function inLanes<T>(
  width: number,
  items: readonly T[],
  work: (queue: T[]) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    try {
      await work(queue);
    } finally {
      queue.length = 0;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  const failed = lanes.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason instanceof Error ? failed.reason : new CancelledFailure('stopped');
}

function stopReason(step: StepResult): BatchResult['stopped'] {
  if (isEnded(step.status)) return 'cancelled';
  if (step.status !== 'running') return 'paused';
  return step.budget_spent ? 'budget' : null;
}

function toRecord(
  control: RunControl,
  gathered: Gathered,
  judgement: Judgement,
  facts: RunFacts,
): VerdictRecord {
  const { verdict } = judgement;
  return {
    control_id: control.id,
    verdict,
    checks: gathered.checks,
    needs_review: judgement.needs_review || needsReview(verdict, facts.review_threshold),
    review_days: REVIEW_DAYS,
    evaluator: judgement.evaluated_by,
    model: judgement.model,
    prompt_version: judgement.prompt_version,
    prompt_sha256: judgement.prompt_sha256,
    raw_answer: judgement.raw_answer,
    inputs: { ...gathered.inputs, review_reasons: judgement.review_reasons },
    tokens_in: judgement.tokens_in,
    tokens_out: judgement.tokens_out,
  };
}

/** A failed judge may say in its details what the attempt cost. */
function tokensOf(failure: ApplicationFailure): { tokens_in: number; tokens_out: number } {
  const details: unknown = failure.details?.[0];
  const read = (key: string): number => {
    const value: unknown = typeof details === 'object' && details !== null ? Reflect.get(details, key) : 0;
    return typeof value === 'number' ? value : 0;
  };
  return { tokens_in: read('tokens_in'), tokens_out: read('tokens_out') };
}

function readState(details: unknown): BatchState {
  const since: unknown =
    typeof details === 'object' && details !== null ? Reflect.get(details, 'failing_since') : null;
  return { failing_since: typeof since === 'number' ? since : null };
}
