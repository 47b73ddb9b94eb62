import { describe, expect, it } from 'vitest';
import type { BatchResult, RunPlan } from '../../activities/assessments/types.js';
import { planBatches } from '../../domain/assessments/rules.js';
import { type Lanes, nextBatchSize, planLanes } from '../../workflows/assessments/batches.js';
import { RunState, type TakenRange } from '../../workflows/assessments/run-state.js';

function planOf(controls_total: number, concurrency: number): RunPlan {
  const batches = planBatches(controls_total, concurrency);
  return { proceed: true, controls_total, check_groups: [], concurrency, ...batches };
}

function batchesOf(plan: RunPlan, lanes: Lanes): number[] {
  const sizes: number[] = [];
  for (let left = plan.controls_total; left > 0; left -= sizes.at(-1) ?? left) {
    sizes.push(nextBatchSize(plan, lanes, left));
  }
  return sizes;
}

/** How many model calls follow each other in the lane that ends last. */
function wavesOf(lanes: Lanes, sizes: readonly number[]): number {
  const ends = Array.from({ length: lanes.count }, () => 0);
  for (const size of sizes) {
    ends.sort((a, b) => a - b);
    ends[0] = (ends[0] ?? 0) + Math.ceil(size / lanes.width);
  }
  return Math.max(...ends);
}

describe('the batches of a run', () => {
  it.each([
    [64, 16],
    [101, 1_000],
    [106, 60],
    [300, 200],
    [1_000, 8],
    [1_000, 50],
    [1_000, 100],
    [1_000, 200],
    [1_014, 200],
    [10_000, 200],
  ])('of %i controls, %i at once, lose no wave', (controls_total, concurrency) => {
    const plan = planOf(controls_total, concurrency);
    const lanes = planLanes(plan);
    const sizes = batchesOf(plan, lanes);
    expect(lanes.count * lanes.width).toBeLessThanOrEqual(concurrency);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(controls_total);
    expect(wavesOf(lanes, sizes)).toBe(Math.ceil(controls_total / concurrency));
  });

  it('of a run that an older version planned are as they were', () => {
    const { whole_shares: _new, ...plan } = { ...planOf(1_000, 200), batch_size: 25 };
    expect(batchesOf(plan, planLanes(plan))).toEqual(Array.from({ length: 50 }, () => 20));
  });
});

describe('a row of failures in long batches', () => {
  const done: BatchResult = { evaluated: 90, failed: [], stopped: null };
  const failures = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ref: `B-${String(index)}`, code: 'LLM_REFUSED' }));

  function begun(): { state: RunState; taken: TakenRange[] } {
    const state = new RunState();
    state.begin(planOf(1_000, 200));
    return { state, taken: Array.from({ length: 10 }, () => state.takeControls()) };
  }

  it('that ended one pauses the run, and after resume its controls are taken once', () => {
    const { state, taken } = begun();
    const [first, ...others] = taken;
    if (first === undefined) throw new Error('nothing was taken');
    const cut: BatchResult = {
      evaluated: 3,
      failed: failures(6),
      stopped: 'same_failure',
      same_code: 'LLM_REFUSED',
    };
    const reason = state.returned(first, cut);
    expect(reason?.cause).toBe('same_failure');
    if (reason) state.pause(reason);
    for (const range of others) state.returned(range, done);
    const retry = state.toRetry();
    expect(retry).toEqual([{ from: 0, to: 100 }]);
    state.resume(retry);
    expect(state.view().controls_failed).toBe(0);
    expect(state.takeControls()).toMatchObject({ from: 0, to: 100 });
    expect(state.hasControls()).toBe(false);
  });

  it('is not made of failures here and there', () => {
    const { state, taken } = begun();
    for (const range of taken) {
      expect(state.returned(range, { ...done, failed: failures(10) })).toBeNull();
    }
    expect(state.hasControls()).toBe(false);
    expect(state.view().controls_failed).toBe(100);
  });
});
