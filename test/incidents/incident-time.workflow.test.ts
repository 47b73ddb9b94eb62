// R4 for clocks: a critical incident over 30 days on a server on which days pass at once; every threshold at its
// moment, once, and a move back resets nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REOPEN_WINDOW_DAYS } from '../../domain/incidents/rules.js';
import * as messages from '../../workflows/incidents/messages.js';
import { type FakeIncident, policyOf } from '../support/fakes/incident-activities.js';
import { by, type IncidentTime, startIncidentTime } from '../support/incident-time.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const POLICY = policyOf({ acknowledge: 15 * MINUTE, contain: 4 * HOUR, resolve: 24 * HOUR });

let time: IncidentTime;
beforeAll(async () => {
  time = await startIncidentTime();
});
afterAll(() => time.close());

/** When each of a clock's thresholds was told, relative to its anchor, in minutes. */
function moments(incident: FakeIncident, kind: string, attempt = 1): Map<number, number> {
  const told = new Map<number, number>();
  for (const { change } of incident.changes) {
    const clock = change.clocks.find((one) => one.kind === kind && one.attempt === attempt);
    for (const percent of clock?.fired ?? [])
      if (clock && !told.has(percent))
        told.set(percent, Math.round((change.at - clock.anchored_at) / MINUTE));
  }
  return told;
}

test('a critical incident over all phases and 30 days', { timeout: 90_000 }, async () => {
  await time.play(POLICY, 'critical', async ({ incident, handle, wait, move }) => {
    await wait(30 * MINUTE);
    const acknowledge = moments(incident, 'acknowledge');
    expect([...acknowledge.keys()]).toEqual([50, 75, 100, 150]);
    expect(acknowledge.get(100)).toBeGreaterThanOrEqual(15);
    expect(acknowledge.get(100)).toBeLessThanOrEqual(16);
    await handle.executeUpdate(messages.acknowledgeUpdate, { args: [by()] });
    await move('detection', 'analysis');
    await move('analysis', 'containment');
    await wait(2 * HOUR);
    await move('containment', 'eradication');
    const clocks = incident.changes.at(-1)?.change.clocks ?? [];
    expect(clocks.find(({ kind }) => kind === 'contain')).toMatchObject({ state: 'met', attempt: 1 });
    await wait(10 * HOUR);
    // the attacker is back: the same clock goes on with what was left of it
    await move('eradication', 'containment');
    await wait(3 * HOUR);
    const contain = moments(incident, 'contain');
    // two and a half hours before, and the ten hours in between do not count: breached 1.5 hours after the return
    expect(contain.get(100)).toBeGreaterThanOrEqual(14 * 60 - 1);
    expect(contain.get(100)).toBeLessThanOrEqual(14 * 60 + 2);
    await wait(2 * DAY);
    expect([...moments(incident, 'resolve').keys()]).toEqual([50, 75, 100, 150]);
    await move('containment', 'eradication');
    await move('eradication', 'recovery');
    await wait(10 * DAY);
    await move('recovery', 'post_incident');
    await wait(3 * DAY);
    await handle.executeUpdate(messages.closeUpdate, { args: [{ ...by(), resolution: 'resolved' }] });
    await wait((REOPEN_WINDOW_DAYS + 1) * DAY);
    expect(await handle.result()).toEqual({ status: 'closed' });
    const breaches = incident.told().filter((told) => told.startsWith('sla_breached'));
    // nobody looked after it for days: its acknowledgement decayed, and that clock began anew
    expect(breaches.filter((told) => told.includes(' contain '))).toHaveLength(1);
    expect(breaches.filter((told) => told.includes(' resolve '))).toHaveLength(1);
    expect(incident.told()).toContain('ack_check');
    expect(incident.told()).toContain('ack_decayed');
  });
});

test('severity up breaches by reclassification, in one notice', { timeout: 60_000 }, async () => {
  await time.play(POLICY, 'informational', async ({ incident, handle, wait }) => {
    // informational: 16 times the targets of critical
    await wait(3 * HOUR);
    expect(incident.told().filter((told) => told.startsWith('sla_breached'))).toEqual([]);
    await handle.executeUpdate(messages.changeUpdate, { args: [{ ...by(), severity: 'critical' }] });
    const [change] = incident.changes.slice(-1);
    const clock = change?.change.clocks.find(({ kind }) => kind === 'acknowledge');
    expect(clock).toMatchObject({ state: 'breached', by_reclassification: true, fired: [50, 75, 100, 150] });
    const notices = change?.change.notices.filter(({ clock_kind }) => clock_kind === 'acknowledge');
    expect(notices).toHaveLength(1);
  });
});
