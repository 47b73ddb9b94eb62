import type { Caller } from '../../support/app.js';
import { until } from '../../support/until.js';
import { created, type Ground, type Seeds } from './types.js';

const PAST = '2026-01-27T10:05:00Z';
const INCIDENT = { title: 'Seeded', description: 'Seeded', category: 'phishing', severity: 'critical' };

/** One incident in each state that an operation needs to succeed. */
export async function seedIncidents({ api, founder, email, org_id }: Ground): Promise<Seeds> {
  const path = `/orgs/${org_id}/incidents`;
  const someone = (await api.as(email).get('/users/me')).body.id;
  const add = async (): Promise<string> => await created(founder, path, INCIDENT);
  const main = await add();
  const note = { description: 'To be redacted' };
  const redactable = (await founder.post(`${path}/${main}/timeline`, note)).body.seq;
  const [task, other] = [
    await created(founder, `${path}/${main}/tasks`, { title: 'First' }),
    await created(founder, `${path}/${main}/tasks`, { title: 'Second' }),
  ];
  const [paused, lowered] = [await add(), await add()];
  const running = (await resolveClock(founder, `${path}/${main}`)).id;
  const standing = (await resolveClock(founder, `${path}/${paused}`)).id;
  await founder.post(`${path}/${paused}/clocks/${standing}/pause`, { reason: 'law_enforcement_hold' });
  await until(async () => (await resolveClock(founder, `${path}/${paused}`)).paused_reason !== null);
  await founder.patch(`${path}/${lowered}`, { severity: 'low', notes: 'Seeded' });
  await until(async () => (await founder.get(`${path}/${lowered}`)).body.pending_severity === 'low');
  // whoever sends is in command here, for only the commander and admins waive
  const reported = await created(founder, path, { ...INCIDENT, commander_id: someone });
  const duties = await seedDuties(founder, `${path}/${reported}`);
  const closed = await add();
  await founder.post(`${path}/${closed}/transition`, { new_phase: 'post_incident', notes: 'Seeded' });
  await founder.patch(`${path}/${closed}`, { status: 'closed', resolution: 'false_positive' });
  await until(async () => (await founder.get(`${path}/${closed}`)).body.status === 'closed');
  return {
    '*': {
      incident_id: [main],
      obligation_id: duties,
      task_id: [task],
      clock_id: [running],
      seq: [redactable],
      corrects_seq: [1],
      depends_on: [other],
      commander_id: [someone],
      assignee_id: [someone],
      occurred_at: [PAST],
      submitted_at: [PAST],
    },
    // followed to its end, which an open one has not
    'incidents.events.follow': { incident_id: [closed] },
    'incidents.events.record': { event: ['contract_clause_triggered'], '+notice_hours': [48] },
    'incidents.obligations.decide': { incident_id: [reported] },
    'incidents.obligations.submit': { incident_id: [reported] },
    'incidents.obligations.waive': { incident_id: [reported] },
    'incidents.update': { status: [], resolution: [], severity: ['critical'], '+title': ['Changed'] },
    'incidents.transition': { incident_id: [await add()], expected_phase: [], '+notes': ['Fuzzed'] },
    'incidents.acknowledge': { incident_id: [await add()] },
    'incidents.severity.confirm': { incident_id: [lowered] },
    'incidents.clocks.resume': { incident_id: [paused], clock_id: [standing] },
    'incidents.tasks.update': { '+result': ['Fuzzed'] },
  };
}

/** @returns ids of duties that one fact has started */
async function seedDuties(founder: Caller, path: string): Promise<string[]> {
  const { body } = await founder.post(`${path}/events`, { event: 'breach_discovered', occurred_at: PAST });
  return body.obligations.map(({ id }: { id: string }) => id);
}

interface Clock {
  id: string;
  kind: string;
  paused_reason: string | null;
}

async function resolveClock(founder: Caller, path: string): Promise<Clock> {
  const { body } = await founder.get(path);
  return body.sla.clocks.find(({ kind }: Clock) => kind === 'resolve');
}
