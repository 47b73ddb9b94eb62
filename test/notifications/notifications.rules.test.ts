// Who is written to, when, and how little a message says.
import { describe, expect, test } from 'vitest';
import { letterOf, linkOf, webhookBody } from '../../activities/notifications/content.js';
import type { Outgoing } from '../../db/notifications/repository.js';
import { type Ladder, quietUntil, recipientsOf } from '../../domain/notifications/rules.js';

const NIGHT = { zone: 'Europe/Amsterdam', from: '22:00', to: '07:00' };
const NOON_REST = { zone: 'UTC', from: '12:00', to: '13:30' };
const at = (iso: string): number => Date.parse(iso);
const until = (...call: Parameters<typeof quietUntil>): string | undefined => {
  const end = quietUntil(...call);
  return end === undefined ? undefined : new Date(end).toISOString();
};

describe('quiet hours', () => {
  test.each([
    // summer time: Amsterdam is two hours ahead
    ['2026-07-01T19:59:59Z', undefined],
    ['2026-07-01T20:00:00Z', '2026-07-02T05:00:00.000Z'],
    ['2026-07-02T04:59:59.999Z', '2026-07-02T05:00:00.000Z'],
    ['2026-07-02T05:00:00Z', undefined],
    // the night in which summer time ends has an hour more
    ['2026-10-24T22:30:00Z', '2026-10-25T06:00:00.000Z'],
    ['2026-12-31T23:30:00Z', '2027-01-01T06:00:00.000Z'],
  ])('over midnight, at %s', (iso, end) => {
    expect(until(NIGHT, 'medium', at(iso))).toBe(end);
  });

  test.each([
    ['12:00', '2026-07-01T11:59:00Z', undefined],
    ['12:00', '2026-07-01T12:00:00Z', '2026-07-02T00:00:00.000Z'],
    ['12:00', '2026-07-01T23:59:59Z', '2026-07-02T00:00:00.000Z'],
    ['12:00', '2026-07-02T00:00:00Z', undefined],
    // all day long: until the next day begins
    ['00:00', '2026-07-01T00:01:00Z', '2026-07-02T00:00:00.000Z'],
    ['00:00', '2026-07-01T23:59:59Z', '2026-07-02T00:00:00.000Z'],
  ])('from %s to midnight, at %s', (from, iso, end) => {
    expect(until({ zone: 'UTC', from, to: '24:00' }, 'medium', at(iso))).toBe(end);
  });

  test('end, whatever they are', () => {
    const times = ['00:00', '00:01', '11:59', '12:00', '23:59', '24:00'];
    const moments = ['2026-07-01T00:00:30Z', '2026-07-01T11:59:30Z', '2026-07-01T23:59:30Z'].map(at);
    for (const from of times)
      for (const to of times)
        for (const moment of moments) {
          const end = quietUntil({ zone: 'UTC', from, to }, 'medium', moment) ?? moment;
          expect(end - moment, `${from} to ${to}`).toBeGreaterThanOrEqual(0);
          expect(end - moment, `${from} to ${to}`).toBeLessThanOrEqual(86_400_000);
        }
  });

  test.each([
    ['2026-07-01T11:59:00Z', undefined],
    ['2026-07-01T12:00:00Z', '2026-07-01T13:30:00.000Z'],
    ['2026-07-01T13:29:59Z', '2026-07-01T13:30:00.000Z'],
    ['2026-07-01T13:30:00Z', undefined],
    ['2026-07-01T23:59:00Z', undefined],
  ])('within a day, at %s', (iso, end) => {
    expect(until(NOON_REST, 'low', at(iso))).toBe(end);
  });

  test('nobody sleeps through what is critical or high', () => {
    for (const severity of ['critical', 'high'] as const)
      expect(until(NIGHT, severity, at('2026-07-01T23:00:00Z'))).toBeUndefined();
  });

  test('are none where none are set', () => {
    expect(until(null, 'low', at('2026-07-01T23:00:00Z'))).toBeUndefined();
    expect(until({ ...NIGHT, to: NIGHT.from }, 'low', at('2026-07-01T23:00:00Z'))).toBeUndefined();
  });
});

