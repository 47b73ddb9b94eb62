// An incident through HTTP, a worker process, Temporal and Postgres: phases, clocks, timeline, tasks, tampering.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../support/app.js';
import { startStage, type Stage } from '../runs/stage.js';
import { until } from '../support/until.js';

const NEW = {
  title: 'Suspicious Login Activity',
  description: 'Multiple failed login attempts from unusual IP range',
  category: 'unauthorized_access',
  severity: 'high',
  affected_systems: ['auth-server-01', 'vpn-gateway'],
  source: 'siem_alert',
};

let stage: Stage;
let base: string;
let admin: Caller;
let analyst: Caller;
let owner: pg.Client;

beforeAll(async () => {
  stage = await startStage();
  await stage.startWorker();
  admin = stage.org.admin;
  base = `/orgs/${stage.org.id}`;
  await admin.post(`${base}/users`, { email: 'ann@story.example', name: 'Ann Analyst', role: 'analyst' });
  analyst = stage.api.as('ann@story.example');
  owner = new pg.Client({ connectionString: stage.api.database.owner_url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await stage.stop();
});

const path = (id: string, more = '') => `${base}/incidents/${id}${more}`;
async function report(more: Record<string, unknown> = {}): Promise<string> {
  const { status, body } = await analyst.post(`${base}/incidents`, { ...NEW, ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id;
}

test('is reported with its clocks, its reference and the first entry of its timeline', async () => {
  const id = await report();
  const { body } = await analyst.get(path(id));
  expect(body).toMatchObject({ ...NEW, status: 'open', phase: 'detection' });
  expect(body.ref).toMatch(/^INC-\d{4}-\d+$/);
  expect(body.sla.clocks.map((clock: { kind: string }) => clock.kind).sort()).toEqual([
    'acknowledge',
    'contain',
    'resolve',
  ]);
  expect(body.sla.overall).toBe('on_track');
  expect(body.timeline).toMatchObject([{ seq: 1, event_type: 'created', actor: 'Ann Analyst' }]);
  expect(body.workflow.url).toContain('/workflows/');
  const listed = await analyst.get(`${base}/incidents?severity=high,critical&phase=detection`);
  expect(listed.body.items.map((item: { id: string }) => item.id)).toContain(id);
  expect((await analyst.get(`${base}/incidents?severity=info`)).body.items).toEqual([]);
});

test('moves through all phases as the reference says, and warns instead of refusing', async () => {
  const id = await report();
  const move = (new_phase: string, notes?: string) =>
    analyst.post(path(id, '/transition'), { new_phase, ...(notes !== undefined && { notes }) });
  const first = await move('analysis', 'Initial triage complete, moving to analysis');
  expect(first).toMatchObject({
    status: 200,
    body: { phase: 'analysis', status: 'investigating', requested: null },
  });
  expect(first.body.warnings).toMatchObject([{ guard: 'commander_set' }]);
  expect((await move('detection')).status).toBe(409);
  expect((await move('recovery')).body).toMatchObject({ code: 'VALIDATION_ERROR', field: 'notes' });
  for (const phase of ['containment', 'eradication', 'recovery', 'post_incident'])
    expect((await move(phase)).body.phase).toBe(phase);
  const filed = await analyst.patch(path(id), { review: { root_cause: 'x', lessons: 'y', actions: [] } });
  expect(filed.status).toBe(200);
  expect((await analyst.patch(path(id), { status: 'resolved' })).status).toBe(409);
  const closed = await analyst.patch(path(id), { status: 'closed' });
  expect(closed.body).toMatchObject({ status: 'closed', resolution: 'resolved' });
  const { items } = (await analyst.get(path(id, '/timeline'))).body;
  const entry = items.find((item: { event_type: string }) => item.event_type === 'phase_transition');
  expect(entry).toMatchObject({
    description: 'Phase changed from detection to analysis',
    actor: 'Ann Analyst',
  });
  expect((await analyst.get(path(id, '/timeline/verify'))).body).toMatchObject({ valid: true, redacted: 0 });
  expect((await move('analysis', 'it came back')).body).toMatchObject({
    phase: 'analysis',
    status: 'investigating',
  });
  const { visits } = (await analyst.get(path(id))).body;
  expect(visits.map((visit: { phase: string }) => visit.phase)).toEqual([
    'detection', 'analysis', 'containment', 'eradication', 'recovery', 'post_incident', 'analysis',
  ]); // prettier-ignore
});

test('shows the latest visits of very many, and the time in each phase of all', async () => {
  const id = await report();
  await owner.query(
    `insert into incident_visit
       (org_id, incident_id, visit_no, phase, kind, csf_function, entered_at, left_at, entered_by, reason)
     select v.org_id, v.incident_id, n, case when n % 2 = 0 then 'analysis' else 'containment' end, 'backward', 'RS',
       v.entered_at + n * interval '1 minute', v.entered_at + (n + 1) * interval '1 minute', v.entered_by, 'again'
     from incident_visit v, generate_series(2, 61) n where v.incident_id = $1`,
    [id],
  );
  const { visits, time_in_phases } = (await analyst.get(path(id))).body;
  const numbers = visits.map((visit: { visit_no: number }) => visit.visit_no);
  expect(numbers).toEqual(Array.from({ length: 50 }, (_, index) => index + 12));
  expect(time_in_phases).toMatchObject([
    { phase: 'detection', visits: 1 },
    { phase: 'analysis', visits: 30, seconds: 1800 },
    { phase: 'containment', visits: 30, seconds: 1800 },
  ]);
});

test('of two responders who move it at the same moment one wins', async () => {
  const id = await report();
  const answers = await Promise.all([
    analyst.post(path(id, '/transition'), { new_phase: 'analysis' }),
    admin.post(path(id, '/transition'), { new_phase: 'containment', notes: 'act now' }),
  ]);
  expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
  const { items } = (await analyst.get(path(id, '/timeline'))).body;
  const moves = items.filter((item: { event_type: string }) => item.event_type === 'phase_transition');
  expect(moves).toHaveLength(1);
});

test('severity moves the clocks; lowering from critical waits for a second person', async () => {
  const id = await report();
  const me = (await analyst.get('/users/me')).body.id;
  const seed = { severity: 'critical', commander_id: me, affected_records: 5000 };
  const raised = await analyst.patch(path(id), seed);
  expect(raised.body).toMatchObject({ ...seed, acknowledged_by: me });
  const due = (body: { sla: { clocks: { kind: string; due_at: string }[] } }, kind: string) =>
    Date.parse(body.sla.clocks.find((clock) => clock.kind === kind)?.due_at ?? '');
  const created = Date.parse(raised.body.occurred_at);
  expect(due(raised.body, 'contain') - created).toBe(4 * 3_600_000);
  expect((await analyst.patch(path(id), { severity: 'low' })).body).toMatchObject({ field: 'notes' });
  const asked = await analyst.patch(path(id), { severity: 'medium', notes: 'less than feared' });
  expect(asked.body).toMatchObject({ severity: 'critical', pending_severity: 'medium' });
  expect((await analyst.post(path(id, '/severity/confirm'))).status).toBe(403);
  expect((await admin.post(path(id, '/severity/confirm'))).body).toMatchObject({ severity: 'medium' });
});

test('a deadline that passes while no worker runs is told at once on return, marked late', async () => {
  const past = new Date(Date.now() - 2 * 3_600_000).toISOString();
  const id = await report({ occurred_at: past });
  await until(async () => (await analyst.get(path(id))).body.sla.overall === 'breached');
  const { items } = (await analyst.get(path(id, '/timeline'))).body;
  const breach = items.filter((item: { event_type: string }) => item.event_type === 'sla_breached');
  expect(breach).toHaveLength(1);
  expect(breach[0].data.late_ms).toBeGreaterThan(3_600_000);
  expect((await admin.get(`${base}/audit-log?resource=${id}`)).body.items[0]).toMatchObject({
    action: 'incident.sla_breached',
    actor_id: null,
  });
});

test('clocks pause with a reason and go on; the commands of a closed clock are refused', async () => {
  const id = await report();
  const { clocks } = (await analyst.get(path(id))).body.sla;
  const clock = clocks.find((one: { kind: string }) => one.kind === 'contain');
  const paused = await analyst.post(path(id, `/clocks/${clock.id}/pause`), { reason: 'waiting_on_vendor' });
  const shown = paused.body.sla.clocks.find((one: { id: string }) => one.id === clock.id);
  expect(shown).toMatchObject({ state: 'paused', due_at: null, paused_reason: 'waiting_on_vendor' });
  expect(
    (await analyst.post(path(id, `/clocks/${clock.id}/pause`), { reason: 'waiting_on_vendor' })).status,
  ).toBe(409);
  const resumed = await analyst.post(path(id, `/clocks/${clock.id}/resume`));
  expect(resumed.body.sla.clocks.find((one: { id: string }) => one.id === clock.id).state).toBe('running');
});

test('tasks: dependencies, waivers with reasons, deadlines of their own', async () => {
  const id = await report();
  const add = (body: Record<string, unknown>) => analyst.post(path(id, '/tasks'), body);
  const first = (await add({ title: 'Rotate the keys', blocking: true })).body;
  const second = (await add({ title: 'Restart', depends_on: [first.id] })).body;
  const done = (task: { id: string }, body: Record<string, unknown> = { status: 'done' }) =>
    analyst.patch(path(id, `/tasks/${task.id}`), body);
  expect((await done(second)).status).toBe(409);
  // by way of others, too: neither could ever be done
  const third = (await add({ title: 'Tell', depends_on: [second.id] })).body;
  expect(await done(first, { depends_on: [third.id] })).toMatchObject({
    status: 422,
    body: { field: 'depends_on.0', detail: 'depends_on.0: that task waits for this one' },
  });
  expect((await done(first, { status: 'waived' })).body.field).toBe('result');
  expect((await done(first)).body).toMatchObject({ status: 'done', completed_at: expect.any(String) });
  expect((await done(second)).status).toBe(200);
  const late = (await add({ title: 'Due', due_at: new Date(Date.now() - 1000).toISOString() })).body;
  await until(async () =>
    (await analyst.get(path(id))).body.sla.clocks.some(
      (one: { kind: string; state: string }) => one.kind === `task:${late.id}` && one.state === 'breached',
    ),
  );
  expect((await analyst.get(`${base}/tasks?status=todo`)).body.items[0].id).toBe(late.id);
  const words = (await analyst.get(path(id))).body.timeline.map(
    ({ description }: { description: string }) => description,
  );
  expect(words).toEqual(
    expect.arrayContaining([
      'Task "Rotate the keys" added',
      'Task "Rotate the keys" changed from todo to done',
      'The "Due" task clock was started',
      'The "Due" task target was missed (150 %)',
    ]),
  );
});

test('a redacted entry is no error; a changed row is found, and the first bad one is named', async () => {
  const id = await report();
  const note = await analyst.post(path(id, '/timeline'), { description: 'Called J. Doe on +31 6 1234' });
  expect(note).toMatchObject({ status: 201, body: { event_type: 'note', actor: 'Ann Analyst' } });
  await analyst.post(path(id, '/timeline'), { description: 'Nothing more', corrects_seq: note.body.seq });
  expect((await analyst.post(path(id, `/timeline/${note.body.seq}/redact`), { reason: 'gdpr' })).status).toBe(
    403,
  );
  const gone = await admin.post(path(id, `/timeline/${note.body.seq}/redact`), { reason: 'gdpr' });
  expect(gone.body.event_type).toBe('redacted');
  const verify = async () => (await analyst.get(path(id, '/timeline/verify'))).body;
  expect(await verify()).toMatchObject({ valid: true, redacted: 1, entries: 4 });
  await owner.query('alter table timeline disable trigger timeline_keep');
  await owner.query('alter table timeline no force row level security');
  await owner.query(`update timeline set event_type = 'note' where incident_id = $1 and seq = 1`, [id]);
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: 1 });
  await owner.query(`update timeline set event_type = 'created' where incident_id = $1 and seq = 1`, [id]);
  await owner.query(`delete from timeline_payload where incident_id = $1 and seq = 3`, [id]);
  await owner.query(`delete from timeline where incident_id = $1 and seq = 3`, [id]);
  expect(await verify()).toMatchObject({ valid: false, first_bad_seq: 3 });
});

test('strict guards refuse what they warn of otherwise', async () => {
  await admin.put(base, { settings: { strict_guards: true } });
  const id = await report();
  const refused = await analyst.post(path(id, '/transition'), { new_phase: 'analysis' });
  expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  expect(refused.body.detail).toContain('no commander');
  const me = (await analyst.get('/users/me')).body.id;
  await analyst.patch(path(id), { commander_id: me });
  expect((await analyst.post(path(id, '/transition'), { new_phase: 'analysis' })).status).toBe(200);
  await admin.put(base, { settings: { strict_guards: false } });
});

test('refuses what makes no sense, by field', async () => {
  const refused = async (body: Record<string, unknown>) =>
    (await analyst.post(`${base}/incidents`, { ...NEW, ...body })).body;
  expect(await refused({ severity: 'huge' })).toMatchObject({ code: 'VALIDATION_ERROR', field: 'severity' });
  for (const occurred_at of ['2999-01-01T00:00:00Z', '0001-01-01T00:00:00Z'])
    expect(await refused({ occurred_at })).toMatchObject({ field: 'occurred_at' });
  expect(await refused({ commander_id: '0198c0de-0000-7000-8000-000000000001' })).toMatchObject({
    field: 'commander_id',
  });
  const sla = (await admin.get(base)).body.settings.sla;
  const unknown = { ...sla, low: { ...sla.low, calendar: 'moon' } };
  expect((await admin.put(base, { settings: { sla: unknown } })).body.field).toBe(
    'settings.sla.low.calendar',
  );
});
