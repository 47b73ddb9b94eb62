// What an incident says by itself when time has passed: thresholds, breaches, an acknowledgement that decays. Pure.
import { nextWake as nextClock, percentages, type SlaPolicy } from './clocks.js';
import { due, type Due, openingClocks } from './sla.js';
import { type Change, type Entry, type IncidentState, nextAttempt, NOTHING, type Notice } from './state.js';

/** Later than this counts as late: the workers were away. */
const LATE_MS = 10_000;

/** What the clocks have to say now, or undefined. */
export function ring(state: IncidentState, now: number): Change | undefined {
  const told = tell(state.policy, due(state.policy, state.clocks, now), now);
  return told.clocks.length === 0 ? undefined : { ...NOTHING, at: now, ...told };
}

/** Entries and notices of what is due; one of each per clock, however many thresholds it has passed. */
export function tell(
  policy: SlaPolicy,
  dues: readonly Due[],
  now: number,
): Pick<Change, 'clocks' | 'entries' | 'notices'> {
  const entries: Entry[] = [];
  const notices: Notice[] = [];
  for (const { clock, thresholds, repeated, resumed } of dues) {
    if (resumed)
      entries.push({ event_type: 'clock_resumed', data: { clock: clock.kind, cap: true }, actor_id: null });
    const percent = Math.max(
      0,
      ...(repeated ? clock.fired : thresholds.map((threshold) => threshold.percent)),
    );
    if (percent === 0) continue;
    // of the first that was passed: what came last may be just in time
    const late_ms = now - Math.min(...thresholds.map(({ at }) => at), now);
    const late = late_ms > LATE_MS && !clock.by_reclassification;
    const audience = [
      ...new Set(
        policy.ladder
          .filter((level) =>
            repeated ? level.percent === percent : thresholds.some((t) => t.percent === level.percent),
          )
          .flatMap((level) => level.audience),
      ),
    ];
    const breach = thresholds.some(({ percent: share, at }) => share >= 100 && at === clock.breached_at);
    const event = breach ? 'sla_breached' : repeated ? 'sla_reminder' : 'sla_threshold';
    const { by_reclassification } = clock;
    const data = { clock: clock.kind, percent, late_ms: late ? late_ms : 0, by_reclassification };
    entries.push({ event_type: event, data, actor_id: null });
    notices.push({ event, clock_kind: clock.kind, percent, audience, late });
  }
  return { clocks: dues.map(({ clock }) => clock), entries, notices };
}

/** When an acknowledgement is asked about, or taken back: twice the target without activity, then once more. */
function decayMoment(state: IncidentState): number | undefined {
  const target = state.clocks.find(({ kind }) => kind === 'acknowledge')?.target_ms;
  if (target === undefined || state.acknowledged_at === null) return undefined;
  if (state.phase === 'post_incident') return undefined;
  return state.asked_at === null ? state.active_at + 2 * target : state.asked_at + target;
}

/** Nobody has answered: the incident is unclaimed again and its escalation starts anew. */
export function decay(state: IncidentState, now: number, newId: () => string): Change | undefined {
  const moment = decayMoment(state);
  if (moment === undefined || moment > now) return undefined;
  if (state.asked_at === null) {
    const notice = {
      event: 'ack_check',
      clock_kind: 'acknowledge',
      percent: 0,
      audience: ['assignee'],
      late: false,
    };
    return {
      ...NOTHING,
      at: now,
      set: { asked_at: now },
      entries: [{ event_type: 'ack_check', data: {}, actor_id: null }],
      notices: [notice],
    };
  }
  const opening = {
    severity: state.severity,
    anchored_at: now,
    anchor_event: 'ack_decayed',
    attempt: nextAttempt(state, 'acknowledge'),
    newId,
  };
  return {
    ...NOTHING,
    at: now,
    set: { acknowledged_at: null, acknowledged_by: null, asked_at: null },
    clocks: openingClocks(state.policy, opening, ['acknowledge']),
    entries: [{ event_type: 'ack_decayed', data: {}, actor_id: null }],
  };
}

/** The one timer of an incident; undefined when nothing is left to wait for. */
export function nextWake(state: IncidentState): number | undefined {
  const moments = [
    nextClock(state.policy.calendars, state.clocks, percentages(state.policy)),
    decayMoment(state),
  ];
  const known = moments.filter((moment) => moment !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
