// Duties to report through HTTP, a worker, Temporal and Postgres: facts, decisions, submissions, waivers, guards.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../support/app.js';
import { startStage, type Stage } from '../runs/stage.js';
import { until } from '../support/until.js';

const RECEIPT = { receipt_sha256: 'ab'.repeat(32), receipt_name: 'receipt.pdf' };
const HOUR = 3_600_000;

let stage: Stage;
let base: string;
let admin: Caller;
let analyst: Caller;

beforeAll(async () => {
  stage = await startStage();
  await stage.startWorker();
  admin = stage.org.admin;
  base = `/orgs/${stage.org.id}/incidents`;
  await admin.post(`/orgs/${stage.org.id}/users`, {
    email: 'ann@duty.example',
    name: 'Ann Analyst',
    role: 'analyst',
  });
  analyst = stage.api.as('ann@duty.example');
});
afterAll(() => stage.stop());

interface Duty {
  id: string;
  code: string;
  due_at: string;
  decision: string;
}

async function report(): Promise<string> {
  const incident = {
    title: 'Leak',
    description: 'A table was public',
    category: 'data_breach',
    severity: 'high',
  };
  const { status, body } = await analyst.post(base, incident);
  expect(status, JSON.stringify(body)).toBe(201);
  return `${base}/${body.id}`;
}

const ago = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();
const establish = (path: string, event: string, hours = 1) =>
  analyst.post(`${path}/events`, { event, occurred_at: ago(hours) });

function duty(body: { obligations: Duty[] }, code: string): Duty {
  const found = body.obligations.find((one) => one.code === code);
  if (!found) throw new Error(`${code} is not among ${JSON.stringify(body.obligations)}`);
  return found;
}

function clockOf(body: { sla: { clocks: { kind: string; due_at: string }[] } }, { id }: Duty) {
  return body.sla.clocks.filter(({ kind }) => kind === `regulatory:${id}`).at(-1);
}

test('a fact starts its clocks; submissions end them and start what counts from them', async () => {
  const path = await report();
  const begun = await establish(path, 'significance_determined');
  expect(begun.status, JSON.stringify(begun.body)).toBe(200);
  const warning = duty(begun.body, 'nis2_early_warning');
  expect(warning).toMatchObject({
    decision: 'undecided',
    trust: 'high',
    notice: 'decision aid, not legal advice',
  });
  const counting = clockOf(begun.body, warning);
  expect(counting).toMatchObject({ state: 'running' });
  // the same moment; one comes from a row, which has no zeros at its end
  expect(Date.parse(counting?.due_at ?? '')).toBe(Date.parse(warning.due_at));
  expect((await establish(path, 'significance_determined')).status).toBe(409);
  const id = duty(begun.body, 'nis2_notification').id;
  const filed = await analyst.post(`${path}/obligations/${id}/submit`, RECEIPT);
  expect(filed.status, JSON.stringify(filed.body)).toBe(200);
  expect(duty(filed.body, 'nis2_notification')).toMatchObject({ ...RECEIPT, decision: 'required' });
  expect(clockOf(filed.body, duty(filed.body, 'nis2_notification'))).toMatchObject({ state: 'met' });
  expect(duty(filed.body, 'nis2_final')).toMatchObject({ anchor_event: 'submission_of:nis2_notification' });
  expect((await analyst.post(`${path}/obligations/${id}/submit`, RECEIPT)).status).toBe(409);
  const { items } = (await analyst.get(`${path}/timeline`)).body;
  const told = items.map((item: { description: string }) => item.description).join('\n');
  expect(told).toContain('Established: significance determined');
  expect(told).toContain('nis2 notification submitted at');
  expect((await analyst.get(`${path}/timeline/verify`)).body).toMatchObject({ valid: true });
});

