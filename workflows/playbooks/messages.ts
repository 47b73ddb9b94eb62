// What may be said to, and asked of, a run of a playbook.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { PlaybookRunRef } from '../../activities/playbooks/types.js';
import type { Variables } from '../../domain/playbooks/plan.js';

export interface RunMessage {
  /** The command row's id, which is the update's id too. */
  command_id: string;
  actor_id: string;
}

export interface StepMessage extends RunMessage {
  step_id: string;
  iteration: number;
}

export type DecisionMessage = StepMessage & { args_hash: string };
export type CompleteMessage = StepMessage & { ok: boolean; outputs: Variables };

export interface RunAnswer {
  status: string;
}

export const approveUpdate = defineUpdate<RunAnswer, [DecisionMessage]>('approve');
export const rejectUpdate = defineUpdate<RunAnswer, [DecisionMessage]>('reject');
export const completeUpdate = defineUpdate<RunAnswer, [CompleteMessage]>('complete');
export const pauseRunUpdate = defineUpdate<RunAnswer, [RunMessage]>('pause');
export const resumeRunUpdate = defineUpdate<RunAnswer, [RunMessage]>('resume');
export const abortUpdate = defineUpdate<RunAnswer, [RunMessage]>('abort');
export const rollbackUpdate = defineUpdate<RunAnswer, [RunMessage]>('rollback');

/** The task of a step is done or waived. May come twice. */
export interface TaskSettledMessage {
  step_id: string;
  iteration: number;
  status: 'done' | 'waived';
}

export const taskSettledSignal = defineSignal<[TaskSettledMessage]>('taskSettled');

/** For operators; never needed for a right answer. */
export interface RunView {
  status: string;
  /** `name (what it waits for)` of every step under way. */
  under_way: string[];
}

export const runQuery = defineQuery<RunView>('run');

export type PlaybookRunInput = PlaybookRunRef;
