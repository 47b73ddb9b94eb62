// Pause, resume, cancel, delete and the status while no worker, one worker, or all of them run. Every status that is read
// here is held against the one before: it never goes backwards.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AssessmentProgress } from '../../domain/assessments/schema.js';
import type { WorkerProcess } from '../support/worker-process.js';
import { listen, type Listener } from './event-stream.js';
import { ended, obey, paused, poll, refsOf, startStage, type Run, type Stage } from './stage.js';

const LANES = 4;
const CONTROLS = 12;
let stage: Stage;
let refs: string[];
let worker: WorkerProcess;

beforeAll(async () => {
  stage = await startStage({ ASSESSMENT_CONCURRENCY: String(LANES) });
  refs = stage.org.refs.slice(0, CONTROLS);
});
afterAll(() => stage.stop());
beforeEach(() => stage.llm.reset());

async function start(): Promise<Run> {
  const run = await stage.org.assess(refs);
  expect((await run.execute()).status).toBe(200);
  return run;
}

function follow(run: Run): Promise<Listener> {
  const { url, access } = stage.api;
  return listen(`${url}/api/v1${run.path}/events`, access.token('admin@runs.example'));
}

/** The workflow's own word, as soon as it gives it in time. */
async function live(run: Run): Promise<AssessmentProgress> {
  let status = await run.status(true);
  await poll('the workflow answers', async () => {
    if (status.source !== 'workflow') status = await run.status(true);
    return status.source === 'workflow';
  });
  return status;
}

async function hears({ events }: Listener, status: string): Promise<void> {
  await poll(`${status} is heard`, () => events.some(({ data }) => data.status === status));
}

/** What was heard never went backwards, repeated nothing, and ended with the run. */
async function heardWell({ events, over }: Listener, last: string): Promise<string[]> {
  await over;
  expect(events.map(({ event }) => event)).toEqual([...events.slice(0, -1).map(() => 'progress'), 'end']);
  const counts = events.map(({ data }) => data.controls_evaluated);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(events.at(-1)?.data.status).toBe(last);
  return [...new Set(events.map(({ data }) => data.status))];
}

test('no worker: commands are kept, the row answers, and the first worker obeys', async () => {
  const toPause = await start();
  const toCancel = await start();
  const toBoth = await start();
  const heard = await follow(toPause);

  const kept = (kind: string) => ({
    status: 200,
    body: { status: 'in_progress', requested: kind, progress: 0, source: 'row' },
  });
  const conflict = { status: 409, body: { code: 'CONFLICT' } };
  const [pause, cancel, first] = await Promise.all([
    toPause.command('pause'),
    toCancel.command('cancel'),
    toBoth.command('pause'),
  ]);
  expect(pause).toMatchObject(kept('pause'));
  expect(cancel).toMatchObject(kept('cancel'));
  expect(first).toMatchObject(kept('pause'));
  // the same wish joins the one that waits; what contradicts the row, or a cancellation, is refused
  const [again, second, asked] = await Promise.all([
    toPause.command('pause'),
    toBoth.command('cancel'),
    toPause.status(true),
  ]);
  expect(again).toMatchObject(kept('pause'));
  expect(second).toMatchObject(kept('cancel'));
  expect(asked).toMatchObject({ status: 'in_progress', source: 'row' });
  expect(await toPause.command('resume')).toMatchObject(conflict);
  expect(await toPause.execute()).toMatchObject(conflict);
  expect(await toPause.by.delete(toPause.path)).toMatchObject(conflict);
  const late = await toCancel.command('pause');
  expect(late).toMatchObject(conflict);
  expect(late.body.detail).toContain('cancellation is requested');
  expect(await stage.slots(stage.org.id)).toBe(3);

  stage.llm.setMode({ mode: 'held' });
  worker = await stage.startWorker();
  const status = await toPause.until(paused);
  expect(status).toMatchObject({ paused_reason: 'Paused on request.', controls_evaluated: 0 });
  expect(status.started_at).not.toBeNull();
  expect((await toPause.by.get(toPause.path)).body.workflow.run_id).not.toBeNull();
  expect(await live(toPause)).toMatchObject({ status: 'paused' });
  expect(await toCancel.until(ended)).toMatchObject({ status: 'cancelled', controls_evaluated: 0 });
  expect(await toBoth.until(ended)).toMatchObject({ status: 'cancelled', controls_evaluated: 0 });
  expect(await stage.slots(stage.org.id)).toBe(0);

  await hears(heard, 'paused');
  stage.llm.setMode({ mode: 'honest' });
  stage.llm.release();
  await obey(toPause, 'resume');
  expect(await toPause.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(await heardWell(heard, 'completed')).toEqual(['in_progress', 'paused', 'completed']);
  expect(await refsOf(toPause)).toEqual([...refs].sort());

  // one that never began starts anew like any other
  expect((await toCancel.execute()).status).toBe(200);
  expect(await toCancel.until(ended)).toMatchObject({ status: 'completed', progress: 100 });
});

test('one worker: a pause lets finish what is in flight, starts nothing, and resume goes on with the rest', async () => {
  const { llm, org } = stage;
  llm.setMode({ mode: 'held' });
  const run = await start();
  const heard = await follow(run);
  await poll('four calls', () => llm.counts().open === LANES);
  expect(await run.status()).toMatchObject({ in_flight: refs.slice(0, LANES), current_control: refs[0] });
  expect(await live(run)).toMatchObject({ status: 'in_progress' });

  await obey(run, 'pause');
  expect(await run.status()).toMatchObject({ status: 'paused', paused_reason: 'Paused on request.' });
  expect(await run.command('pause')).toMatchObject({ status: 409 });
  expect(await run.by.delete(run.path)).toMatchObject({ status: 409 });
  expect(await stage.slots(org.id)).toBe(0);
  llm.setMode({ mode: 'honest' });
  llm.release();
  await run.until(({ controls_evaluated }) => controls_evaluated === LANES);
  expect(await live(run)).toMatchObject({ status: 'paused', in_flight: [] });

  await hears(heard, 'paused');
  const resumed_at = Date.now();
  await obey(run, 'resume');
  expect(await run.status()).toMatchObject({ paused_reason: null });
  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, current_control: null });
  expect(llm.calls.slice(LANES).every(({ at }) => at >= resumed_at)).toBe(true);
  expect(llm.counts().by_control).toEqual(Object.fromEntries(refs.map((ref) => [ref, 1])));
  expect(await heardWell(heard, 'completed')).toEqual(['in_progress', 'paused', 'completed']);
});

