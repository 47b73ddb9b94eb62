// How a run's limit of controls in flight is cut into lanes and batches. Pure arithmetic.
import { BATCH_THRESHOLD, laneWidth } from '../../domain/assessments/rules.js';
import type { RunPlan } from '../../activities/assessments/types.js';

export interface Lanes {
  /** Activities in flight. */
  count: number;
  /** Controls in flight within each of them; count × width is the run's limit. */
  width: number;
}

export function planLanes(plan: RunPlan): Lanes {
  const limit = Math.max(1, plan.concurrency);
  if (plan.controls_total <= BATCH_THRESHOLD || plan.batch_size <= 1) return { count: limit, width: 1 };
  const width = Math.min(plan.batch_size, laneWidth(limit));
  return { count: Math.max(1, Math.floor(limit / width)), width };
}

/**
 * Controls of the next batch. Batches shrink towards the end (half of an even share of what is left), so that
 * no lane still holds a long batch while the others are idle; whole multiples of the width keep it full.
 */
export function nextBatchSize(plan: RunPlan, lanes: Lanes, left: number): number {
  if (plan.controls_total <= BATCH_THRESHOLD || plan.batch_size <= 1) return Math.min(1, left);
  if (plan.whole_shares === true) return Math.min(plan.batch_size, left);
  const share = Math.floor(left / (2 * lanes.count));
  const wanted = Math.min(plan.batch_size, Math.max(lanes.width, share));
  return Math.min(left, Math.max(lanes.width, wanted - (wanted % lanes.width)));
}
