// What a run remembers between activities. Positions and counters only; the rows hold the rest.
import { isLongBatch, SAME_FAILURE_LIMIT } from '../../domain/assessments/rules.js';
import type { BatchResult, RunPlan } from '../../activities/assessments/types.js';
import { type Lanes, nextBatchSize, planLanes } from './batches.js';
import type {
  AssessmentProgressView,
  CarriedRun,
  ControlRange,
  FailureStreak,
  PausedState,
  RunPhase,
} from './messages.js';
import { BUDGET_SPENT, sameFailure } from './pause-reasons.js';

/** Enough to recognize what the relay may still repeat. */
const COMMANDS_KEPT = 20;

/** A range in an activity's hands; the epoch tells a failure of before a resume from one of after it. */
export interface TakenRange extends ControlRange {
  epoch: number;
}

export class RunState {
  phase: RunPhase = 'starting';
  paused: PausedState | null = null;
  /** Grows with every resume. */
  epoch = 0;
  plan: RunPlan = { proceed: true, controls_total: 0, check_groups: [], concurrency: 1, batch_size: 1 };
  lanes: Lanes = { count: 1, width: 1 };
  tables: string[] = [];
  private cursor = 0;
  private again: ControlRange[] = [];
  private taken = new Set<TakenRange>();
  private evaluated = 0;
  private failed = 0;
  private streak: FailureStreak = { code: '', count: 0 };
  private commands: string[] = [];

  begin(plan: RunPlan): void {
    this.plan = plan;
    this.lanes = planLanes(plan);
    this.tables = plan.check_groups.map((group) => group.table);
  }

  goOn(carried: CarriedRun): void {
    this.begin(carried.plan);
    this.tables = carried.tables;
    this.cursor = carried.cursor;
    this.again = carried.again;
    this.evaluated = carried.evaluated;
    this.failed = carried.failed;
    this.streak = carried.streak;
    this.paused = carried.paused;
    this.commands = carried.commands;
  }

  carry(): CarriedRun {
    return {
      plan: { ...this.plan, check_groups: [] },
      cursor: this.cursor,
      again: this.again,
      tables: this.tables,
      evaluated: this.evaluated,
      failed: this.failed,
      streak: this.streak,
      paused: this.paused,
      commands: this.commands,
    };
  }

  hasControls(): boolean {
    return this.again.length > 0 || this.cursor < this.plan.controls_total;
  }

  takeControls(): TakenRange {
    const range = this.again.shift() ?? this.nextRange();
    const taken = { ...range, epoch: this.epoch };
    this.taken.add(taken);
    return taken;
  }

  private nextRange(): ControlRange {
    const from = this.cursor;
    this.cursor += nextBatchSize(this.plan, this.lanes, this.plan.controls_total - from);
    return { from, to: this.cursor };
  }

  /** Counts a batch; answers why the run should pause now, if it should. */
  returned(range: TakenRange, result: BatchResult): PausedState | null {
    this.taken.delete(range);
    this.evaluated += result.evaluated;
    this.failed += result.failed.length;
    if (result.stopped !== null) this.giveBack(range);
    // what began before the last resume says nothing about the time after it
    if (range.epoch !== this.epoch) return null;
    if (result.stopped === 'budget') return BUDGET_SPENT;
    return this.countStreak(range, result) ? sameFailure(this.streak.code, this.streak.count) : null;
  }

  /** The activity did not come back with a result; its controls are still to be judged. */
  lost(range: TakenRange): void {
    this.taken.delete(range);
    this.giveBack(range);
  }

  private giveBack(range: ControlRange): void {
    this.again.push({ from: range.from, to: range.to });
  }

  /**
   * Within a batch the order is unknown: one in which more went well than failed breaks the row. A long one has looked
   * after its row itself. A row that the run is paused for only grows.
   */
  private countStreak({ from, to }: ControlRange, { evaluated, failed, same_code }: BatchResult): boolean {
    const held = this.paused !== null && this.isSystemic();
    if (isLongBatch({ from, to })) {
      if (same_code === undefined && !held) this.streak = { code: '', count: 0 };
      if (same_code === undefined) return false;
      const before = held ? this.streak : { code: same_code, count: 0 };
      const ranges = [...(before.ranges ?? []), { from, to }];
      this.streak = { code: before.code, count: before.count + failed.length, ranges };
      return this.isSystemic();
    }
    if (evaluated > failed.length && !held) this.streak = { code: '', count: 0 };
    for (const { code } of failed) {
      const { ranges = [], count } = this.streak;
      if (code === this.streak.code) {
        const known = ranges.some((range) => range.from === from);
        this.streak = { code, count: count + 1, ranges: known ? ranges : [...ranges, { from, to }] };
      } else if (!held) this.streak = { code, count: 1, ranges: [{ from, to }] };
    }
    return this.isSystemic();
  }

  private isSystemic(): boolean {
    return this.streak.count >= SAME_FAILURE_LIMIT;
  }

  /** What failed in the row that the run is paused for: whoever resumes has removed the reason. */
  toRetry(): ControlRange[] {
    return this.paused?.cause === 'same_failure' && this.isSystemic() ? (this.streak.ranges ?? []) : [];
  }

  pause(reason: PausedState): void {
    this.paused = reason;
  }

  resume(retry: readonly ControlRange[]): void {
    if (retry.length > 0) this.failed -= this.streak.count;
    // a long batch that its row has ended is to be gone on with already
    const known = (range: ControlRange): boolean =>
      isLongBatch(range) && this.again.some(({ from, to }) => from === range.from && to === range.to);
    this.again.push(...retry.filter((range) => !known(range)));
    this.paused = null;
    this.epoch += 1;
    this.streak = { code: '', count: 0 };
  }

  knows(command_id: string): boolean {
    return this.commands.includes(command_id);
  }

  remember(command_id: string): void {
    this.commands = [...this.commands, command_id].slice(-COMMANDS_KEPT);
  }

  view(): AssessmentProgressView {
    return {
      phase: this.phase,
      paused: this.paused !== null,
      paused_reason: this.paused?.detail ?? null,
      controls_total: this.plan.controls_total,
      controls_evaluated: this.evaluated,
      controls_failed: this.failed,
      in_flight: [...this.taken].map(({ from, to }) => ({ from, to })),
    };
  }

  /** For the Web UI. */
  words(): string {
    const { phase, paused_reason, controls_total, controls_evaluated, controls_failed } = this.view();
    const state = paused_reason === null ? phase : `paused: ${paused_reason}`;
    return `**${state}**\n\n${controls_evaluated} of ${controls_total} controls, ${controls_failed} failed`;
  }
}
