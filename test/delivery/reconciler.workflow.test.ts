// R11, R17: rows and workflows that are made to disagree agree again, each repair audited; healthy pairs are left alone.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ended, poll, startStage, type Run, type Stage } from '../runs/stage.js';
import type { WorkerProcess } from '../support/worker-process.js';
import { lookAtPairs, type Pairs } from './pairs.js';

// a worker's own reconciler leaves these tests alone, unless one of them is about it
const QUIET = { RECONCILE_SECONDS: '1000' };
const EAGER = {
  RECONCILE_SECONDS: '1',
  RECONCILE_ROW_AGE_SECONDS: '1',
  RECONCILE_WORKFLOW_AGE_SECONDS: '1',
};

let stage: Stage;
let pairs: Pairs;

beforeAll(async () => {
  stage = await startStage();
  pairs = lookAtPairs(stage);
});
afterAll(async () => {
  await pairs.close();
  await stage.stop();
});
beforeEach(() => stage.llm.reset());

async function startRuns(count: number): Promise<Run[]> {
  const { org } = stage;
  const runs: Run[] = [];
  for (let at = 0; at < count; at += 1) {
    const run = await org.assess([org.refs[at] ?? '']);
    expect((await run.execute()).status).toBe(200);
    runs.push(run);
  }
  await poll('all are listed as open', async () => {
    const listed = new Set<string>();
    for await (const { workflowId } of pairs.client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
      listed.add(workflowId);
    const ids = await Promise.all(runs.map((run) => pairs.workflowId(org, run)));
    return ids.every((id) => listed.has(id));
  });
  return runs;
}

/** Visibility lags behind: swept again until it has happened. */
async function sweepUntil(what: string, done: () => Promise<boolean>): Promise<void> {
  await poll(what, async () => {
    expect((await pairs.reconcile()).failures).toEqual([]);
    return await done();
  });
}

test('before a worker has touched them: ended, lost, orphaned and edited ones are told apart', async () => {
  const { org } = stage;
  const [terminated, lost, edited, healthy] = await startRuns(4);
  if (!terminated || !lost || !edited || !healthy) throw new Error('four were started');
  expect(await pairs.reconcile()).toMatchObject({ asked: 0, repairs: [], failures: [] });

  const id = (run: Run) => pairs.workflowId(org, run);
  const [terminated_id, lost_id, edited_id] = await Promise.all([terminated, lost, edited].map(id));
  const orphan = `assessment:${org.id}:${randomUUID()}`;
  const stranger = `assessment:${randomUUID()}:${randomUUID()}`;
  await pairs.client.workflow.getHandle(terminated_id ?? '').terminate('by hand');
  await pairs.remove(lost_id ?? '');
  await pairs.sql(
    `update assessment_execution set status = 'failed', slot = null where id = (select execution_id from assessment where id = $1)`,
    [edited.id],
  );
  const nowhere = { taskQueue: 'a queue that nobody polls' };
  await pairs.client.workflow.start('assessmentWorkflow', { workflowId: orphan, ...nowhere });
  await pairs.client.workflow.start('assessmentWorkflow', { workflowId: stranger, ...nowhere });
  const cancelRequested = async (workflow_id: string) =>
    (await pairs.client.workflow.getHandle(workflow_id).describe()).raw.workflowExtendedInfo
      ?.cancelRequested === true;

  await sweepUntil('all are repaired', async () => {
    return (
      (await pairs.execution(terminated)).status === 'failed' &&
      (await pairs.audited(org)).some(({ action }) => action === 'assessment.workflow_restart') &&
      (await Promise.all([orphan, stranger, edited_id ?? ''].map(cancelRequested))).every(Boolean)
    );
  });
  expect(await pairs.execution(terminated)).toMatchObject({
    status: 'failed',
    failure: 'the workflow was terminated',
    slot: null,
  });
  // it had not begun: it is started again, once, and keeps its slot
  expect(await pairs.execution(lost)).toMatchObject({ status: 'starting', started_at: null });
  expect(await stage.slots(org.id)).toBe(2);

  const again = await pairs.reconcile();
  expect(again).toMatchObject({ repairs: [], failures: [] });
  const audited = await pairs.audited(org);
  const execution_id = String((await pairs.execution(lost)).id);
  expect(audited.every(({ actor_id }) => actor_id === null)).toBe(true);
  expect(audited.map(({ action, resource_id }) => [action, resource_id].join(' ')).sort()).toEqual(
    [
      `assessment.failed ${terminated.id}`,
      `assessment.workflow_restart ${execution_id}`,
      `assessment.workflow_cancel ${orphan.split(':')[2] ?? ''}`,
      `assessment.workflow_cancel ${(edited_id ?? '').split(':')[2] ?? ''}`,
    ].sort(),
  );

  const worker = await stage.startWorker(QUIET);
  expect((await lost.until(ended)).status).toBe('completed');
  expect((await healthy.until(ended)).status).toBe('completed');
  // a person's edit of the run is the last word on it
  await sweepUntil('the edited one agrees', async () => (await edited.status()).status === 'failed');
  expect(await pairs.fate(edited_id ?? '')).not.toBe('RUNNING');
  for (const workflow_id of [orphan, stranger])
    await pairs.client.workflow.getHandle(workflow_id).terminate();
  expect(stage.llm.counts().total).toBe(2);
  expect(await stage.slots(org.id)).toBe(0);
  expect((await pairs.execution(terminated)).assessment_status).toBe('failed');
  await worker.kill();
});

test('runs that have begun end as their workflow did, what runs goes on, what was edited is put back', async () => {
  const { org, llm } = stage;
  llm.setMode({ mode: 'held' });
  const before = (await pairs.audited(org)).length;
  const worker = await stage.startWorker(QUIET);
  const runs = await startRuns(5);
  await poll('all are being judged', () => llm.counts().open === 5);
  await worker.kill();
  const [terminated, removed, cancelled, healthy, paused] = runs;
  if (!terminated || !removed || !cancelled || !healthy || !paused) throw new Error('five were started');
  expect((await paused.command('pause')).body.requested).toBe('pause');
  await pairs.client.workflow.getHandle(await pairs.workflowId(org, terminated)).terminate('by hand');
  await pairs.remove(await pairs.workflowId(org, removed));

  await sweepUntil('the slots are back', async () => (await stage.slots(org.id)) === 3);
  expect(await pairs.execution(terminated)).toMatchObject({ assessment_status: 'failed', slot: null });
  expect(await pairs.execution(removed)).toMatchObject({
    assessment_status: 'failed',
    failure: 'the workflow is unknown to Temporal: it was deleted there',
  });
  // the place is somebody else's now
  expect((await terminated.execute()).status).toBe(200);

  llm.reset();
  const next = await stage.startWorker(QUIET);
  expect((await terminated.until(ended)).status).toBe('completed');
  expect((await healthy.until(ended)).status).toBe('completed');
  expect((await cancelled.until(ended)).status).toBe('completed');
  await paused.until(({ status }) => status === 'paused' || status === 'completed');

  // an ended run that somebody says is running
  await pairs.sql(`update assessment set status = 'in_progress' where id = $1`, [healthy.id]);
  await pairs.sql(
    `with run as (update assessment set status = 'in_progress' where id = $1 returning execution_id)
     update assessment_execution e set status = 'running', slot = 5 from run where e.id = run.execution_id`,
    [cancelled.id],
  );
  await sweepUntil('both have ended again', async () => {
    const rows = await Promise.all([healthy, cancelled].map((run) => pairs.execution(run)));
    return rows.every((row) => row.assessment_status === 'completed' && row.status === 'completed');
  });
  expect(await stage.slots(org.id)).toBe((await paused.status()).status === 'in_progress' ? 1 : 0);
  expect((await pairs.audited(org)).length - before).toBe(4);
  await next.kill();
});

test('an incident whose workflow was ended or deleted goes on where its rows are', async () => {
  const { org, api } = stage;
  const worker = await stage.startWorker(QUIET);
  const path = `/orgs/${org.id}/incidents`;
  const created = await org.admin.post(path, {
    title: 'Lost',
    description: 'Its workflow goes away.',
    category: 'phishing',
    severity: 'low',
  });
  expect(created.status).toBe(201);
  const incident = `${path}/${created.body.id}`;
  const workflow_id = `incident:${org.id}:${created.body.id}`;
  expect((await org.admin.post(`${incident}/transition`, { new_phase: 'analysis' })).status).toBe(200);

  const handle = pairs.client.workflow.getHandle(workflow_id);
  await handle.terminate('by hand');
  await sweepUntil('it is open again', async () => (await pairs.fate(workflow_id)) === 'RUNNING');
  await poll('it obeys', async () => {
    await org.admin.post(`${incident}/transition`, { new_phase: 'containment' });
    return (await org.admin.get(incident)).body.phase === 'containment';
  });

  // it died twice: the second time it waits for a while
  await handle.terminate('by hand');
  await poll('its end is listed', async () => {
    const { repairs } = await pairs.reconcile();
    return repairs.some(({ repair }) => repair === 'waiting');
  });
  await pairs.sql(`update outbox set created_at = created_at - interval '1 hour' where workflow_id = $1`, [
    workflow_id,
  ]);
  await pairs.remove(workflow_id);
  await sweepUntil('it is open again', async () => (await pairs.fate(workflow_id)) === 'RUNNING');
  const restarts = (await pairs.audited(org)).filter(({ resource_id }) => resource_id === created.body.id);
  expect(restarts.map(({ action }) => action)).toEqual(restarts.map(() => 'incident.workflow_restart'));
  expect((await api.as(org.email).get(`/orgs/${org.id}/audit-log/verify`)).body.valid).toBe(true);

  // a deleted incident's workflow has nothing left to keep
  await poll('it does not come back by itself', async () => (await pairs.reconcile()).repairs.length === 0);
  await worker.kill();
});

test('a slot comes back by the clock of the workers, whichever of them is killed', async () => {
  const { org, llm } = stage;
  llm.setMode({ mode: 'held' });
  const first: WorkerProcess = await stage.startWorker(EAGER);
  await poll('the first one leads', async () => (await leaders()) === 1);
  const second = await stage.startWorker(EAGER);
  const before = await stage.slots(org.id);
  const [run] = await startRuns(1);
  if (!run) throw new Error('one was started');
  await poll('it is being judged', () => llm.counts().open === 1);
  await first.kill();
  await pairs.client.workflow.getHandle(await pairs.workflowId(org, run)).terminate('by hand');
  expect((await run.until(ended)).status).toBe('failed');
  expect(await stage.slots(org.id)).toBe(before);
  expect(await leaders()).toBe(1);
  await second.kill();
});

async function leaders(): Promise<number> {
  const rows = await pairs.sql(`select 1 from pg_stat_activity
    where application_name = 'grc-leader' and datname = current_database()`);
  return rows.length;
}
