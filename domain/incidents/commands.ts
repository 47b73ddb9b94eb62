// What each command makes of an incident, and when it is refused. Pure: state and time in, change out.
import {
  canPause,
  type Clock,
  endClock,
  pauseCap,
  pauseClock,
  type PauseReason,
  resumeClock,
} from './clocks.js';
import { tell } from './ringing.js';
import {
  type IncidentSeverity,
  moveKind,
  moveRefusal,
  needsConfirmation,
  type Phase,
  REOPEN_WINDOW_DAYS,
  type Resolution,
  severityStep,
  statusAfterMove,
} from './rules.js';
import { clocksAfterMove, clocksAfterSeverity, clocksCalledOff, due, replace } from './sla.js';
import {
  type Actor,
  apply,
  type Change,
  type Entry,
  type IncidentState,
  merge,
  NOTHING,
  type Refusal,
} from './state.js';

const DAY_MS = 86_400_000;

export interface Transition {
  /** As the caller saw it: of two responders at the same moment one wins. */
  from: Phase;
  to: Phase;
}

export function refuseTransition(
  state: IncidentState,
  { from, to }: Transition,
  now: number,
): Refusal | undefined {
  if (state.phase !== from) {
    const detail = `the incident is in ${state.phase} by now, not in ${from}`;
    return { code: 'CONFLICT', detail };
  }
  const refused = moveRefusal(from, to);
  if (refused !== undefined) return { code: 'CONFLICT', detail: refused };
  if (state.closed_at !== null && now > state.closed_at + REOPEN_WINDOW_DAYS * DAY_MS)
    return {
      code: 'CONFLICT',
      detail: `closed more than ${REOPEN_WINDOW_DAYS} days ago: open a new incident`,
    };
  return undefined;
}

export function transition(state: IncidentState, { from, to }: Transition, actor: Actor): Change {
  const kind = moveKind(from, to) ?? 'forward';
  const { now, newId } = actor;
  const move = { to, kind, severity: state.severity, now, newId };
  const entry = { event_type: 'phase_transition', data: { from, to, kind }, actor_id: actor.actor_id };
  return {
    ...NOTHING,
    at: now,
    set: {
      phase: to,
      status: statusAfterMove(to, kind),
      visit_no: state.visit_no + 1,
      ...(kind === 'reopen' && { closed_at: null, resolution: null }),
    },
    visit: { kind, phase: to },
    clocks: clocksAfterMove(state.policy, state.clocks, move),
    entries: [entry],
  };
}

export function refuseSeverity(state: IncidentState, to: IncidentSeverity): Refusal | undefined {
  if (state.closed_at !== null) return { code: 'CONFLICT', detail: 'the incident is closed' };
  if (state.severity === to) return { code: 'CONFLICT', detail: `the severity is ${to} already` };
  return undefined;
}

/** A lowering from critical is only asked for; everything else takes effect, clocks included. */
export function setSeverity(state: IncidentState, to: IncidentSeverity, actor: Actor): Change {
  const { severity: from } = state;
  const data = { from, to };
  if (needsConfirmation(from, to)) {
    return {
      ...NOTHING,
      at: actor.now,
      set: { pending_severity: to, pending_severity_by: actor.actor_id },
      entries: [{ event_type: 'severity_change_requested', data, actor_id: actor.actor_id }],
    };
  }
  return reclassify(state, to, actor, { event_type: 'severity_changed', data, actor_id: actor.actor_id });
}

export function refuseConfirmation(state: IncidentState, actor_id: string): Refusal | undefined {
  if (state.pending_severity === null) return { code: 'CONFLICT', detail: 'no change of severity waits' };
  if (state.pending_severity_by === actor_id)
    return { code: 'FORBIDDEN', detail: 'another person than the one who asked has to confirm' };
  return undefined;
}

export function confirmSeverity(state: IncidentState, actor: Actor): Change {
  const { severity: from, pending_severity } = state;
  const to = pending_severity ?? from;
  const data = { from, to, asked_by: state.pending_severity_by };
  return reclassify(state, to, actor, { event_type: 'severity_changed', data, actor_id: actor.actor_id });
}

function reclassify(state: IncidentState, to: IncidentSeverity, actor: Actor, entry: Entry): Change {
  const { severity: from, phase, anchored_at } = state;
  const { now, newId } = actor;
  const moved = clocksAfterSeverity(state.policy, state.clocks, { from, to, phase, anchored_at, now, newId });
  const after = replace(state.clocks, moved);
  const broken = due(state.policy, after, now, severityStep(from, to) > 0);
  const told = tell(state.policy, broken, now);
  return {
    ...NOTHING,
    at: now,
    set: { severity: to, pending_severity: null, pending_severity_by: null },
    clocks: replace(moved, told.clocks),
    entries: [entry, ...told.entries],
    notices: told.notices,
  };
}

export function refuseAcknowledge(state: IncidentState): Refusal | undefined {
  if (state.acknowledged_at !== null) return { code: 'CONFLICT', detail: 'it is acknowledged already' };
  if (state.closed_at !== null) return { code: 'CONFLICT', detail: 'the incident is closed' };
  return undefined;
}

