// R4 for duties to report: which event or submission starts which, until when, and what stops its clock.
import { describe, expect, test } from 'vitest';
import { ring } from '../../domain/incidents/ringing.js';
import { isOpen } from '../../domain/incidents/clocks.js';
import * as commands from '../../domain/incidents/commands.js';
import * as duties from '../../domain/incidents/obligation-commands.js';
import { deadline, type IncidentEvent, OBLIGATION_TEMPLATES } from '../../domain/incidents/obligations.js';
import { apply, type Change, type IncidentState } from '../../domain/incidents/state.js';
import { policyOf } from '../support/fakes/incident-activities.js';

const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

let ids = 0;
const actor = (now: number, actor_id = 'ann') => ({ actor_id, now, newId: () => `id-${String((ids += 1))}` });

function open(): IncidentState {
  return {
    phase: 'detection',
    status: 'open',
    severity: 'high',
    commander_id: null,
    assignee_id: null,
    acknowledged_at: null,
    acknowledged_by: null,
    closed_at: null,
    resolution: null,
    pending_severity: null,
    pending_severity_by: null,
    visit_no: 1,
    active_at: 0,
    asked_at: null,
    policy: policyOf({ acknowledge: HOUR, contain: HOUR, resolve: HOUR }),
    anchored_at: 0,
    clocks: [],
  };
}

class Incident {
  state = open();
  take(change: Change): this {
    this.state = apply(this.state, change);
    return this;
  }
  event(event: IncidentEvent, occurred_at: string, notice_hours: number | null = null): this {
    const fact = { event, occurred_at: at(occurred_at), notice_hours };
    expect(duties.refuseEvent(this.state, fact)).toBeUndefined();
    return this.take(duties.recordEvent(this.state, fact, actor(at(occurred_at))));
  }
  of(code: string) {
    const found = this.state.obligations?.find((one) => one.code === code);
    if (!found) throw new Error(`${code} has not started`);
    return found;
  }
  clock(code: string) {
    const clocks = this.state.clocks.filter(({ kind }) => kind === `regulatory:${this.of(code).id}`);
    const last = clocks.at(-1);
    if (!last) throw new Error(`${code} has no clock`);
    return last;
  }
  submit(code: string, submitted: string): this {
    const filed = { obligation_id: this.of(code).id, submitted_at: at(submitted), receipt_sha256: 'ab' };
    expect(duties.refuseSubmission(this.state, filed.obligation_id)).toBeUndefined();
    return this.take(duties.submitObligation(this.state, filed, actor(at(submitted))));
  }
  decide(code: string, decision: 'required' | 'not_required', now: number): this {
    const wanted = { obligation_id: this.of(code).id, decision };
    expect(duties.refuseDecision(this.state, wanted)).toBeUndefined();
    return this.take(duties.decideObligation(this.state, wanted, actor(now)));
  }
  codes(): string[] {
    return (this.state.obligations ?? []).map(({ code }) => code);
  }
}

test('the policy decides at the event: what does not apply has no clock until a person says otherwise', () => {
  const incident = new Incident();
  const fact = {
    event: 'awareness_confirmed' as const,
    occurred_at: at('2026-01-05T10:00:00Z'),
    notice_hours: null,
    applies: { gdpr_33: 'required', uk_gdpr_33: 'not_required', nis2_final: 'required' } as const,
    policy_revision: 'abc',
  };
  const change = duties.recordEvent(incident.state, fact, actor(fact.occurred_at));
  incident.take(change);
  expect(incident.of('gdpr_33')).toMatchObject({ decision: 'required', decided_by: null });
  expect(incident.of('uk_gdpr_33').decision).toBe('not_required');
  expect(incident.state.clocks).toHaveLength(1);
  expect(
    change.entries.map(({ event_type, actor_id, data }) => [event_type, actor_id, data['code'] ?? null]),
  ).toEqual([
    ['event_recorded', 'ann', null],
    ['obligation_due', null, 'gdpr_33'],
    ['obligation_decided', null, 'gdpr_33'],
    ['obligation_decided', null, 'uk_gdpr_33'],
  ]);
  incident.decide('uk_gdpr_33', 'required', fact.occurred_at + HOUR);
  expect(incident.clock('uk_gdpr_33')).toMatchObject({ anchored_at: fact.occurred_at, state: 'running' });
});

