// R14: useless answers, a single control that the model never answers, a spent budget, no model at all: the run goes
// on, pauses with words, or ends `failed`, and what is missing is judged by the next run.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LlmBehaviour } from '../support/fakes/llm.js';
import type { WorkerProcess } from '../support/worker-process.js';
import { ended, obey, paused, poll, refsOf, startStage, type Stage } from './stage.js';

const LANES = 4;
let stage: Stage;
let reader: WorkerProcess;

beforeAll(async () => {
  stage = await startStage({ ASSESSMENT_CONCURRENCY: String(LANES), UNREACHABLE_SECONDS: '3' });
  reader = await stage.startWorker({ LLM_TIMEOUT_SECONDS: '2' });
});
afterAll(() => stage.stop());
beforeEach(() => stage.llm.reset());

describe('answers of no use, five in a row, pause the run with the reason', () => {
  test.each<[string, LlmBehaviour, string, number]>([
    ['wrong JSON', { mode: 'wrong_json' }, 'the model does not answer in the form asked for', 12],
    ['refusals, of every control there is', { mode: 'refuse' }, 'the model refuses to judge', 5],
    ['a wrong key', { mode: 'status', status: 401 }, 'the model server refuses the calls', 12],
  ])('%s', async (_name, behaviour, why, count) => {
    const { org, llm } = stage;
    const refs = org.refs.slice(0, count);
    const run = await org.assess(refs);
    llm.setMode(behaviour);
    const started = await run.execute();
    expect(started.status).toBe(200);
    const status = await run.until(paused);
    expect(status.paused_reason).toMatch(
      new RegExp(
        `^\\d controls in a row failed for the same reason: ${why}. Remove the reason, then resume.`,
      ),
    );
    expect(status.failures.length).toBeGreaterThanOrEqual(5);
    await poll('those in flight have failed too', () => stage.idle(started.body.workflow.id));
    llm.reset();
    await obey(run, 'resume');
    expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
    expect(await refsOf(run)).toEqual([...refs].sort());
  });
});

test('among controls that get answers, one that never does fails alone, one that is sent away has its turn', async () => {
  const { org, llm } = stage;
  const refs = org.refs.slice(0, 40);
  const [silent = '', late = ''] = refs;
  llm.setMode({ mode: 'slow', ms: 500 });
  llm.script([
    { mode: 'hang', control: silent, times: 100 },
    { mode: 'status', status: 429, retry_after: '2', control: late, times: 4 },
  ]);
  const run = await org.assess(refs);
  expect((await run.execute()).status).toBe(200);
  const reason = 'the model server does not answer (no answer in time)';
  expect(await run.until(ended)).toMatchObject({
    status: 'completed',
    controls_evaluated: 39,
    failures: [{ control: silent, reason }],
  });
  const { by_control } = llm.counts();
  expect(by_control[silent]).toBeGreaterThanOrEqual(2);
  expect(by_control[late]).toBe(5);
  expect(refs.slice(2).map((ref) => by_control[ref])).toEqual(refs.slice(2).map(() => 1));
});

test('a run in which no control could be judged has failed, says so, and gives its slot back', async () => {
  const { org, llm } = stage;
  const refs = org.refs.slice(0, 3);
  llm.setMode({ mode: 'status', status: 400 });
  const run = await org.assess(refs);
  expect((await run.execute()).status).toBe(200);
  const done = await run.until(ended);
  expect(done).toMatchObject({
    status: 'failed',
    progress: 0,
    failure_reason: 'no control could be judged',
    failures: refs.map((control) => ({ control, reason: 'the model server refuses the call (400)' })),
  });
  expect(await stage.slots(org.id)).toBe(0);
  llm.reset();
  expect((await run.execute()).status).toBe(200);
  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failure_reason: null });
});

test('a spent token budget pauses the run as often as it is spent, and each resume grants it once more', async () => {
  const { org, llm } = stage;
  const settings = `/orgs/${org.id}`;
  expect((await org.admin.put(settings, { settings: { token_budget: 100 } })).status).toBe(200);
  const refs = org.refs.slice(0, 12);
  const run = await org.assess(refs);
  expect((await run.execute()).status).toBe(200);
  let pauses = 0;
  for (;;) {
    const status = await run.until((now) => paused(now) || ended(now));
    if (ended(status)) break;
    pauses += 1;
    expect(status.paused_reason).toBe('The token budget of this run is spent. Resume to grant it once more.');
    // what was in flight when it was spent finishes, and nothing else
    const before = status.controls_evaluated;
    expect(before).toBeGreaterThanOrEqual(pauses);
    expect(before).toBeLessThanOrEqual(pauses * LANES);
    expect(await stage.slots(org.id)).toBe(0);
    await obey(run, 'resume');
  }
  expect(pauses).toBeGreaterThanOrEqual(2);
  expect(await run.status()).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(llm.counts().by_control).toEqual(Object.fromEntries(refs.map((ref) => [ref, 1])));
  await org.admin.put(settings, { settings: { token_budget: null } });
});

test('without a model the rules judge; an assessment that wants a model waits for one', async () => {
  const { org, llm } = stage;
  await reader.kill('SIGTERM');
  const ruler = await stage.startWorker({ OPENAI_BASE_URL: '', OPENAI_API_KEY: '', LLM_MODEL: '' });
  const refs = org.refs.slice(0, 12);
  const byRules = await org.assess(refs);
  const byModel = await org.assess(refs, org.admin, { evaluator: 'llm' });
  expect((await byRules.execute()).status).toBe(200);
  expect((await byModel.execute()).status).toBe(200);

  expect(await byRules.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  const found = await byRules.findings();
  expect(found.map((finding) => finding.control.ref).sort()).toEqual([...refs].sort());
  for (const { id } of found) {
    const { body } = await org.admin.get(`/orgs/${org.id}/findings/${String(id)}`);
    expect(body.evaluated_by).toEqual({ kind: 'rules', model: null, prompt_version: null, user_id: null });
    expect(body.rationale).toContain('The documents were not read by this evaluator.');
    expect(body.citations).toEqual([]);
  }

  expect((await byModel.until(paused)).paused_reason).toBe(
    'The language model cannot be reached: no model is configured for the workers. Resume when it answers again.',
  );
  expect(llm.counts().total).toBe(0);
  await ruler.kill('SIGTERM');
  await stage.startWorker();
  await obey(byModel, 'resume');
  expect(await byModel.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(llm.counts().by_control).toEqual(Object.fromEntries(refs.map((ref) => [ref, 1])));
});
