// What responders did by rows alone (notes, tasks) and what it means for the clocks. Pure.
import { type Clock, endClock, startClock } from './clocks.js';
import { openingClocks } from './sla.js';
import { byPerson, type Change, type IncidentState, nextAttempt, NOTHING } from './state.js';

export interface Fact {
  at: number;
  stakeholder_update?: boolean;
  task?: { task_id: string; due_at: number | null; ended: 'met' | 'cancelled' | null };
}

/** The change of clocks, or undefined when only the time of the last activity moves. */
export function clocksAfterFact(
  state: IncidentState,
  fact: Fact,
  now: number,
  newId: () => string,
): Change | undefined {
  const clocks = [
    ...(fact.stakeholder_update === true ? cadence(state, now, newId) : []),
    ...(fact.task ? taskClock(state, fact.task, now, newId) : []),
  ];
  if (clocks.length === 0) return undefined;
  const entries = clocks
    .filter((clock) => clock.ended_at === null)
    .map((clock) => ({
      event_type: 'clock_started',
      data: { clock: clock.kind, attempt: clock.attempt },
      actor_id: null,
    }));
  return byPerson({ ...NOTHING, at: now, clocks, entries });
}

function cadence(state: IncidentState, now: number, newId: () => string): Clock[] {
  const isCadence = ({ kind, ended_at }: Clock): boolean => kind === 'update_cadence' && ended_at === null;
  const running = state.clocks.find(isCadence);
  if (!running) return [];
  const attempt = nextAttempt(state, 'update_cadence');
  const opening = {
    severity: state.severity,
    anchored_at: now,
    anchor_event: 'stakeholder_update',
    attempt,
    newId,
  };
  return [
    endClock(state.policy.calendars, running, now, 'met'),
    ...openingClocks(state.policy, opening, ['update_cadence']),
  ];
}

function taskClock(
  state: IncidentState,
  task: NonNullable<Fact['task']>,
  now: number,
  newId: () => string,
): Clock[] {
  const kind = `task:${task.task_id}`;
  const { calendars } = state.policy;
  const running = state.clocks.find((clock) => clock.kind === kind && clock.ended_at === null);
  const off = running ? [endClock(calendars, running, now, task.ended ?? 'cancelled')] : [];
  if (task.ended !== null || task.due_at === null) return off;
  // repeated word of the same deadline
  if (running && running.anchored_at + running.target_ms === task.due_at) return [];
  const attempt = nextAttempt(state, kind);
  // a deadline in the past is missed at once
  const target = { ms: Math.max(1, task.due_at - now) };
  const start = {
    id: newId(),
    kind,
    attempt,
    anchor_event: 'task_due',
    anchored_at: now,
    target,
    calendar: null,
  };
  return [...off, startClock(calendars, start)];
}