describe('deadlines', () => {
  test.each([
    ['hours', '2026-01-30T22:00:00Z', 72, '2026-02-02T22:00:00.000Z'],
    ['calendar_days', '2026-01-30T22:00:00Z', 60, '2026-03-31T22:00:00.000Z'],
    ['months', '2026-01-31T10:00:00Z', 1, '2026-02-28T10:00:00.000Z'],
    ['months', '2028-01-31T10:00:00Z', 1, '2028-02-29T10:00:00.000Z'],
    ['months', '2026-12-31T10:00:00Z', 1, '2027-01-31T10:00:00.000Z'],
    // New York: 10:00 on a Thursday, and the Wednesday after
    ['business_days', '2026-01-29T15:00:00Z', 4, '2026-02-04T15:00:00.000Z'],
    // determined on a Saturday: Monday is the first of the four, so Thursday is over
    ['business_days', '2026-01-31T15:00:00Z', 4, '2026-02-06T05:00:00.000Z'],
  ] as const)('%s from %s', (unit, from, amount, due) => {
    expect(iso(deadline(unit, at(from), amount))).toBe(due);
  });

  test.each([
    ['awareness_confirmed', { gdpr_33: '2026-02-03T10:00:00.000Z', uk_gdpr_33: '2026-02-03T10:00:00.000Z' }],
    [
      'significance_determined',
      { nis2_early_warning: '2026-02-01T10:00:00.000Z', nis2_notification: '2026-02-03T10:00:00.000Z' },
    ],
    ['classified_major', { dora_initial: '2026-01-31T14:00:00.000Z' }],
    ['determined_material', { sec_8k_105: '2026-02-06T05:00:00.000Z' }],
    [
      'breach_discovered',
      {
        hipaa_individuals: '2026-04-01T10:00:00.000Z',
        hipaa_media: '2026-04-01T10:00:00.000Z',
        hipaa_hhs: '2026-04-01T10:00:00.000Z',
      },
    ],
  ] as const)('%s starts its duties and no others', (event, due) => {
    const incident = new Incident().event(event, '2026-01-31T10:00:00Z');
    const found = incident.state.obligations?.map(({ code, due_at }) => [code, iso(due_at)]);
    expect(Object.fromEntries(found ?? [])).toEqual(due);
    for (const code of incident.codes()) expect(isOpen(incident.clock(code))).toBe(true);
  });

  test('every template has its source and can be started', () => {
    const events = OBLIGATION_TEMPLATES.map(({ anchor }) => ('event' in anchor ? anchor.event : null));
    expect(events).not.toHaveLength(0);
    for (const { source, anchor } of OBLIGATION_TEMPLATES) {
      expect(source).not.toBe('');
      if ('submission_of' in anchor)
        expect(OBLIGATION_TEMPLATES.map(({ code }) => code)).toContain(anchor.submission_of);
    }
  });
});

test('NIS2: the final report counts from the submission of the notification, clamped to the end of the month', () => {
  const incident = new Incident().event('significance_determined', '2026-01-29T10:00:00Z');
  incident.submit('nis2_early_warning', '2026-01-29T20:00:00Z');
  expect(incident.codes()).not.toContain('nis2_final');
  incident.submit('nis2_notification', '2026-01-31T09:00:00Z');
  expect(incident.of('nis2_final')).toMatchObject({ anchor_event: 'submission_of:nis2_notification' });
  expect(iso(incident.of('nis2_final').due_at)).toBe('2026-02-28T09:00:00.000Z');
  expect(incident.clock('nis2_notification').state).toBe('met');
  expect(duties.hasOpenObligation(incident.state)).toBe(true);
  incident.submit('nis2_final', '2026-02-20T09:00:00Z');
  expect(duties.hasOpenObligation(incident.state)).toBe(false);
});

