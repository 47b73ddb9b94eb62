// What an incident carries from run to run: enough to count on, and no more than a payload may hold.
import { expect, test } from 'vitest';
import { type Clock, endClock, startClock } from '../../domain/incidents/clocks.js';
import { clocksAfterFact } from '../../domain/incidents/facts.js';
import { ring } from '../../domain/incidents/ringing.js';
import { carry, type IncidentState, nextAttempt } from '../../domain/incidents/state.js';
import { policyOf } from '../support/fakes/incident-activities.js';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T00:00:00Z');
const policy = policyOf({ acknowledge: 20 * MINUTE, contain: 60 * MINUTE, resolve: 200 * MINUTE });

let ids = 0;
const newId = () => `id-${String((ids += 1))}`;

function clock(kind: string, attempt: number, ended: boolean): Clock {
  const started = startClock(policy.calendars, {
    id: newId(),
    kind,
    attempt,
    anchor_event: 'created',
    anchored_at: START,
    target: { ms: 20 * MINUTE },
    calendar: null,
  });
  return ended ? endClock(policy.calendars, started, START + MINUTE, 'met') : started;
}

function state(clocks: readonly Clock[]): IncidentState {
  return {
    phase: 'analysis',
    status: 'investigating',
    severity: 'high',
    commander_id: null,
    assignee_id: null,
    acknowledged_at: null,
    acknowledged_by: null,
    closed_at: null,
    resolution: null,
    pending_severity: null,
    pending_severity_by: null,
    visit_no: 2,
    active_at: START,
    asked_at: null,
    policy,
    anchored_at: START,
    ...carry(clocks),
  };
}

test('open clocks and the last of each target go along; of the rest only how many there were', () => {
  const clocks = [
    clock('contain', 1, true), clock('contain', 2, true), clock('resolve', 1, false),
    clock('task:a', 1, true), clock('task:a', 2, true), clock('task:b', 1, true), clock('task:b', 2, false),
  ]; // prettier-ignore
  const { clocks: carried, attempts } = carry(clocks);
  expect(carried.map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual([
    'contain 2', 'resolve 1', 'task:b 2',
  ]); // prettier-ignore
  expect(attempts).toEqual({ 'task:a': 2 });
  const numbers = ['contain', 'resolve', 'task:a', 'task:b', 'task:c'].map((kind) => nextAttempt({ clocks: carried, attempts }, kind)); // prettier-ignore
  expect(numbers).toEqual([3, 2, 3, 3, 1]);
});

test('a task that gets a deadline again counts on from the clocks that stayed behind', () => {
  const task = { task_id: 'a', due_at: START + 60 * MINUTE, ended: null };
  const change = clocksAfterFact(state([clock('task:a', 1, true)]), { at: START, task }, START, newId);
  expect(change?.clocks).toMatchObject([{ kind: 'task:a', attempt: 2, state: 'running' }]);
});

test('a hundred finished tasks weigh as good as nothing', () => {
  const clocks = Array.from({ length: 100 }, (_, index) => clock(`task:0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`, 1, true)); // prettier-ignore
  expect(JSON.stringify(state(clocks)).length).toBeLessThan(16 * 1024);
});

test('late is counted from the first threshold of a notice, not from one that has just passed', () => {
  // 150 % of 20 minutes have passed this moment, the breach ten minutes ago
  const change = ring(state([clock('acknowledge', 1, false)]), START + 30 * MINUTE);
  expect(change?.entries).toMatchObject([
    { event_type: 'sla_breached', data: { percent: 150, late_ms: 20 * MINUTE } },
  ]);
  expect(change?.notices).toMatchObject([{ late: true }]);
});
