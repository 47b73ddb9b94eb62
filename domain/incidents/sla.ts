// What happens to an incident's clocks when something happens to the incident. Pure: clocks in, clocks out.
import {
  type Calendars,
  type Clock,
  dueAt,
  endClock,
  fire,
  isOpen,
  passed,
  pauseEnds,
  percentages,
  percentOf,
  resumeClock,
  retarget,
  reviveClock,
  type SeverityTargets,
  type SlaPolicy,
  startClock,
  type Threshold,
} from './clocks.js';
import { type IncidentSeverity, type MoveKind, type Phase, PHASES, severityStep } from './rules.js';

/** The clocks that severity gives their targets. */
export const SLA_KINDS = ['acknowledge', 'contain', 'resolve', 'update_cadence'] as const;
export type SlaKind = (typeof SLA_KINDS)[number];

export function isSlaKind(kind: string): kind is SlaKind {
  return SLA_KINDS.some((known) => known === kind);
}

interface Opening {
  severity: IncidentSeverity;
  anchored_at: number;
  anchor_event: string;
  attempt?: number;
  newId: () => string;
}

export function openingClocks(
  policy: SlaPolicy,
  opening: Opening,
  kinds: readonly SlaKind[] = SLA_KINDS,
): Clock[] {
  const targets = policy.targets[opening.severity];
  return kinds.flatMap((kind) => {
    const target = targets[kind];
    if (target === null) return [];
    const { anchored_at, anchor_event, attempt = 1 } = opening;
    const { calendar } = targets;
    const start = { id: opening.newId(), kind, attempt, anchor_event, anchored_at, target, calendar };
    return [startClock(policy.calendars, start)];
  });
}

/** The latest attempt of each kind: earlier ones stay as they ended. */
function latest(clocks: readonly Clock[], kind: string): Clock | undefined {
  return clocks.filter((clock) => clock.kind === kind).sort((a, b) => b.attempt - a.attempt)[0];
}

export function replace<Item extends { id: string }>(
  items: readonly Item[],
  changed: readonly Item[],
): Item[] {
  const known = new Set(items.map(({ id }) => id));
  return [
    ...items.map((item) => changed.find(({ id }) => id === item.id) ?? item),
    ...changed.filter(({ id }) => !known.has(id)),
  ];
}

interface Move {
  to: Phase;
  kind: MoveKind;
  severity: IncidentSeverity;
  now: number;
  newId: () => string;
}

/** @returns the clocks that changed */
export function clocksAfterMove(policy: SlaPolicy, clocks: readonly Clock[], move: Move): Clock[] {
  const { to, kind, severity, now } = move;
  if (kind === 'reopen') return reopened(policy, clocks, move);
  const contained = PHASES.indexOf(to) > PHASES.indexOf('containment');
  const changed: Clock[] = [];
  const contain = latest(clocks, 'contain');
  if (contain && contained) changed.push(endClock(policy.calendars, contain, now, 'met'));
  if (contain && !contained && kind === 'backward' && isReached(contain))
    changed.push(...revived(policy, contain, { kind: 'contain', severity, now, heavier: true }));
  if (to === 'post_incident') {
    for (const name of ['resolve', 'update_cadence']) {
      const clock = latest(clocks, name);
      if (clock) changed.push(endClock(policy.calendars, clock, now, 'met'));
    }
  }
  return changed.filter((clock) => clocks.find(({ id }) => id === clock.id) !== clock);
}

function isReached(clock: Clock): boolean {
  return clock.ended_at !== null && clock.state !== 'cancelled';
}

/** Goes on under what is promised by now: severity may have changed while it stood. Nothing where nothing is. */
function revived(
  policy: SlaPolicy,
  clock: Clock,
  {
    kind,
    severity,
    now,
    heavier,
  }: { kind: SlaKind; severity: IncidentSeverity; now: number; heavier: boolean },
): Clock[] {
  const { [kind]: target, calendar } = policy.targets[severity];
  if (target === null) return [];
  return [retarget(policy.calendars, reviveClock(clock, now), { target, calendar, now, heavier })];
}

function reopened(policy: SlaPolicy, clocks: readonly Clock[], { severity, now, newId }: Move): Clock[] {
  return SLA_KINDS.flatMap((kind) => {
    const last = latest(clocks, kind);
    // whoever has acknowledged it need not do so again
    if (kind === 'acknowledge' && last?.state !== 'cancelled') return [];
    const attempt = (last?.attempt ?? 0) + 1;
    return openingClocks(policy, { severity, anchored_at: now, anchor_event: 'reopened', attempt, newId }, [
      kind,
    ]);
  });
}

