// What may be said to, and asked of, a running assessment.
import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { PauseCause, RunPlan, RunRef } from '../../activities/assessments/types.js';
import type { HistoryLimits } from '../history.js';

export interface CommandMessage {
  /** The command row's id, which is the update's id too: a repeated delivery runs the handler once. */
  command_id: string;
}

export interface CommandAnswer {
  status: 'running' | 'paused';
}

export const pauseUpdate = defineUpdate<CommandAnswer, [CommandMessage]>('pause');
export const resumeUpdate = defineUpdate<CommandAnswer, [CommandMessage]>('resume');
export const progressQuery = defineQuery<AssessmentProgressView>('progress');

export type RunPhase = 'starting' | 'checks' | 'controls' | 'finishing' | 'ended';

/** The live state, for operators and `?live=true`; never needed for a right answer. */
export interface AssessmentProgressView {
  phase: RunPhase;
  paused: boolean;
  paused_reason: string | null;
  controls_total: number;
  controls_evaluated: number;
  controls_failed: number;
  /** Positions in the run's control list, [from, to), that an activity holds now. */
  in_flight: { from: number; to: number }[];
}

export interface RunLimits extends HistoryLimits {
  /** How long an unreachable model or inventory is retried before the run pauses. Default 300. */
  outage_seconds?: number;
}

export interface AssessmentInput extends RunRef {
  limits?: RunLimits;
  /** Set by continue-as-new only. */
  carried?: CarriedRun;
}

/** All a run needs to go on in a fresh history: positions and counters, never findings. */
export interface CarriedRun {
  plan: RunPlan;
  cursor: number;
  /** Ranges that were taken and not finished. */
  again: ControlRange[];
  tables: string[];
  evaluated: number;
  failed: number;
  streak: FailureStreak;
  paused: PausedState | null;
  /** Commands already obeyed: update ids are only unique within one run. */
  commands: string[];
}

export interface ControlRange {
  from: number;
  to: number;
}

export interface FailureStreak {
  code: string;
  count: number;
  /** Where they failed; not kept by runs of older versions. */
  ranges?: ControlRange[];
}

export interface PausedState {
  cause: PauseCause;
  detail: string;
}

export interface AssessmentOutcome {
  status: 'completed' | 'failed' | 'superseded';
}
