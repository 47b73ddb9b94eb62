import { ApplicationFailure } from '@temporalio/common';
import type {
  AssessmentActivities,
  BatchInput,
  BatchResult,
  RunPlan,
} from '../../../activities/assessments/types.js';

export interface FakeActivities {
  activities: AssessmentActivities;
  /** In the order in which they were called. */
  calls: string[];
}

/** Rows kept in memory: enough for a workflow to run its whole story. */
export function fakeAssessmentActivities(
  plan: Partial<RunPlan> = {},
  evaluate: (input: BatchInput, attempt: number) => Promise<Partial<BatchResult> | void> = () =>
    Promise.resolve(),
): FakeActivities {
  const calls: string[] = [];
  let attempts = 0;
  const note = (name: string): Promise<void> => {
    calls.push(name);
    return Promise.resolve();
  };
  const activities: AssessmentActivities = {
    async markAssessmentRunning() {
      await note('running');
      return { proceed: true, controls_total: 6, check_groups: [], concurrency: 2, batch_size: 1, ...plan };
    },
    async runChecks({ table }) {
      await note(`checks ${table}`);
      return { ran: 1, failed: 0 };
    },
    async evaluateControls(input) {
      attempts += 1;
      const said = await evaluate(input, attempts);
      await note(`controls ${input.from}-${input.to}`);
      return { evaluated: input.to - input.from, failed: [], stopped: null, ...said };
    },
    markAssessmentPaused: ({ cause }) => note(`paused ${cause}`),
    markAssessmentResumed: () => note('resumed'),
    markAssessmentCancelled: () => note('cancelled'),
    async markAssessmentFinished() {
      await note('finished');
      return { status: 'completed' };
    },
    markAssessmentFailed: () => note('failed'),
  };
  return { activities, calls };
}

/** What an activity throws when the model does not answer for good. */
export function modelAway(): ApplicationFailure {
  return ApplicationFailure.nonRetryable('the model does not answer', 'LLM_UNREACHABLE');
}
