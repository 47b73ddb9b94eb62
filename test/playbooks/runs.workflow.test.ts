// R13, S11 for the calls of playbooks: runs through HTTP, a worker that is killed, OPA, Temporal and Postgres.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { patient, startStage, type Stage } from '../runs/stage.js';
import type { Caller } from '../support/app.js';
import { http, manual } from '../support/factories/playbook.js';
import type { WorkerProcess } from '../support/worker-process.js';
import { until } from '../support/until.js';
import { against, type Catcher, startCatcher, startRun } from './live-run.js';

let stage: Stage;
let catcher: Catcher;
let worker: WorkerProcess;
let admin: Caller;
let analyst: Caller;
let base: string;

const begin = async (env: Record<string, string> = {}): Promise<WorkerProcess> =>
  await stage.startWorker({
    OPA_URL: inject('opa_url'),
    EGRESS_ALLOW: catcher.url,
    NODE_ENV: 'test',
    ...env,
  });

beforeAll(async () => {
  catcher = await startCatcher();
  stage = await startStage();
  worker = await begin();
  admin = patient(stage.org.admin);
  base = `/orgs/${stage.org.id}`;
  await admin.post(`${base}/users`, { email: 'ann@runs.example', name: 'Ann', role: 'analyst' });
  analyst = patient(stage.api.as('ann@runs.example'));
});
afterAll(async () => {
  await stage.stop();
  await catcher.close();
});

test('a worker is killed in the middle of a parallel block: no finished step is repeated', async () => {
  catcher.hold.add('/again').add('/once');
  const playbook = against(catcher.url, 'fork', {
    fork: { do: 'parallel', branches: ['a', 'b', 'c'], next: 'last' },
    a: manual('again'),
    again: http('POST /again', 'a2', { idempotent: true }),
    a2: http('POST /a2', 'end'),
    b: http('POST /b', 'b2'),
    b2: http('POST /b2', 'end', { out: ['__state__'], results: { __state__: 'state' } }),
    c: manual('once'),
    once: http('POST /once', 'end'),
    last: http('POST /last/__state__:value', 'end'),
  }, { variables: { __state__: { value: 'none' } } }); // prettier-ignore
  const run = await startRun(analyst, base, playbook);
  await run.is('succeeded', 'b2');
  // only now, because a call that is held is given up after 15 s, and a busy machine may need that long to get here
  for (const key of ['a', 'c']) {
    await run.is('waiting_person', key);
    expect((await run.post(analyst, `/steps/${playbook.id(key)}/complete`, {})).status).toBe(200);
  }
  await until(() => catcher.count('/again') > 0 && catcher.count('/once') > 0, 60_000);
  await worker.kill('SIGKILL');
  catcher.release();
  worker = await begin();
  // whether the call that bears no repetition happened, a person has to say
  await run.is('needs_human', 'once');
  const { body } = await run.post(analyst, `/steps/${playbook.id('once')}/complete`, { notes: 'It did' });
  expect(body.requested).toBeNull();
  const ended = await run.is('completed');
  for (const path of ['/a2', '/b', '/b2', '/once', '/last/done'])
    expect([path, catcher.count(path)]).toEqual([path, 1]);
  const again = catcher.calls.filter(({ path }) => path === '/again');
  expect(again.length).toBeGreaterThanOrEqual(2);
  expect(new Set(again.map(({ key }) => key)).size).toBe(1);
  expect(ended.steps.filter(({ action }) => action !== null)).toHaveLength(8);
  const { items } = (await analyst.get(`${run.incident}/timeline?limit=200`)).body;
  const told = items.filter((item: { event_type: string }) => item.event_type === 'playbook_step');
  const ends = told.filter((item: { data: { status: string } }) => item.data.status === 'succeeded');
  expect(ends).toHaveLength(8);
  expect((await analyst.get(`${run.incident}/timeline/verify`)).body.valid).toBe(true);
});

