// R5 for incidents: a worker is killed when a change is in the rows and the task that decided it is not yet over. The
// change stands once, who asks meanwhile is judged by it, and the workflow goes on from it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTenant } from '../../db/tenancy.js';
import { isAlive } from '../../local/process.js';
import { poll, startStage, type Stage } from '../runs/stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

test('a worker that dies behind a written change repeats nothing and forgets nothing', async () => {
  const { admin, tenant, id: org_id } = stage.org;
  const dying = await stage.startWorker({ GRC_FAILPOINT: 'after_record' });
  const body = { title: 'Killed', description: 'x', category: 'other', severity: 'high' };
  const { id } = (await admin.post(`/orgs/${org_id}/incidents`, body)).body;
  const path = `/orgs/${org_id}/incidents/${id}`;
  await poll('it is served', async () => (await admin.get(path)).body.workflow.run_id !== null);

  expect((await admin.post(`${path}/transition`, { new_phase: 'analysis' })).status).toBe(200);
  expect((await admin.get(path)).body.phase).toBe('analysis');
  await poll('the worker is dead', () => !isAlive(dying.pid));
  const next = { new_phase: 'containment', notes: 'judged by the rows' };
  expect((await admin.post(`${path}/transition`, next)).status).toBe(200);
  await stage.startWorker();
  await poll('the next move is made', async () => (await admin.get(path)).body.phase === 'containment');
  // decided by the workflow on what it knows: that is what the rows say
  expect((await admin.post(`${path}/transition`, { new_phase: 'eradication' })).status).toBe(200);
  await poll('so is the last', async () => (await admin.get(path)).body.phase === 'eradication');

  const rows = await withTenant(stage.api.database.db, tenant, async (trx) => ({
    told: await trx('timeline').where({ incident_id: id, event_type: 'phase_transition' }).count('* as n'),
    asked: await trx('audit_log').where({ resource_id: id, action: 'incident.transition' }).count('* as n'),
    visits: await trx('incident_visit').where({ incident_id: id }).orderBy('visit_no').pluck('phase'),
    commands: await trx('command').pluck('status'),
    clocks: await trx('incident_clock').where({ incident_id: id }).count('* as n'),
    incident: await trx('incident').where({ id }).select('revision', 'visit_no').first(),
  }));
  expect(rows).toMatchObject({
    told: [{ n: 3 }],
    asked: [{ n: 3 }],
    visits: ['detection', 'analysis', 'containment', 'eradication'],
    commands: ['accepted', 'accepted', 'accepted'],
    clocks: [{ n: 3 }],
    incident: { revision: 3, visit_no: 4 },
  });
  expect((await admin.get(`${path}/timeline/verify`)).body).toMatchObject({ valid: true });
});

test('a clock that ends without a word does not stop what comes after it', async () => {
  const { admin, tenant, id: org_id } = stage.org;
  await stage.startWorker();
  const body = { title: 'Quiet', description: 'x', category: 'other', severity: 'high' };
  const { id } = (await admin.post(`/orgs/${org_id}/incidents`, body)).body;
  const path = `/orgs/${org_id}/incidents/${id}`;
  const due_at = new Date(Date.now() + 86_400_000).toISOString();
  const task = await admin.post(`${path}/tasks`, { title: 'Look', due_at });
  expect(task.status).toBe(201);
  const clock = () =>
    withTenant(stage.api.database.db, tenant, async (trx) => {
      const row: { ended_at: string | null } | undefined = await trx('incident_clock')
        .where({ incident_id: id })
        .whereLike('kind', 'task:%')
        .first('ended_at');
      return row;
    });
  await poll('its clock runs', async () => (await clock()) !== undefined);
  expect((await admin.patch(`${path}/tasks/${task.body.id}`, { status: 'done' })).status).toBe(200);
  await poll('its clock has ended', async () => ((await clock())?.ended_at ?? null) !== null);
  expect((await admin.post(`${path}/transition`, { new_phase: 'analysis' })).status).toBe(200);
  await poll('the move is made', async () => (await admin.get(path)).body.phase === 'analysis');
});