describe('recipients', () => {
  const ladder: Ladder = {
    assignee_id: 'ann',
    commander_id: 'carl',
    admin_ids: ['ada', 'abe'],
    executive_email: 'boss@acme.example',
  };
  const told = (audience: string[], change: Partial<Ladder> = {}): string[] =>
    recipientsOf(audience, { ...ladder, ...change }).map((each) =>
      each === 'executive' ? each : each.user_id,
    );

  test('are those whom the ladder means, each once', () => {
    expect(told(['assignee'])).toEqual(['ann']);
    expect(told(['commander', 'assignee'], { assignee_id: 'carl' })).toEqual(['carl']);
    expect(told(['admins', 'executive'])).toEqual(['ada', 'abe', 'executive']);
    expect(told([])).toEqual([]);
  });

  test('are the admins where nobody is named', () => {
    expect(told(['assignee'], { assignee_id: null })).toEqual(['ada', 'abe']);
    expect(told(['commander', 'admins'], { commander_id: null })).toEqual(['ada', 'abe']);
    expect(told(['executive'], { executive_email: null })).toEqual(['ada', 'abe']);
  });
});

describe('content', () => {
  const message: Outgoing = {
    id: '0198c0de-0000-7000-8000-000000000001',
    kri_id: null,
    text: null,
    incident_id: '0198c0de-0000-7000-8000-000000000002',
    risk_id: null,
    event: 'sla_breached',
    channel: 'email',
    recipient_id: '0198c0de-0000-7000-8000-000000000003',
    audience: ['admins'],
    severity: 'high',
    clock_kind: 'acknowledge',
    percent: 100,
    late: true,
    state: 'pending',
    attempts: 2,
    last_error: 'unreachable',
    not_before: null,
    created_at: '2026-07-01T12:00:00.000Z',
    sent_at: null,
    ref: 'INC-2026-4',
    webhook_url: 'https://hooks.example.com/secret-path',
    address: 'ann@acme.example',
  };
  const org_id = '0198c0de-0000-7000-8000-000000000004';
  const link = linkOf('https://grc.example.com/', org_id, message);

  test('is ids, numbers and a link, the same at each attempt', () => {
    const body = webhookBody(message, org_id, link);
    expect(JSON.parse(body)).toEqual({
      type: 'incident.sla_breached',
      timestamp: '2026-07-01T12:00:00.000Z',
      data: {
        notification_id: message.id,
        organization_id: org_id,
        incident_id: message.incident_id,
        ref: 'INC-2026-4',
        severity: 'high',
        clock: 'acknowledge',
        percent: 100,
        late: true,
        audience: ['admins'],
        url: `https://grc.example.com/api/v1/orgs/${org_id}/incidents/${message.incident_id ?? ''}`,
      },
    });
    expect(webhookBody({ ...message, attempts: 9, last_error: null }, org_id, link)).toBe(body);
  });

  test('of a letter is a sentence with the reference', () => {
    const { subject, text } = letterOf(message, link);
    expect(subject).toBe('[high] INC-2026-4: the acknowledge target was missed');
    expect(text).toContain('This was due earlier');
    expect(text).toContain(link);
    expect(
      letterOf({ ...message, event: 'sla_threshold', percent: 75, clock_kind: 'regulatory:gdpr' }, link)
        .subject,
    ).toBe('[high] INC-2026-4: 75 % of the regulatory target has passed');
    expect(letterOf({ ...message, event: 'test', incident_id: null }, null).subject).toBe('Test message');
  });

  test('about a risk names it and leads to it', () => {
    const about = {
      ...message,
      incident_id: null,
      risk_id: '0198c0de-0000-7000-8000-000000000007',
      event: 'risk_acceptance_expired' as const,
      ref: 'RISK-12',
      severity: null,
      late: false,
    };
    const url = linkOf('https://grc.example.com', org_id, about);
    expect(url).toBe(`https://grc.example.com/api/v1/orgs/${org_id}/risks/${about.risk_id}`);
    expect(JSON.parse(webhookBody(about, org_id, url))).toMatchObject({
      type: 'risk.acceptance_expired',
      data: { risk_id: about.risk_id, ref: 'RISK-12', url },
    });
    expect(letterOf(about, url).subject).toBe('RISK-12: its acceptance has expired and it is open again');
  });

  test('never holds an address, a secret path or what went wrong before', () => {
    const said = [webhookBody(message, org_id, link), ...Object.values(letterOf(message, link))].join('\n');
    for (const word of ['acme.example', 'secret-path', 'unreachable', '@']) expect(said).not.toContain(word);
  });
});