test('DORA: four hours from classification, but not later than a day after awareness, in whichever order they come', () => {
  const major = '2026-01-29T10:00:00Z';
  const aware = '2026-01-28T12:00:00Z';
  const first = new Incident().event('awareness_confirmed', aware).event('classified_major', major);
  const second = new Incident().event('classified_major', major).event('awareness_confirmed', aware);
  for (const incident of [first, second]) {
    expect(iso(incident.of('dora_initial').due_at)).toBe('2026-01-29T12:00:00.000Z');
    expect(incident.clock('dora_initial').target_ms).toBe(2 * HOUR);
  }
  const late = new Incident().event('awareness_confirmed', '2026-01-20T12:00:00Z');
  expect(iso(late.event('classified_major', major).of('dora_initial').due_at)).toBe(
    '2026-01-29T14:00:00.000Z',
  );
  first.submit('dora_initial', '2026-01-29T11:00:00Z').submit('dora_intermediate', '2026-01-31T11:00:00Z');
  expect(iso(first.of('dora_intermediate').due_at)).toBe('2026-02-01T11:00:00.000Z');
  expect(iso(first.of('dora_final').due_at)).toBe('2026-02-28T11:00:00.000Z');
});

test('a contract says its own hours, and several contracts may', () => {
  const incident = new Incident()
    .event('contract_clause_triggered', '2026-01-29T10:00:00Z', 24)
    .event('contract_clause_triggered', '2026-01-29T10:00:00Z', 48);
  expect(incident.state.obligations?.map(({ due_at, anchored_at }) => (due_at - anchored_at) / HOUR)).toEqual(
    [24, 48],
  );
});

test('undecided counts down and breaches; not required stops the clock; taken back, it counts from the same anchor', () => {
  const begun = '2026-01-29T10:00:00Z';
  const incident = new Incident().event('awareness_confirmed', begun);
  const { id } = incident.clock('gdpr_33');
  expect(commands.refuseClockPause(incident.state, id, at(begun) + 1)?.detail).toContain('cannot be paused');
  incident.decide('uk_gdpr_33', 'not_required', at(begun) + HOUR);
  expect(incident.clock('uk_gdpr_33').state).toBe('cancelled');
  const rung = ring(incident.state, at(begun) + 73 * HOUR);
  if (!rung) throw new Error('nothing was told');
  incident.take(rung);
  expect(incident.clock('gdpr_33')).toMatchObject({ state: 'breached', breached_at: at(begun) + 72 * HOUR });
  expect(incident.clock('uk_gdpr_33').breached_at).toBeNull();
  incident.decide('uk_gdpr_33', 'required', at(begun) + 74 * HOUR);
  expect(incident.clock('uk_gdpr_33')).toMatchObject({
    attempt: 2,
    anchored_at: at(begun),
    state: 'running',
  });
});

test('refuses what is on record, filed, waived or found not to apply', () => {
  const begun = '2026-01-29T10:00:00Z';
  const incident = new Incident().event('awareness_confirmed', begun);
  const again = { event: 'awareness_confirmed' as const, occurred_at: 0, notice_hours: null };
  expect(duties.refuseEvent(incident.state, again)?.code).toBe('CONFLICT');
  const { id } = incident.of('gdpr_33');
  incident.decide('gdpr_33', 'not_required', at(begun));
  expect(
    duties.refuseDecision(incident.state, { obligation_id: id, decision: 'not_required' }),
  ).toBeDefined();
  expect(duties.refuseSubmission(incident.state, id)?.detail).toContain('decide anew');
  incident.take(duties.waiveObligation(incident.state, id, actor(at(begun))));
  expect(duties.refuseOnObligation(incident.state, id)?.detail).toContain('waived');
  incident.submit('uk_gdpr_33', begun);
  expect(duties.refuseOnObligation(incident.state, incident.of('uk_gdpr_33').id)?.detail).toContain(
    'submitted',
  );
  expect(duties.refuseOnObligation(incident.state, 'another')?.code).toBe('CONFLICT');
});
