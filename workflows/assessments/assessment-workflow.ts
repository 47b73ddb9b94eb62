// One run of an assessment: automated checks, then every control, then the row's last word.
import * as wf from '@temporalio/workflow';
import type { AssessmentActivities, RunRef } from '../../activities/assessments/types.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE, llmOptions, steampipeOptions } from '../activity-options.js';
import { causeOf, describeFailure, refuse } from '../failures.js';
import { isLong } from '../history.js';
import {
  type AssessmentInput,
  type AssessmentOutcome,
  type CommandAnswer,
  type CommandMessage,
  type PausedState,
  pauseUpdate,
  progressQuery,
  resumeUpdate,
} from './messages.js';
import { outageReason, REQUESTED } from './pause-reasons.js';
import { RunState, type TakenRange } from './run-state.js';
import { slide, type Work } from './sliding-window.js';

const OUTAGE_SECONDS = 300;
/** Queries of one run at the inventory at once; plugins are limited by the cloud's own API rates. */
const CHECK_LANES = 4;

const rows = wf.proxyActivities<AssessmentActivities>(DATABASE);
const work = wf.proxyActivities<AssessmentActivities>({ startToCloseTimeout: '10m' });

export async function assessmentWorkflow(input: AssessmentInput): Promise<AssessmentOutcome> {
  const { tenant, assessment_id, execution_id } = input;
  const ref: RunRef = { tenant, assessment_id, execution_id };
  const outage_seconds = input.limits?.outage_seconds ?? OUTAGE_SECONDS;
  const state = new RunState();

  // Rows are written one after the other, in the order in which the messages were accepted.
  let writing: Promise<void> = Promise.resolve();
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    // cancelling the run does not tear a row's change apart
    const turn = writing.then(() => wf.CancellationScope.nonCancellable(write));
    writing = turn.catch(() => undefined);
    return turn;
  };

  const show = (): void => {
    wf.setCurrentDetails(state.words());
  };
  const showPhase = (phase: string): void => {
    wf.upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: phase }]);
    show();
  };

  const open = (): boolean => state.phase !== 'finishing' && state.phase !== 'ended';

  wf.setHandler(progressQuery, () => state.view());
  wf.setHandler(pauseUpdate, pause, {
    validator({ command_id }) {
      if (state.knows(command_id)) return;
      if (!open()) throw refuse('CONFLICT', 'the run is ending');
      if (state.paused) throw refuse('CONFLICT', 'the run is paused already');
    },
  });
  wf.setHandler(resumeUpdate, resume, {
    validator({ command_id }) {
      if (state.knows(command_id)) return;
      if (!open()) throw refuse('CONFLICT', 'the run is ending');
      if (!state.paused) throw refuse('CONFLICT', 'the run is not paused');
    },
  });

  async function pause({ command_id }: CommandMessage): Promise<CommandAnswer> {
    if (state.knows(command_id)) return answer();
    state.remember(command_id);
    state.pause(REQUESTED);
    await inTurn(() => rows.markAssessmentPaused({ ...ref, command_id, ...REQUESTED }));
    showPhase('paused');
    return { status: 'paused' };
  }

  async function resume({ command_id }: CommandMessage): Promise<CommandAnswer> {
    if (state.knows(command_id)) return answer();
    state.remember(command_id);
    const wanted = state.toRetry();
    const retry = wanted.length > 0 && wf.patched('2026-11-retry-same-failure') ? wanted : [];
    // the row first: nothing may start for a run whose row says paused
    await inTurn(() => rows.markAssessmentResumed({ ...ref, command_id, retry }));
    state.resume(retry);
    showPhase(state.phase);
    return { status: 'running' };
  }

  function answer(): CommandAnswer {
    return { status: state.paused ? 'paused' : 'running' };
  }

  async function pauseBecause(reason: PausedState): Promise<void> {
    if (state.paused) return;
    state.pause(reason);
    wf.log.warn('run pauses by itself', { cause: reason.cause });
    await inTurn(() => rows.markAssessmentPaused({ ...ref, command_id: null, ...reason }));
    showPhase('paused');
  }

  const leaving = (): boolean => isLong(input.limits);
  const held = (): boolean => state.paused !== null;

  async function runChecksOnTable(table: string): Promise<void> {
    const { epoch } = state;
    try {
      await work.runChecks.executeWithOptions(
        { ...steampipeOptions(outage_seconds), summary: `checks on ${table}` },
        [{ ...ref, table }],
      );
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      const cause = causeOf(error);
      state.tables.push(table);
      if (epoch === state.epoch) await pauseBecause(outageReason(cause, `The checks on ${table}`));
    }
  }

  async function evaluate(range: TakenRange): Promise<void> {
    const { from, to } = range;
    const label = to - from === 1 ? `control ${to}` : `controls ${from + 1}–${to}`;
    const concurrency = Math.min(state.lanes.width, to - from);
    try {
      const result = await work.evaluateControls.executeWithOptions(
        { ...llmOptions(outage_seconds, Math.ceil((to - from) / concurrency)), summary: label },
        [{ ...ref, from, to, concurrency }],
      );
      const reason = state.returned(range, result);
      if (reason) await pauseBecause(reason);
    } catch (error) {
      if (wf.isCancellation(error)) throw error;
      const cause = causeOf(error);
      state.lost(range);
      // what began before the last resume says nothing about the time after it
      if (range.epoch === state.epoch) await pauseBecause(outageReason(cause, `The ${label}`));
    }
    show();
  }

  const controls: Work<TakenRange> = {
    pending: () => state.hasControls(),
    take: () => state.takeControls(),
    run: evaluate,
    held,
    leaving,
  };

  async function run(): Promise<AssessmentOutcome> {
    if (input.carried) {
      state.goOn(input.carried);
    } else {
      const plan = await rows.markAssessmentRunning({ ...ref, run_id: wf.workflowInfo().runId });
      if (!plan.proceed) return { status: 'superseded' };
      state.begin(plan);
    }

    state.phase = 'checks';
    if (!input.carried) showPhase(state.paused ? 'paused' : 'checks');
    await slide(CHECK_LANES, {
      pending: () => state.tables.length > 0,
      take: () => state.tables.shift() ?? '',
      run: runChecksOnTable,
      held,
      leaving,
    });

    if (!leaving()) {
      state.phase = 'controls';
      showPhase(state.paused ? 'paused' : 'controls');
    }
    do {
      if (!leaving()) await slide(state.lanes.count, controls);
      if (state.tables.length > 0 || state.hasControls()) return await moveOn();
      await wf.condition(() => !held() && wf.allHandlersFinished());
      // a resume may have brought controls back that had failed
    } while (state.hasControls());
    state.phase = 'finishing';
    showPhase('finishing');
    const { status } = await rows.markAssessmentFinished(ref);
    state.phase = 'ended';
    showPhase(status);
    return { status };
  }

  async function moveOn(): Promise<never> {
    await wf.condition(wf.allHandlersFinished);
    const { limits } = input;
    return await wf.continueAsNew<typeof assessmentWorkflow>({
      ...ref,
      ...(limits ? { limits } : {}),
      carried: state.carry(),
    });
  }

  try {
    return await run();
  } catch (error) {
    if (error instanceof wf.ContinueAsNew) throw error;
    state.phase = 'ended';
    const cancelled = wf.isCancellation(error);
    await wf.CancellationScope.nonCancellable(async () => {
      await writing;
      if (cancelled) await rows.markAssessmentCancelled(ref);
      else await rows.markAssessmentFailed({ ...ref, reason: describeFailure(error) });
      showPhase(cancelled ? 'cancelled' : 'failed');
      await wf.condition(wf.allHandlersFinished);
    });
    if (cancelled || error instanceof wf.TemporalFailure) throw error;
    throw refuse('INTERNAL_ERROR', 'the run ended on an unexpected error');
  }
}
