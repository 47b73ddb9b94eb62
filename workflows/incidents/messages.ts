// What may be said to, and asked of, an incident.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { IncidentRef } from '../../activities/incidents/types.js';
import type { PauseReason } from '../../domain/incidents/clocks.js';
import type { EventFact } from '../../domain/incidents/obligation-commands.js';
import type { Decision } from '../../domain/incidents/obligations.js';
import type { IncidentSeverity, Phase, Resolution } from '../../domain/incidents/rules.js';
import type { HistoryLimits } from '../history.js';

export interface CommandMessage {
  /** The command row's id, which is the update's id too: a repeated delivery runs the handler once. */
  command_id: string;
  actor_id: string;
  /** Number of changes in the rows by which it was judged. Absent in messages from before they were counted. */
  revision?: number;
}

export interface CommandAnswer {
  phase: Phase;
  severity: IncidentSeverity;
}

export type TransitionMessage = CommandMessage & { from: Phase; to: Phase };
export type ChangeMessage = CommandMessage & {
  severity?: IncidentSeverity;
  commander_id?: string | null;
  assignee_id?: string | null;
};
export type CloseMessage = CommandMessage & { resolution: Resolution };
export type PauseClockMessage = CommandMessage & { clock_id: string; reason: PauseReason };
export type ResumeClockMessage = CommandMessage & { clock_id: string };
export type RecordEventMessage = CommandMessage & EventFact;
export type DecideObligationMessage = CommandMessage & { obligation_id: string; decision: Decision };
export type SubmitObligationMessage = CommandMessage & {
  obligation_id: string;
  /** Milliseconds. */
  submitted_at: number;
  receipt_sha256: string;
};
export type WaiveObligationMessage = CommandMessage & { obligation_id: string };

export const transitionUpdate = defineUpdate<CommandAnswer, [TransitionMessage]>('transition');
export const changeUpdate = defineUpdate<CommandAnswer, [ChangeMessage]>('change');
export const confirmSeverityUpdate = defineUpdate<CommandAnswer, [CommandMessage]>('confirmSeverity');
export const acknowledgeUpdate = defineUpdate<CommandAnswer, [CommandMessage]>('acknowledge');
export const closeUpdate = defineUpdate<CommandAnswer, [CloseMessage]>('close');
export const pauseClockUpdate = defineUpdate<CommandAnswer, [PauseClockMessage]>('pauseClock');
export const resumeClockUpdate = defineUpdate<CommandAnswer, [ResumeClockMessage]>('resumeClock');
export const recordEventUpdate = defineUpdate<CommandAnswer, [RecordEventMessage]>('recordEvent');
export const decideObligationUpdate = defineUpdate<CommandAnswer, [DecideObligationMessage]>(
  'decideObligation',
);
export const submitObligationUpdate = defineUpdate<CommandAnswer, [SubmitObligationMessage]>(
  'submitObligation',
);
export const waiveObligationUpdate = defineUpdate<CommandAnswer, [WaiveObligationMessage]>('waiveObligation');

/** Somebody did something that is in the rows already: a note, a task. May come twice. */
export interface ActivityMessage {
  /** Milliseconds. */
  at: number;
  /** Stakeholders were told: their clock starts anew. */
  stakeholder_update?: boolean;
  /** A task's own deadline: set, moved, or done with. */
  task?: { task_id: string; due_at: number | null; ended: 'met' | 'cancelled' | null };
}

export const activitySignal = defineSignal<[ActivityMessage]>('activity');
export const stateQuery = defineQuery<IncidentView>('state');

/** For operators and `?live=true`; never needed for a right answer. */
export interface IncidentView {
  phase: Phase | null;
  severity: IncidentSeverity | null;
  status: string | null;
  /** ISO; what the one timer waits for. */
  next_wake: string | null;
  open_clocks: { kind: string; state: string; attempt: number }[];
}

export interface IncidentInput extends IncidentRef {
  /** Set by continue-as-new only: what was told and is not taken in yet. */
  facts?: ActivityMessage[];
  limits?: HistoryLimits;
}
