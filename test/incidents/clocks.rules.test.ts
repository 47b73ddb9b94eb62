// R12 for clocks: random events against a plain model that counts minutes one by one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Clock, SlaPolicy } from '../../domain/incidents/clocks.js';
import { elapsed } from '../../domain/incidents/clocks.js';
import * as commands from '../../domain/incidents/commands.js';
import { decay, nextWake, ring } from '../../domain/incidents/ringing.js';
import { INCIDENT_SEVERITIES, moveKind, type Phase, PHASES } from '../../domain/incidents/rules.js';
import { openingClocks } from '../../domain/incidents/sla.js';
import { apply, type Change, type IncidentState } from '../../domain/incidents/state.js';
import { policyOf } from '../support/fakes/incident-activities.js';

const MINUTE = 60_000;
const START = Date.parse('2026-11-24T00:00:00Z');
const LADDER = [50, 75, 100, 150];
const promised: SlaPolicy = policyOf({
  acknowledge: 20 * MINUTE,
  contain: 60 * MINUTE,
  resolve: 200 * MINUTE,
});
// as by default, nothing but an acknowledgement is promised for what is only informational
const policy: SlaPolicy = {
  ...promised,
  targets: {
    ...promised.targets,
    informational: { ...promised.targets.informational, contain: null, resolve: null },
  },
};

let ids = 0;
const newId = () => `id-${String((ids += 1))}`;

function open(): IncidentState {
  const severity = 'high';
  return {
    phase: 'detection',
    status: 'open',
    severity,
    commander_id: null,
    assignee_id: null,
    acknowledged_at: null,
    acknowledged_by: null,
    closed_at: null,
    resolution: null,
    pending_severity: null,
    pending_severity_by: null,
    visit_no: 1,
    active_at: START,
    asked_at: null,
    policy,
    anchored_at: START,
    clocks: openingClocks(policy, { severity, anchored_at: START, anchor_event: 'created', newId }),
  };
}

type Act =
  | { act: 'wait'; minutes: number }
  | { act: 'move'; to: Phase }
  | { act: 'severity'; to: (typeof INCIDENT_SEVERITIES)[number] }
  | { act: 'confirm' | 'acknowledge' | 'close' }
  | { act: 'pause' | 'resume'; index: number };

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ act: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ act: fc.constant('move' as const), to: fc.constantFrom(...PHASES) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        act: fc.constant('severity' as const),
        to: fc.constantFrom(...INCIDENT_SEVERITIES),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        act: fc.constantFrom('confirm' as const, 'acknowledge' as const, 'close' as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        act: fc.constantFrom('pause' as const, 'resume' as const),
        index: fc.nat({ max: 4 }),
      }),
    },
  ),
  { minLength: 1, maxLength: 40 },
);

/** The workflow's loop with a clock that jumps to the next thing to do. */
class World {
  state = open();
  now = START;
  fired = new Map<string, number[]>();

  wait(minutes: number): void {
    const end = this.now + minutes * MINUTE;
    for (;;) {
      this.speak();
      const wake = nextWake(this.state);
      if (wake === undefined || wake > end) break;
      // a moment that has passed must have been dealt with, or the workflow would spin
      expect(wake).toBeGreaterThan(this.now);
      this.now = wake;
    }
    this.now = end;
    this.speak();
  }

  take(change: Change | undefined): void {
    if (!change) return;
    for (const clock of change.clocks) {
      const before = this.state.clocks.find(({ id }) => id === clock.id)?.fired ?? [];
      const added = clock.fired.filter((percent) => !before.includes(percent));
      this.fired.set(clock.id, [...(this.fired.get(clock.id) ?? []), ...added]);
    }
    this.state = apply(this.state, change);
  }

  private speak(): void {
    this.take(ring(this.state, this.now));
    this.take(decay(this.state, this.now, newId));
  }

  do(act: Act): void {
    const { state, now } = this;
    const actor = { actor_id: 'a', now, newId };
    const clock = 'index' in act ? state.clocks[act.index % state.clocks.length] : undefined;
    switch (act.act) {
      case 'wait':
        return this.wait(act.minutes);
      case 'move':
        return moveKind(state.phase, act.to) === undefined
          ? expect(commands.refuseTransition(state, { from: state.phase, to: act.to }, now)).toBeDefined()
          : this.take(commands.transition(state, { from: state.phase, to: act.to }, actor));
      case 'severity':
        return commands.refuseSeverity(state, act.to)
          ? undefined
          : this.take(commands.setSeverity(state, act.to, actor));
      case 'confirm':
        return commands.refuseConfirmation(state, 'b')
          ? undefined
          : this.take(commands.confirmSeverity(state, { ...actor, actor_id: 'b' }));
      case 'acknowledge':
        return commands.refuseAcknowledge(state) ? undefined : this.take(commands.acknowledge(state, actor));
      case 'close':
        return commands.refuseClose(state) ? undefined : this.take(commands.close(state, 'resolved', actor));
      case 'pause':
        return !clock || commands.refuseClockPause(state, clock.id, now)
          ? undefined
          : this.take(commands.pause(state, { clock_id: clock.id, reason: 'waiting_on_vendor' }, actor));
      case 'resume':
        return !clock || commands.refuseClockResume(state, clock.id)
          ? undefined
          : this.take(commands.resume(state, clock.id, actor));
    }
  }
}