test('cancelled while paused, and in the middle: what is written stays, and execute does only the rest', async () => {
  const { llm, org } = stage;
  llm.setMode({ mode: 'held' });
  const run = await start();
  const heard = await follow(run);
  await poll('four calls', () => llm.counts().open === LANES);
  await obey(run, 'pause');
  llm.release();
  await run.until(({ controls_evaluated }) => controls_evaluated === LANES);
  await hears(heard, 'paused');
  await obey(run, 'cancel');
  expect(await run.status()).toMatchObject({
    status: 'cancelled',
    paused_reason: null,
    controls_evaluated: LANES,
  });
  expect(await heardWell(heard, 'cancelled')).toContain('paused');
  for (const kind of ['pause', 'resume', 'cancel'] as const) {
    expect(await run.command(kind)).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  }
  expect(await refsOf(run)).toEqual(refs.slice(0, LANES).sort());

  expect((await run.execute()).status).toBe(200);
  await poll('the next four calls', () => llm.counts().open === LANES);
  expect(await run.status()).toMatchObject({
    controls_evaluated: LANES,
    in_flight: refs.slice(LANES, 2 * LANES),
  });
  await obey(run, 'cancel');
  expect(await run.status()).toMatchObject({ status: 'cancelled', current_control: null, in_flight: [] });
  await poll('the calls in flight are given up', () => llm.counts().aborted === LANES);
  expect(await stage.slots(org.id)).toBe(0);
  expect(await refsOf(run)).toEqual(refs.slice(0, LANES).sort());

  llm.reset();
  expect((await run.execute()).status).toBe(200);
  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(llm.counts().by_control).toEqual(Object.fromEntries(refs.slice(LANES).map((ref) => [ref, 1])));
  expect(await run.by.delete(run.path)).toMatchObject({ status: 200, body: { deleted: true } });
});

test('all workers: paused and resumed across two processes, then none is left and a pause is kept', async () => {
  const { llm } = stage;
  const second = await stage.startWorker();
  llm.setMode({ mode: 'held' });
  const run = await start();
  const heard = await follow(run);
  for (const done of [LANES, 2 * LANES]) {
    await poll('four calls', () => llm.counts().open === LANES);
    await obey(run, 'pause');
    llm.release();
    await run.until(({ controls_evaluated }) => controls_evaluated === done);
    await obey(run, 'resume');
  }
  await poll('the last four calls', () => llm.counts().open === LANES);
  await obey(run, 'pause');
  await obey(run, 'resume');
  llm.release();
  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(llm.counts().by_control).toEqual(Object.fromEntries(refs.map((ref) => [ref, 1])));
  await heardWell(heard, 'completed');

  llm.reset();
  llm.setMode({ mode: 'held' });
  const orphan = await start();
  await poll('four calls', () => llm.counts().open === LANES);
  await Promise.all([worker.kill(), second.kill()]);
  expect(await orphan.command('pause')).toMatchObject({
    status: 200,
    body: { status: 'in_progress', requested: 'pause' },
  });
  expect(await orphan.status(true)).toMatchObject({ status: 'in_progress', source: 'row' });
  llm.reset();
  await stage.startWorker();
  await orphan.until(paused);
  await obey(orphan, 'resume');
  expect(await orphan.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(await refsOf(orphan)).toEqual([...refs].sort());
});

test('two hundred listeners that went away are two hundred free places', async () => {
  const run = await stage.org.assess(refs.slice(0, 1));
  const comeAndGo = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1) {
      const heard = await follow(run);
      await poll('the first event', () => heard.events.length > 0);
      heard.leave();
      await heard.over;
    }
  };
  await Promise.all([1, 2, 3, 4, 5].map(() => comeAndGo(42)));
  const last = await follow(run);
  stage.llm.setMode({ mode: 'held' });
  expect((await run.execute()).status).toBe(200);
  await hears(last, 'in_progress');
  await poll('the call', () => stage.llm.counts().open === 1);
  stage.llm.release();
  await run.until(ended);
  expect(await heardWell(last, 'completed')).toEqual(['pending', 'in_progress', 'completed']);
});