interface SeverityChange {
  from: IncidentSeverity;
  to: IncidentSeverity;
  /** The phase says whether containment is behind already. */
  phase: Phase;
  anchored_at: number;
  now: number;
  newId: () => string;
}

/** Accrued time stays. What the new targets have broken already is for `due` to say, once. */
export function clocksAfterSeverity(
  policy: SlaPolicy,
  clocks: readonly Clock[],
  change: SeverityChange,
): Clock[] {
  const { from, to, now } = change;
  const targets: SeverityTargets = policy.targets[to];
  const heavier = severityStep(from, to) > 0;
  return SLA_KINDS.flatMap((kind) => {
    const clock = latest(clocks, kind);
    const target = targets[kind];
    if (target === null)
      return clock && clock.ended_at === null ? [endClock(policy.calendars, clock, now, 'cancelled')] : [];
    // called off while nothing was promised, or reached before the incident fell back
    if (clock && clock.ended_at !== null && kind !== 'acknowledge' && !isBehind(kind, change.phase))
      return revived(policy, clock, { kind, severity: to, now, heavier: false });
    if (clock) {
      const moved = retarget(policy.calendars, clock, { target, calendar: targets.calendar, now, heavier });
      return moved === clock ? [] : [moved];
    }
    if (isBehind(kind, change.phase)) return [];
    return openingClocks(policy, { ...change, severity: to, anchor_event: 'severity_set' }, [kind]);
  });
}

function isBehind(kind: SlaKind, phase: Phase): boolean {
  if (kind === 'acknowledge') return phase !== 'detection';
  if (kind === 'contain') return PHASES.indexOf(phase) > PHASES.indexOf('containment');
  return phase === 'post_incident';
}

export interface Due {
  clock: Clock;
  thresholds: Threshold[];
  /** A level that is told again, without a threshold passed. */
  repeated: boolean;
  /** It stood still for as long as it may, and goes on. */
  resumed: boolean;
}

/** What is to be said now: thresholds passed (all of a clock in one notice), repetitions, pauses that are over. */
export function due(
  policy: SlaPolicy,
  clocks: readonly Clock[],
  now: number,
  by_reclassification = false,
): Due[] {
  return clocks.flatMap((clock) => {
    const ends = pauseEnds(clock);
    const resumed = ends !== undefined && ends <= now;
    const running = resumed ? resumeClock(clock, ends) : clock;
    const thresholds = passed(policy.calendars, running, percentages(policy), now);
    const repeated = thresholds.length === 0 && running.repeat_at !== null && running.repeat_at <= now;
    if (!resumed && !repeated && thresholds.length === 0) return [];
    const fired = fire(running, thresholds, by_reclassification);
    return [
      { clock: { ...fired, repeat_at: nextRepeat(policy, fired, now) }, thresholds, repeated, resumed },
    ];
  });
}

function nextRepeat(policy: SlaPolicy, clock: Clock, now: number): number | null {
  const level = policy.ladder
    .filter(({ percent }) => clock.fired.includes(percent))
    .sort((a, b) => b.percent - a.percent)[0];
  return level === undefined || level.repeat_every_ms === null ? null : now + level.repeat_every_ms;
}

/** Closed as no incident at all: what still runs is called off, and kept out of the statistics. */
export function clocksCalledOff(policy: SlaPolicy, clocks: readonly Clock[], now: number): Clock[] {
  return clocks
    .filter((clock) => clock.ended_at === null)
    .map((clock) => endClock(policy.calendars, clock, now, 'cancelled'));
}

export type Overall = 'on_track' | 'at_risk' | 'breached';

/** At risk from three quarters of a target on; what was called off is left out. */
export function standingOf(calendars: Calendars, clocks: readonly Clock[], now: number): Overall {
  const counted = clocks.filter(({ state }) => state !== 'cancelled');
  if (counted.some(({ breached_at }) => breached_at !== null)) return 'breached';
  const late = counted.some((clock) => isOpen(clock) && percentOf(calendars, clock, now) >= 75);
  return late ? 'at_risk' : 'on_track';
}

/** A clock as people read it at that moment. */
export function readingOf(calendars: Calendars, clock: Clock, now: number) {
  const text = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  return {
    kind: clock.kind,
    attempt: clock.attempt,
    state: clock.state,
    started_at: new Date(clock.anchored_at).toISOString(),
    due_at: text(dueAt(calendars, clock)),
    percent: Math.round(percentOf(calendars, clock, now) * 10) / 10,
    breached_at: text(clock.breached_at),
    by_reclassification: clock.by_reclassification,
    ended_at: text(clock.ended_at),
  };
}
