// One clock of an incident: a small record and its arithmetic. All instants are UTC milliseconds. Pure.
import { addDays, addElapsed, type Calendar, elapsedBetween } from './calendar.js';
import type { IncidentSeverity } from './rules.js';

export const CLOCK_STATES = ['pending', 'running', 'paused', 'met', 'breached', 'cancelled'] as const;
export type ClockState = (typeof CLOCK_STATES)[number];

export const PAUSE_REASONS = ['waiting_on_vendor', 'waiting_on_customer', 'law_enforcement_hold'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** What is promised: a length of time, or a number of (working) days. */
export interface Target {
  ms?: number;
  days?: number;
}

export interface Clock {
  id: string;
  /** `acknowledge`, `contain`, `resolve`, `update_cadence`, `task:<id>`, `regulatory:<obligation id>`. */
  kind: string;
  attempt: number;
  state: ClockState;
  anchor_event: string;
  anchored_at: number;
  target: Target;
  /** In the calendar's time; fixed when the clock starts. */
  target_ms: number;
  /** Name of the organization's calendar, frozen with the policy; null is 24×7. */
  calendar: string | null;
  accrued_ms: number;
  /** Null while nothing accrues. A breached clock may still be running. */
  running_since: number | null;
  paused_at: number | null;
  paused_reason: PauseReason | null;
  paused_total_ms: number;
  /** Percentages that have fired. */
  fired: number[];
  breached_at: number | null;
  by_reclassification: boolean;
  /** When the last level that repeats is told again; null: not. */
  repeat_at: number | null;
  ended_at: number | null;
}

export type Calendars = Readonly<Record<string, NonNullable<Calendar>>>;

/** Together a clock may stand still for this share of its target, but for at least a day. */
const LEAST_PAUSE_MS = 86_400_000;

function calendarOf(calendars: Calendars, name: string | null): Calendar {
  return name === null ? null : (calendars[name] ?? null);
}

export interface ClockStart {
  id: string;
  kind: string;
  attempt?: number;
  anchor_event: string;
  anchored_at: number;
  target: Target;
  calendar: string | null;
}

/** @throws RangeError for a calendar that never works */
export function startClock(calendars: Calendars, start: ClockStart): Clock {
  const calendar = calendarOf(calendars, start.calendar);
  return {
    id: start.id,
    kind: start.kind,
    attempt: start.attempt ?? 1,
    state: 'running',
    anchor_event: start.anchor_event,
    anchored_at: start.anchored_at,
    target: start.target,
    target_ms: targetMs(calendar, start.anchored_at, start.target),
    calendar: start.calendar,
    accrued_ms: 0,
    running_since: start.anchored_at,
    paused_at: null,
    paused_reason: null,
    paused_total_ms: 0,
    fired: [],
    breached_at: null,
    by_reclassification: false,
    repeat_at: null,
    ended_at: null,
  };
}

function targetMs(calendar: Calendar, anchored_at: number, { ms, days }: Target): number {
  if (days === undefined) return ms ?? 0;
  return elapsedBetween(calendar, anchored_at, addDays(calendar, anchored_at, days)) + (ms ?? 0);
}

export function elapsed(calendars: Calendars, clock: Clock, now: number): number {
  if (clock.running_since === null) return clock.accrued_ms;
  const calendar = calendarOf(calendars, clock.calendar);
  return clock.accrued_ms + elapsedBetween(calendar, clock.running_since, now);
}

/** When so much of the target will have passed; undefined while nothing accrues. */
export function momentOf(calendars: Calendars, clock: Clock, percent: number): number | undefined {
  if (clock.running_since === null) return undefined;
  const missing = (clock.target_ms * percent) / 100 - clock.accrued_ms;
  if (missing <= 0) return clock.running_since;
  return Math.ceil(addElapsed(calendarOf(calendars, clock.calendar), clock.running_since, missing));
}

/** Null while the clock stands still or has ended. */
export function dueAt(calendars: Calendars, clock: Clock): number | null {
  return isOpen(clock) ? (momentOf(calendars, clock, 100) ?? null) : null;
}

export function isOpen(clock: Clock): boolean {
  return clock.ended_at === null && (clock.running_since !== null || clock.state === 'paused');
}

/** Regulatory deadlines and recovery times of the business run whatever one waits for. */
export function canPause(clock: Clock): boolean {
  return !/^(regulatory|business_rto):/.test(clock.kind);
}

export function pauseClock(calendars: Calendars, clock: Clock, now: number, reason: PauseReason): Clock {
  return {
    ...clock,
    state: 'paused',
    accrued_ms: elapsed(calendars, clock, now),
    running_since: null,
    paused_at: now,
    paused_reason: reason,
  };
}

export function resumeClock(clock: Clock, now: number): Clock {
  return {
    ...clock,
    state: clock.breached_at === null ? 'running' : 'breached',
    running_since: now,
    paused_total_ms: clock.paused_total_ms + Math.max(0, now - (clock.paused_at ?? now)),
    paused_at: null,
    paused_reason: null,
  };
}

/** When a paused clock goes on by itself, because it has stood still for as long as it may in all. */
export function pauseEnds(clock: Clock): number | undefined {
  if (clock.state !== 'paused' || clock.paused_at === null) return undefined;
  return clock.paused_at + Math.max(0, pauseCap(clock) - clock.paused_total_ms);
}

export function pauseCap(clock: Clock): number {
  return Math.max(LEAST_PAUSE_MS, clock.target_ms);
}

/** Reached, or given up: a breach stays one. */
export function endClock(calendars: Calendars, clock: Clock, now: number, as: 'met' | 'cancelled'): Clock {
  if (clock.ended_at !== null) return clock;
  return {
    ...clock,
    state: clock.breached_at !== null && as === 'met' ? 'breached' : as,
    accrued_ms: elapsed(calendars, clock, now),
    running_since: null,
    paused_at: null,
    paused_reason: null,
    repeat_at: null,
    ended_at: now,
  };
}

/** A move back: the same clock goes on where it stood, so that bouncing cannot reset it. */
export function reviveClock(clock: Clock, now: number): Clock {
  return {
    ...clock,
    state: clock.breached_at === null ? 'running' : 'breached',
    running_since: now,
    ended_at: null,
  };
}

/**
 * Another target for the same time spent. A heavier severity never gives more time than there was; a lighter one
 * may lengthen only what is not breached yet.
 */
export function retarget(
  calendars: Calendars,
  clock: Clock,
  change: { target: Target; calendar: string | null; now: number; heavier: boolean },
): Clock {
  if (clock.ended_at !== null || clock.breached_at !== null) return clock;
  const { target, now, heavier } = change;
  // time spent is kept in the terms it was spent in: a change of calendar recounts it from the anchor
  const spent =
    change.calendar === clock.calendar
      ? elapsed(calendars, clock, now)
      : elapsedBetween(calendarOf(calendars, change.calendar), clock.anchored_at, now) -
        clock.paused_total_ms;
  const moved: Clock = {
    ...clock,
    target,
    calendar: change.calendar,
    target_ms: targetMs(calendarOf(calendars, change.calendar), clock.anchored_at, target),
    accrued_ms: Math.max(0, spent),
    running_since: clock.running_since === null ? null : now,
  };
  if (!heavier) return moved;
  const before = momentOf(calendars, resumed(clock, now), 100) ?? Infinity;
  const after = momentOf(calendars, resumed(moved, now), 100) ?? Infinity;
  return after <= before ? moved : clock;
}

function resumed(clock: Clock, now: number): Clock {
  return clock.running_since === null ? { ...clock, running_since: now } : clock;
}

export interface Threshold {
  percent: number;
  /** When it was reached. */
  at: number;
}

/** Thresholds passed and not yet fired, lowest first. */
export function passed(
  calendars: Calendars,
  clock: Clock,
  ladder: readonly number[],
  now: number,
): Threshold[] {
  if (clock.running_since === null || clock.ended_at !== null) return [];
  return ladder
    .filter((percent) => !clock.fired.includes(percent))
    .map((percent) => ({ percent, at: momentOf(calendars, clock, percent) ?? Infinity }))
    .filter(({ at }) => at <= now)
    .sort((a, b) => a.percent - b.percent);
}

/** Fired once and for all; from 100 % on the clock is breached. */
export function fire(clock: Clock, thresholds: readonly Threshold[], by_reclassification: boolean): Clock {
  if (thresholds.length === 0) return clock;
  const breach = thresholds.find(({ percent }) => percent >= 100);
  const breaks = breach !== undefined && clock.breached_at === null;
  return {
    ...clock,
    fired: [...clock.fired, ...thresholds.map(({ percent }) => percent)],
    ...(breaks && { state: 'breached' as const, breached_at: breach.at, by_reclassification }),
  };
}

/** The earliest moment at which any clock has something to say: one timer for all of them. */
export function nextWake(
  calendars: Calendars,
  clocks: readonly Clock[],
  ladder: readonly number[],
): number | undefined {
  const moments = clocks.flatMap((clock) => {
    if (clock.ended_at !== null) return [];
    const ends = pauseEnds(clock);
    const next = ladder
      .filter((percent) => !clock.fired.includes(percent))
      .map((percent) => momentOf(calendars, clock, percent));
    return [ends, clock.repeat_at ?? undefined, ...next].filter((moment) => moment !== undefined);
  });
  return moments.length === 0 ? undefined : Math.min(...moments);
}

export interface SlaPolicy {
  /** Hash of what follows: editing the settings never changes a running clock. */
  version: string;
  targets: Readonly<Record<IncidentSeverity, SeverityTargets>>;
  calendars: Calendars;
  ladder: readonly EscalationLevel[];
}

export interface SeverityTargets {
  acknowledge: Target | null;
  contain: Target | null;
  resolve: Target | null;
  /** How often stakeholders hear of it. */
  update_cadence: Target | null;
  calendar: string | null;
}

export const ESCALATION_AUDIENCES = ['assignee', 'commander', 'admins', 'executive'] as const;
export type EscalationAudience = (typeof ESCALATION_AUDIENCES)[number];

export interface EscalationLevel {
  percent: number;
  audience: readonly EscalationAudience[];
  /** Told again so often while the clock runs; null: once. */
  repeat_every_ms: number | null;
}

/** The breach itself is told whatever the ladder says. */
export function percentages(policy: SlaPolicy): number[] {
  return [...new Set([...policy.ladder.map(({ percent }) => percent), 100])];
}

export function percentOf(calendars: Calendars, clock: Clock, now: number): number {
  return clock.target_ms === 0 ? 100 : (elapsed(calendars, clock, now) / clock.target_ms) * 100;
}