/** What is promised for this severity and not behind yet has a clock that goes on, and nothing else has. */
function expectPromises({ severity, phase, clocks }: IncidentState): void {
  const targets = policy.targets[severity];
  const at = PHASES.indexOf(phase);
  for (const [kind, behind] of [
    ['contain', at > PHASES.indexOf('containment')],
    ['resolve', phase === 'post_incident'],
  ] as const)
    expect(clocks.filter((clock) => clock.kind === kind && clock.ended_at === null)).toHaveLength(
      targets[kind] !== null && !behind ? 1 : 0,
    );
}

const runs = (clock: Clock): boolean => clock.running_since !== null && clock.ended_at === null;

test('whatever happens, time is counted once, thresholds fire once and in order, a breach stays', () => {
  fc.assert(
    fc.property(acts, (sequence) => {
      const world = new World();
      const counted = new Map(world.state.clocks.map(({ id }) => [id, 0]));
      const breached = new Set<string>();
      for (const act of sequence) {
        const before = world.state.clocks;
        if (act.act === 'wait') {
          // the model: one minute after the other, only what runs is counted
          for (let minute = 0; minute < act.minutes; minute += 1) {
            const running = world.state.clocks.filter(runs);
            world.wait(1);
            for (const { id } of running) counted.set(id, (counted.get(id) ?? 0) + 1);
            for (const { id } of world.state.clocks) if (!counted.has(id)) counted.set(id, 0);
          }
        } else world.do(act);
        expectPromises(world.state);
        for (const clock of world.state.clocks) {
          if (!counted.has(clock.id)) counted.set(clock.id, 0);
          const anchored_late = (clock.anchored_at - START) % MINUTE === 0;
          if (anchored_late && clock.anchor_event !== 'severity_set')
            expect(elapsed({}, clock, world.now)).toBe((counted.get(clock.id) ?? 0) * MINUTE);
          const fired = world.fired.get(clock.id) ?? [];
          expect(new Set(fired).size).toBe(fired.length);
          expect(fired).toEqual([...fired].sort((a, b) => a - b));
          if (runs(clock))
            for (const percent of LADDER)
              if (elapsed({}, clock, world.now) >= (clock.target_ms * percent) / 100)
                expect(clock.fired).toContain(percent);
          if (breached.has(clock.id)) expect(clock.breached_at).not.toBeNull();
          if (clock.breached_at !== null) breached.add(clock.id);
          const was = before.find(({ id }) => id === clock.id);
          if (was && was.ended_at !== null && was.kind === 'acknowledge') expect(clock).toEqual(was);
        }
      }
    }),
    { numRuns: 150, seed: 20261124 },
  );
});

test('going back and forth never gives more time to contain', () => {
  const world = new World();
  world.do({ act: 'move', to: 'analysis' });
  world.do({ act: 'move', to: 'containment' });
  world.wait(30);
  for (let bounce = 0; bounce < 5; bounce += 1) {
    world.do({ act: 'move', to: 'eradication' });
    world.wait(7);
    world.do({ act: 'move', to: 'containment' });
    world.wait(10);
  }
  const contain = world.state.clocks.filter(({ kind }) => kind === 'contain');
  expect(contain).toHaveLength(1);
  expect(elapsed({}, contain[0] as Clock, world.now)).toBe(80 * MINUTE);
});

test('what was called off with its target is promised again once the severity is', () => {
  const world = new World();
  world.wait(10);
  world.do({ act: 'severity', to: 'informational' });
  world.wait(500);
  world.do({ act: 'severity', to: 'critical' });
  const contain = world.state.clocks.filter(({ kind }) => kind === 'contain');
  expect(contain).toMatchObject([{ state: 'running', target_ms: 60 * MINUTE, breached_at: null }]);
  expect(elapsed({}, contain[0] as Clock, world.now)).toBe(10 * MINUTE);
});

test('a clock that goes on after a move back has the target of the severity by then', () => {
  const world = new World();
  for (const to of ['analysis', 'containment', 'eradication'] as const) world.do({ act: 'move', to });
  world.do({ act: 'severity', to: 'critical' });
  world.do({ act: 'move', to: 'containment' });
  const contain = world.state.clocks.filter(({ kind }) => kind === 'contain');
  expect(contain).toMatchObject([{ state: 'running', target_ms: 60 * MINUTE }]);
  world.do({ act: 'move', to: 'eradication' });
  world.do({ act: 'severity', to: 'high' });
  world.do({ act: 'confirm' });
  world.do({ act: 'move', to: 'containment' });
  expect(world.state.clocks.find(({ kind }) => kind === 'contain')?.target_ms).toBe(60 * MINUTE);
});

test('reopened, it is acknowledged anew only if nobody ever did', () => {
  for (const acknowledged of [true, false]) {
    const world = new World();
    if (acknowledged) world.do({ act: 'acknowledge' });
    world.do({ act: 'move', to: 'post_incident' });
    world.take(commands.close(world.state, 'false_positive', { actor_id: 'a', now: world.now, newId }));
    world.do({ act: 'move', to: 'analysis' });
    const open = world.state.clocks.filter(({ ended_at }) => ended_at === null).map(({ kind }) => kind);
    expect(open.sort()).toEqual(['contain', 'resolve', ...(acknowledged ? [] : ['acknowledge'])].sort());
  }
});
