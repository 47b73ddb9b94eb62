// What responders establish, decide and file about the duties of an incident, and what it does to clocks. Pure.
import { type Clock, endClock, startClock } from './clocks.js';
import {
  anchorName,
  type Decision,
  type Happening,
  type IncidentEvent,
  isRepeatable,
  isRunning,
  type Obligation,
  startedBy,
  tighten,
  type Verdicts,
} from './obligations.js';
import {
  type Actor,
  type Change,
  type Entry,
  type IncidentState,
  nextAttempt,
  NOTHING,
  type Refusal,
} from './state.js';

export interface EventFact {
  event: IncidentEvent;
  occurred_at: number;
  /** What the contract sets; null for every other event. */
  notice_hours: number | null;
  /** What the policy decides of the duties that it starts, and which policy that was. */
  applies?: Verdicts;
  policy_revision?: string | null;
}

export function refuseEvent(state: IncidentState, { event }: EventFact): Refusal | undefined {
  const known = (state.obligations ?? []).some(({ anchor_event }) => anchor_event === event);
  return known && !isRepeatable(event)
    ? conflict(`${event} is on record already, and its deadlines run from it`)
    : undefined;
}

export function recordEvent(state: IncidentState, fact: EventFact, actor: Actor): Change {
  const { event, occurred_at, notice_hours, applies, policy_revision = null } = fact;
  const tightened = (state.obligations ?? [])
    .filter((obligation) => obligation.submitted_at === null)
    .flatMap((obligation) => {
      const moved = tighten(obligation, event, occurred_at);
      return moved === obligation ? [] : [moved];
    });
  const data = { event, occurred_at: new Date(occurred_at).toISOString(), notice_hours };
  const told: Entry = { event_type: 'event_recorded', data, actor_id: actor.actor_id };
  const begun = begin(state, { anchor: { event }, at: occurred_at, notice_hours, applies }, actor);
  const decided = begun.obligations
    .filter(({ decision }) => decision !== 'undecided')
    .map(({ id, code, decision }): Entry => ({
      event_type: 'obligation_decided',
      data: { obligation_id: id, code, decision, from: 'undecided', policy_revision },
      actor_id: null,
    }));
  return {
    ...NOTHING,
    at: actor.now,
    clocks: [...tightened.flatMap((obligation) => sooner(state, obligation)), ...begun.clocks],
    obligations: [...tightened, ...begun.obligations],
    entries: [told, ...tightened.map((obligation) => dueEntry(obligation)), ...begun.entries, ...decided],
  };
}

interface Begun {
  obligations: Obligation[];
  clocks: Clock[];
  entries: Entry[];
}

function begin(state: IncidentState, happening: Happening, { newId }: Actor): Begun {
  const known = state.obligations ?? [];
  const name = anchorName(happening.anchor);
  const obligations = startedBy(happening, known, newId);
  return {
    obligations,
    clocks: obligations.filter(isRunning).map((obligation) => clockOf(state, obligation, name, newId)),
    entries: obligations.filter(isRunning).map((obligation) => dueEntry(obligation)),
  };
}

function dueEntry({ id, code, anchor_event, due_at }: Obligation): Entry {
  const data = { obligation_id: id, code, anchor_event, due_at: new Date(due_at).toISOString() };
  return { event_type: 'obligation_due', data, actor_id: null };
}

function clockOf(
  state: IncidentState,
  { id, anchored_at, due_at }: Obligation,
  anchor_event: string,
  newId: () => string,
): Clock {
  const kind = `regulatory:${id}`;
  const attempt = nextAttempt(state, kind);
  const target = { ms: due_at - anchored_at };
  const start = { id: newId(), kind, attempt, anchor_event, anchored_at, target, calendar: null };
  return startClock(state.policy.calendars, start);
}

function sooner(state: IncidentState, { id, anchored_at, due_at }: Obligation): Clock[] {
  const ms = due_at - anchored_at;
  return openClocks(state, id).map((clock) => ({ ...clock, target: { ms }, target_ms: ms }));
}

function openClocks(state: IncidentState, obligation_id: string): Clock[] {
  return state.clocks.filter(
    ({ kind, ended_at }) => kind === `regulatory:${obligation_id}` && ended_at === null,
  );
}

function ended(state: IncidentState, obligation_id: string, now: number, as: 'met' | 'cancelled'): Clock[] {
  return openClocks(state, obligation_id).map((clock) => endClock(state.policy.calendars, clock, now, as));
}

