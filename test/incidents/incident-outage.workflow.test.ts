// R4 on the real server: no worker is there while deadlines pass. The first one to return tells them at once, marked
// late, each once; what was asked meanwhile is done then.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poll, startStage, type Stage } from '../runs/stage.js';

/** Later than this is late. */
const LATE_MS = 10_000;
const TARGET_S = 20;

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

interface Told {
  event_type: string;
  recorded_at: string;
  data: { clock?: string; late_ms?: number; percent?: number };
}

test('a deadline that passes without workers fires on their return, once and late', async () => {
  const { admin, id: org_id } = stage.org;
  const { settings } = (await admin.get(`/orgs/${org_id}`)).body;
  const critical = {
    ...settings.sla.critical,
    acknowledge: `PT${TARGET_S}S`,
    contain: 'P30D',
    resolve: 'P30D',
  };
  const saved = await admin.put(`/orgs/${org_id}`, { settings: { sla: { ...settings.sla, critical } } });
  expect(saved.status).toBe(200);
  const worker = await stage.startWorker();
  // some of its time has passed, so that nobody has to wait for all of it
  const occurred_at = new Date(Date.now() - 5_000).toISOString();
  const body = { title: 'Unwatched', description: 'x', category: 'other', severity: 'critical', occurred_at };
  const { id } = (await admin.post(`/orgs/${org_id}/incidents`, body)).body;
  const path = `/orgs/${org_id}/incidents/${id}`;
  const workflow_id = `incident:${org_id}:${id}`;
  await poll('it is served', async () => (await admin.get(path)).body.workflow.run_id !== null);
  await poll('it waits', () => stage.idle(workflow_id));
  await worker.kill();
  const due = Date.parse(occurred_at) + TARGET_S * 1_000;
  const told = async (): Promise<Told[]> => {
    const { items } = (await admin.get(`${path}/timeline`)).body;
    return items.filter(({ data }: Told) => data.clock === 'acknowledge');
  };
  const before = (await told()).length;
  const asked = await admin.post(`${path}/transition`, {
    new_phase: 'containment',
    notes: 'nobody hears it',
  });
  expect(asked.body).toMatchObject({ requested: expect.any(String), phase: 'detection' });
  await poll('the deadline is long past', () => Date.now() > due + LATE_MS + 2_000);
  expect(await told()).toHaveLength(before);

  await stage.startWorker();
  await poll('it is told', async () =>
    (await told()).some(({ event_type }) => event_type === 'sla_breached'),
  );
  const breaches = (await told()).filter(({ event_type }) => event_type === 'sla_breached');
  expect(breaches).toHaveLength(1);
  const [breach] = breaches;
  expect(breach?.data.late_ms).toBeGreaterThan(LATE_MS);
  expect(Date.parse(breach?.recorded_at ?? '')).toBeGreaterThan(due + LATE_MS);
  // several thresholds may have passed: one notice for all of them
  const percents = (await told()).map(({ data }) => data.percent);
  expect(new Set(percents).size).toBe(percents.length);
  await poll('the move is made', async () => (await admin.get(path)).body.phase === 'containment');
  const { body: shown } = await admin.get(path);
  const clock = shown.sla.clocks.find(({ kind }: { kind: string }) => kind === 'acknowledge');
  // when it was missed, not when somebody noticed
  expect(Date.parse(clock.breached_at)).toBe(due);
  expect((await admin.get(`${path}/timeline/verify`)).body).toMatchObject({ valid: true });
});
