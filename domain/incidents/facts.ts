// What responders did by rows alone (notes, tasks) and what it means for the clocks. Pure.
import { type Clock, endClock, startClock, type SlaPolicy } from './clocks.js';
import { openingClocks } from './sla.js';
import { byPerson, type Change, type IncidentState, NOTHING } from './state.js';

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
    ...(fact.task ? taskClock(state.policy, state.clocks, fact.task, now, newId) : []),
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
  const known = state.clocks.filter(({ kind }) => kind === 'update_cadence');
  const running = known.find(({ ended_at }) => ended_at === null);
  if (!running) return [];
  const attempt = Math.max(...known.map((clock) => clock.attempt)) + 1;
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
  { calendars }: SlaPolicy,
  clocks: readonly Clock[],
  task: NonNullable<Fact['task']>,
  now: number,
  newId: () => string,
): Clock[] {
  const kind = `task:${task.task_id}`;
  const known = clocks.filter((clock) => clock.kind === kind);
  const running = known.find(({ ended_at }) => ended_at === null);
  const off = running ? [endClock(calendars, running, now, task.ended ?? 'cancelled')] : [];
  if (task.ended !== null || task.due_at === null) return off;
  // repeated word of the same deadline
  if (running && running.anchored_at + running.target_ms === task.due_at) return [];
  const attempt = Math.max(0, ...known.map((clock) => clock.attempt)) + 1;
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