function conflict(detail: string): Refusal {
  return { code: 'CONFLICT', detail };
}

function find(state: IncidentState, obligation_id: string): Obligation | undefined {
  return state.obligations?.find(({ id }) => id === obligation_id);
}

/** Filed and waived are final. */
export function refuseOnObligation(state: IncidentState, obligation_id: string): Refusal | undefined {
  const obligation = find(state, obligation_id);
  if (!obligation) return conflict('the obligation is not known');
  if (obligation.submitted_at !== null) return conflict('it is submitted already');
  return obligation.waived_at === null ? undefined : conflict('it is waived already');
}

export function refuseDecision(
  state: IncidentState,
  { obligation_id, decision }: { obligation_id: string; decision: Decision },
): Refusal | undefined {
  const refused = refuseOnObligation(state, obligation_id);
  if (refused) return refused;
  return find(state, obligation_id)?.decision === decision
    ? conflict(`it is decided as ${decision} already`)
    : undefined;
}

/** Not required stops the clock; taken back, it runs on from the same anchor. */
export function decideObligation(
  state: IncidentState,
  { obligation_id, decision }: { obligation_id: string; decision: Decision },
  actor: Actor,
): Change {
  const { now, actor_id, newId } = actor;
  return onObligation(state, obligation_id, actor, (before) => {
    const obligation = { ...before, decision, decided_by: actor_id };
    const clocks = isRunning(obligation)
      ? isRunning(before)
        ? []
        : [clockOf(state, obligation, obligation.anchor_event, newId)]
      : ended(state, obligation_id, now, 'cancelled');
    return {
      obligation,
      clocks,
      event_type: 'obligation_decided',
      data: { decision, from: before.decision },
    };
  });
}

export function refuseSubmission(state: IncidentState, obligation_id: string): Refusal | undefined {
  const refused = refuseOnObligation(state, obligation_id);
  if (refused) return refused;
  return find(state, obligation_id)?.decision === 'not_required'
    ? conflict('it is decided as not_required: decide anew first')
    : undefined;
}

/** Ends its clock, and starts what the regime counts from this submission. */
export function submitObligation(
  state: IncidentState,
  filed: { obligation_id: string; submitted_at: number; receipt_sha256: string },
  actor: Actor,
): Change {
  const { obligation_id, submitted_at, receipt_sha256 } = filed;
  const { now, actor_id } = actor;
  const change = onObligation(state, obligation_id, actor, (before) => ({
    obligation: {
      ...before,
      ...(before.decision === 'undecided' && { decision: 'required' as const, decided_by: actor_id }),
      submitted_at,
      submitted_by: actor_id,
      receipt_sha256,
    },
    clocks: ended(state, obligation_id, now, 'met'),
    event_type: 'obligation_submitted',
    data: { submitted_at: new Date(submitted_at).toISOString(), receipt_sha256 },
  }));
  const [obligation] = change.obligations ?? [];
  if (!obligation) return change;
  const begun = begin(state, { anchor: { submission_of: obligation.code }, at: submitted_at }, actor);
  return {
    ...change,
    clocks: [...change.clocks, ...begun.clocks],
    obligations: [obligation, ...begun.obligations],
    entries: [...change.entries, ...begun.entries],
  };
}

export function waiveObligation(state: IncidentState, obligation_id: string, actor: Actor): Change {
  const { now, actor_id } = actor;
  return onObligation(state, obligation_id, actor, (before) => ({
    obligation: { ...before, waived_at: now, waived_by: actor_id },
    clocks: ended(state, obligation_id, now, 'cancelled'),
    event_type: 'obligation_waived',
    data: {},
  }));
}

interface Work {
  obligation: Obligation;
  clocks: Clock[];
  event_type: string;
  data: Entry['data'];
}

function onObligation(
  state: IncidentState,
  obligation_id: string,
  { actor_id, now }: Actor,
  work: (before: Obligation) => Work,
): Change {
  const before = find(state, obligation_id);
  if (!before) return { ...NOTHING, at: now };
  const { obligation, clocks, event_type, data } = work(before);
  const told = { event_type, data: { obligation_id, code: before.code, ...data }, actor_id };
  return { ...NOTHING, at: now, clocks, obligations: [obligation], entries: [told] };
}

/** Duties outlive the incident: its workflow stays until the last of them is filed, waived or found not to apply. */
export function hasOpenObligation(state: IncidentState): boolean {
  return (state.obligations ?? []).some(isRunning);
}