/** Only a person's act stops the clock: claiming it, or taking command. */
export function acknowledge(state: IncidentState, actor: Actor): Change {
  const { now, actor_id } = actor;
  return {
    ...NOTHING,
    at: now,
    set: { acknowledged_at: now, acknowledged_by: actor_id, assignee_id: state.assignee_id ?? actor_id },
    clocks: ended(state, 'acknowledge', now),
    entries: [{ event_type: 'acknowledged', data: {}, actor_id }],
  };
}

export interface Reassignment {
  severity?: IncidentSeverity;
  commander_id?: string | null;
  assignee_id?: string | null;
}

/** Severity and people in one act: all of it or nothing. */
export function change(state: IncidentState, wanted: Reassignment, actor: Actor): Change {
  const { severity, commander_id, assignee_id } = wanted;
  let made: Change = { ...NOTHING, at: actor.now };
  if (severity !== undefined) made = merge(made, setSeverity(state, severity, actor));
  if (commander_id !== undefined)
    made = merge(made, assignCommander(apply(state, made), commander_id, actor));
  if (assignee_id !== undefined) {
    const data = { from: state.assignee_id, to: assignee_id };
    const entry = { event_type: 'assignee_changed', data, actor_id: actor.actor_id };
    made = merge(made, { ...NOTHING, at: actor.now, set: { assignee_id }, entries: [entry] });
  }
  return made;
}

/** Who accepts command for themselves acknowledges by it; naming another does not. */
function assignCommander(state: IncidentState, commander_id: string | null, actor: Actor): Change {
  const data = { from: state.commander_id, to: commander_id };
  const entry = { event_type: 'commander_changed', data, actor_id: actor.actor_id };
  const change: Change = { ...NOTHING, at: actor.now, set: { commander_id }, entries: [entry] };
  if (commander_id !== actor.actor_id || refuseAcknowledge(state) !== undefined) return change;
  return merge(change, acknowledge(state, actor));
}

export function refuseClockPause(state: IncidentState, clock_id: string, now: number): Refusal | undefined {
  const clock = state.clocks.find(({ id }) => id === clock_id);
  const why = (detail: string): Refusal => ({ code: 'CONFLICT', detail });
  if (!clock || clock.ended_at !== null) return why('the clock does not run');
  if (!canPause(clock)) return why(`a ${clock.kind.split(':')[0]} clock cannot be paused`);
  if (clock.running_since === null) return why('the clock is paused already');
  if (clock.paused_total_ms >= pauseCap(clock)) return why('the clock has stood still for as long as it may');
  return clock.running_since > now ? why('the clock has not begun') : undefined;
}

export function pause(
  state: IncidentState,
  pausing: { clock_id: string; reason: PauseReason },
  actor: Actor,
): Change {
  const { clock_id, reason } = pausing;
  return onClock(state, clock_id, actor, { event_type: 'clock_paused', data: { reason } }, (clock) =>
    pauseClock(state.policy.calendars, clock, actor.now, reason),
  );
}

export function refuseClockResume(state: IncidentState, clock_id: string): Refusal | undefined {
  const clock = state.clocks.find(({ id }) => id === clock_id);
  return clock?.state === 'paused' ? undefined : { code: 'CONFLICT', detail: 'the clock is not paused' };
}

export function resume(state: IncidentState, clock_id: string, actor: Actor): Change {
  return onClock(state, clock_id, actor, { event_type: 'clock_resumed', data: {} }, (clock) =>
    resumeClock(clock, actor.now),
  );
}

function onClock(
  state: IncidentState,
  clock_id: string,
  { actor_id, now }: Actor,
  entry: Pick<Entry, 'event_type' | 'data'>,
  work: (clock: Clock) => Clock,
): Change {
  const clock = state.clocks.find(({ id }) => id === clock_id);
  if (!clock) return { ...NOTHING, at: now };
  const told = { ...entry, data: { ...entry.data, clock: clock.kind }, actor_id };
  return { ...NOTHING, at: now, clocks: [work(clock)], entries: [told] };
}

export function refuseClose(state: IncidentState): Refusal | undefined {
  if (state.status === 'closed') return { code: 'CONFLICT', detail: 'the incident is closed already' };
  if (state.phase !== 'post_incident')
    return {
      code: 'CONFLICT',
      detail: `an incident in ${state.phase} cannot be closed; allowed in: post_incident`,
    };
  return undefined;
}

export function close(state: IncidentState, resolution: Resolution, actor: Actor): Change {
  const { now, actor_id } = actor;
  const open = state.clocks.filter(({ ended_at }) => ended_at === null);
  const off =
    resolution === 'resolved' ? open.map((clock) => endClock(state.policy.calendars, clock, now, 'met')) : [];
  return {
    ...NOTHING,
    at: now,
    set: { status: 'closed', closed_at: now, resolution },
    // a duty to report does not end with the incident
    clocks: (resolution === 'resolved' ? off : clocksCalledOff(state.policy, state.clocks, now)).filter(
      ({ kind }) => !kind.startsWith('regulatory:'),
    ),
    entries: [{ event_type: 'closed', data: { resolution }, actor_id }],
  };
}

function ended(state: IncidentState, kind: string, now: number): Clock[] {
  return state.clocks
    .filter((clock) => clock.kind === kind && clock.ended_at === null)
    .map((clock) => endClock(state.policy.calendars, clock, now, 'met'));
}