test('an approval is for what was seen; the starter gives none for what disrupts, a viewer never', async () => {
  const playbook = against(catcher.url, 'fork', {
    fork: { do: 'parallel', branches: ['cut', 'look'] },
    cut: http('POST /cut/__host__:value', 'end', { risk_class: 'disruptive' }),
    look: manual('end', { out: ['__host__'] }),
  }, { variables: { __host__: { value: 'web-01' } } }); // prettier-ignore
  const run = await startRun(admin, base, playbook);
  await run.is('waiting_approval', 'cut');
  await run.is('waiting_person', 'look');
  const approve = `/steps/${playbook.id('cut')}/approve`;
  const { args_hash } = (await run.step('cut')) ?? {};
  expect(await run.post(admin, approve, { args_hash })).toMatchObject({ status: 403 });
  expect(await run.post(analyst, approve, { args_hash })).toMatchObject({ status: 403 });
  const answer = { outputs: { __host__: 'web-02' } };
  expect((await run.post(analyst, `/steps/${playbook.id('look')}/complete`, answer)).status).toBe(200);
  await until(async () => (await run.step('cut'))?.args_hash !== args_hash, 60_000);
  // whoever is in command may
  const ann = (await analyst.get('/users/me')).body.id;
  expect((await admin.patch(run.incident, { commander_id: ann })).status).toBe(200);
  expect(await run.post(analyst, approve, { args_hash })).toMatchObject({
    status: 409,
    body: { field: 'args_hash' },
  });
  expect(catcher.count('/cut/web-01') + catcher.count('/cut/web-02')).toBe(0);
  const now = (await run.step('cut'))?.args_hash;
  expect((await run.post(analyst, approve, { args_hash: now, notes: 'Seen' })).status).toBe(200);
  const { steps } = await run.is('completed');
  expect(catcher.count('/cut/web-01')).toBe(0);
  expect(catcher.count('/cut/web-02')).toBe(1);
  const cut = steps.find(({ name }) => name === 'cut');
  expect(cut?.approvals).toMatchObject([{ user_id: ann, verdict: 'approve', args_hash: now }]);
  const { items } = (await analyst.get(`${run.incident}/timeline?limit=200`)).body;
  const types = items.map((item: { event_type: string }) => item.event_type);
  expect(types).toEqual(
    expect.arrayContaining(['playbook_approval_voided', 'playbook_approved', 'playbook_decision']),
  );
});

test('a dry run decides everything and touches nothing', async () => {
  const playbook = against(catcher.url, 'a', {
    a: { do: 'action', commands: [{ type: 'x-grc-evidence', command: 'Nothing' }], next: 'b' },
    b: http('POST /dry', 'c', { risk_class: 'destructive', kept: 'a' }),
    c: manual('d'),
    d: { do: 'action', commands: [{ type: 'x-grc-task', command: 'Nothing' }], next: 'end' },
  }); // prettier-ignore
  const run = await startRun(analyst, base, playbook, { dry_run: true });
  const { steps } = await run.is('completed');
  expect(steps.map(({ status }) => status)).toEqual(['planned', 'planned', 'planned', 'planned']);
  // as it would be decided in earnest
  expect(steps[0]?.decision).toMatchObject({ decision: 'allow' });
  expect(steps[1]?.decision).toMatchObject({ decision: 'needs_approval', approvals_required: 2 });
  expect(catcher.count('/dry')).toBe(0);
  const { tasks, timeline } = (await analyst.get(run.incident)).body;
  expect(tasks).toEqual([]);
  expect(timeline.map((item: { event_type: string }) => item.event_type)).toEqual(['created']);
});

test('without its evidence a step is denied; only whom a step names approves it', async () => {
  const playbook = against(catcher.url, 'early', {
    early: http('POST /early', 'late', { kept: 'keep', failure: 'late' }),
    late: http('POST /late', 'keep', { approval: { roles: ['commander'] } }),
    keep: { do: 'action', commands: [{ type: 'x-grc-evidence', command: 'As found' }], next: 'end' },
  }); // prettier-ignore
  const run = await startRun(analyst, base, playbook);
  await run.is('waiting_approval', 'late');
  expect(await run.step('early')).toMatchObject({
    status: 'denied',
    result: 'evidence first: "keep" has not succeeded',
  });
  const { args_hash } = (await run.step('late')) ?? {};
  const approve = `/steps/${playbook.id('late')}/approve`;
  expect(await run.post(admin, approve, { args_hash })).toMatchObject({ status: 403 });
  const me = (await admin.get('/users/me')).body.id;
  expect((await admin.patch(run.incident, { commander_id: me })).status).toBe(200);
  expect((await run.post(admin, approve, { args_hash })).status).toBe(200);
  await until(() => Promise.resolve(catcher.count('/late') === 1));
  expect((await run.post(admin, '/abort')).status).toBe(200);
  await run.is('cancelled');
  expect(catcher.count('/early')).toBe(0);
});