test('a fact from long ago is late at once; its clock cannot pause', async () => {
  const path = await report();
  const { body } = await establish(path, 'awareness_confirmed', 80);
  const gdpr = duty(body, 'gdpr_33');
  await until(async () => {
    const clock = clockOf((await analyst.get(path)).body, gdpr);
    return clock !== undefined && JSON.stringify(clock).includes('"breached"');
  });
  const clock = (await analyst.get(path)).body.sla.clocks.find(
    ({ kind }: { kind: string }) => kind === `regulatory:${gdpr.id}`,
  );
  const paused = await analyst.post(`${path}/clocks/${clock.id}/pause`, { reason: 'law_enforcement_hold' });
  expect(paused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
});

test('is decided with a reason; waived by an admin or the commander; guards warn of what is undecided', async () => {
  const path = await report();
  const { body } = await establish(path, 'awareness_confirmed');
  const [gdpr, uk] = [duty(body, 'gdpr_33'), duty(body, 'uk_gdpr_33')];
  for (const new_phase of ['analysis', 'containment', 'eradication', 'recovery'])
    expect((await analyst.post(`${path}/transition`, { new_phase })).status).toBe(200);
  const decide = (more: Record<string, unknown>) =>
    analyst.post(`${path}/obligations/${gdpr.id}/decide`, more);
  expect((await decide({ decision: 'not_required' })).body).toMatchObject({ field: 'reason' });
  const decided = await decide({ decision: 'not_required', reason: 'The data was encrypted' });
  expect(duty(decided.body, 'gdpr_33')).toMatchObject({
    decision: 'not_required',
    reason: 'The data was encrypted',
  });
  expect(clockOf(decided.body, gdpr)).toMatchObject({ state: 'cancelled' });
  const moved = await analyst.post(`${path}/transition`, { new_phase: 'post_incident' });
  expect(moved.body.warnings).toMatchObject([
    { guard: 'obligations_decided', detail: expect.stringContaining('1 regulatory') },
  ]);
  const waive = (who: Caller, id: string) =>
    who.post(`${path}/obligations/${id}/waive`, { reason: 'Released' });
  expect((await waive(analyst, uk.id)).status).toBe(403);
  await analyst.patch(path, { commander_id: (await analyst.get('/users/me')).body.id });
  expect(duty((await waive(analyst, uk.id)).body, 'uk_gdpr_33')).toMatchObject({ waived_reason: 'Released' });
  expect((await waive(admin, gdpr.id)).status).toBe(200);
  const unknown = '0198c0de-0000-7000-8000-000000000001';
  expect((await waive(admin, unknown)).status).toBe(404);
});

test('refuses times to come, and hours that belong to no contract', async () => {
  const path = await report();
  const refused = async (body: Record<string, unknown>) => (await analyst.post(`${path}/events`, body)).body;
  const event = 'classified_major';
  expect(await refused({ event, occurred_at: '2999-01-01T00:00:00Z' })).toMatchObject({
    field: 'occurred_at',
  });
  const occurred_at = ago(1);
  expect(await refused({ event, occurred_at, notice_hours: 4 })).toMatchObject({ field: 'notice_hours' });
  expect(await refused({ event: 'contract_clause_triggered', occurred_at })).toMatchObject({
    field: 'notice_hours',
  });
});

test('the policy decides which duties apply, by where the organization is bound; the rest counts down', async () => {
  const regulation = { jurisdictions: ['EU'], sectors: [], personal_data: true };
  await admin.put(`/orgs/${stage.org.id}`, { settings: { regulation } });
  const path = await report();
  await analyst.patch(path, { affected_records: 40 });
  const { body } = await establish(path, 'awareness_confirmed');
  const found = (code: string) => body.obligations.find((duty: Duty) => duty.code === code);
  expect(found('gdpr_33')).toMatchObject({ decision: 'required', decided_by: null });
  expect(found('gdpr_33').reason).toMatch(/^by the policy incident_obligations, revision [0-9a-f]{64}$/);
  expect(found('uk_gdpr_33')).toMatchObject({ decision: 'not_required' });
  const clocks = body.sla.clocks.map(({ kind }: { kind: string }) => kind);
  expect(clocks).toContain(`regulatory:${found('gdpr_33').id}`);
  expect(clocks).not.toContain(`regulatory:${found('uk_gdpr_33').id}`);
  const words = body.timeline.map(({ description }: { description: string }) => description);
  expect(words).toContain('uk gdpr 33 decided as not required by policy; decision aid, not legal advice');
});