test('private addresses are not called; a failed step takes its path', async () => {
  const { body } = await admin.get(base);
  expect(body.id).toBe(stage.org.id);
  for (const url of [
    'https://127.0.0.1',
    'https://169.254.169.254',
    'https://[::ffff:10.0.0.1]',
    'http://example.com',
  ]) {
    const playbook = against(url, 'a', {
      a: http('POST /x', 'end', { failure: 'b' }),
      b: http('POST /x', 'end', { continue_on_error: true }),
    });
    const run = await startRun(analyst, base, playbook);
    const { steps } = await run.is('completed');
    expect(steps.map(({ status, result }) => [status, result])).toEqual([
      ['failed', 'the address is refused'],
      ['failed', 'the address is refused'],
    ]);
  }
});

test('a built-in playbook goes on as its tasks are done, and is aborted with them waived', async () => {
  const run = await startRun(analyst, base, 'insider_threat');
  await run.is('waiting_person', 'Draw the circle of those who know');
  const open = async () =>
    (await analyst.get(`${run.incident}/tasks?status=todo`)).body.items.filter(
      (task: { source: string }) => task.source === 'playbook',
    );
  const [task] = await open();
  expect(task).toMatchObject({
    title: 'Draw the circle of those who know',
    blocking: true,
    phase: 'detection',
  });
  expect(task.description).toContain('Keep: list of those who know');
  expect(
    (await analyst.patch(`${run.incident}/tasks/${task.id}`, { status: 'done', result: 'So it is' })).status,
  ).toBe(200);
  await run.is('waiting_person', 'Write down the legal basis');
  expect((await run.post(analyst, '/abort', { notes: 'Test' })).status).toBe(200);
  await run.is('cancelled');
  await until(async () =>
    (await open()).every((each: { title: string }) => each.title === 'Call the crisis team'),
  );
  expect(await run.post(analyst, '/abort')).toMatchObject({ status: 409 });
  const { timeline } = (await analyst.get(run.incident)).body;
  expect(timeline).toContainEqual(
    expect.objectContaining({
      event_type: 'playbook_abort',
      description: 'Playbook insider_threat is to be ended',
      actor: 'Ann',
      data: expect.objectContaining({ notes: 'Test' }),
    }),
  );
  expect(
    timeline.filter(({ event_type }: { event_type: string }) => event_type === 'playbook_run'),
  ).toHaveLength(2);
});

test('a rollback undoes, last first; the kill switch freezes all runs; without the engine all is denied', async () => {
  const playbook = against(catcher.url, 'a', {
    a: http('POST /do/1', 'b', { undo: 'undo_a' }),
    b: http('POST /do/2', 'c', { undo: 'undo_b' }),
    c: manual('end'),
    undo_a: http('POST /undo/1', 'end'),
    undo_b: http('POST /undo/2', 'end'),
  }); // prettier-ignore
  const run = await startRun(analyst, base, playbook);
  await run.is('waiting_person', 'c');
  expect((await run.post(analyst, '/rollback', { notes: 'Back' })).status).toBe(200);
  await run.is('rolled_back');
  const undone = catcher.calls.map(({ path }) => path).filter((path) => path.startsWith('/undo'));
  expect(undone).toEqual(['/undo/2', '/undo/1']);

  const one = against(catcher.url, 'a', { a: http('GET /read', 'end', { failure: 'b' }), b: manual('end') });
  const frozen = await startRun(
    analyst,
    base,
    against(catcher.url, 'c', { c: manual('d'), d: http('POST /d', 'end') }),
  );
  await frozen.is('waiting_person', 'c');
  expect((await admin.put(`${base}/kill-switch`, { engaged: true, reason: 'Test' })).status).toBe(200);
  await frozen.is('paused');
  const stopped = await startRun(analyst, base, one);
  await stopped.is('waiting_person', 'b');
  expect(await stopped.step('a')).toMatchObject({
    status: 'denied',
    decision: { reasons: ['the kill switch is engaged'] },
  });
  expect((await admin.put(`${base}/kill-switch`, { engaged: false, reason: 'Test' })).status).toBe(200);
  expect((await frozen.post(analyst, '/resume')).status).toBe(200);
  expect(
    (await frozen.post(analyst, `/steps/${(await frozen.step('c'))?.step_id ?? ''}/complete`, {})).status,
  ).toBe(200);
  await frozen.is('completed');
  expect(catcher.count('/d')).toBe(1);

  await worker.kill('SIGKILL');
  worker = await begin({ OPA_URL: 'http://127.0.0.1:1' });
  const blind = await startRun(analyst, base, one);
  await blind.is('waiting_person', 'b');
  expect(await blind.step('a')).toMatchObject({ status: 'denied', decision: { decision: 'deny' } });
  expect(catcher.count('/read')).toBe(0);
});
