// R14: what a model server can do wrong, end to end. A run ends right, or pauses for a reason that a person
// understands and goes on after resume; no control is judged twice, none is lost, and nobody hammers a sick server.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Caller } from '../support/app.js';
import type { LlmBehaviour } from '../support/fakes/llm.js';
import { ended, obey, patient, paused, refsOf, startStage, type Stage } from './stage.js';

const LANES = 4;
let stage: Stage;
/** An API whose runs wait for a model that is away for three seconds, instead of for two minutes. */
let hasty: Caller;

beforeAll(async () => {
  stage = await startStage({ ASSESSMENT_CONCURRENCY: String(LANES), UNREACHABLE_SECONDS: '120' });
  hasty = patient((await stage.addApi({ UNREACHABLE_SECONDS: '3' })).as(stage.org.email));
  await stage.startWorker({ LLM_TIMEOUT_SECONDS: '2' });
});
afterAll(() => stage.stop());
beforeEach(() => stage.llm.reset());

const callsTo = (control: string) => stage.llm.calls.filter((call) => call.control === control);

function gaps(control: string): number[] {
  const times = callsTo(control).map((call) => call.at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

test('one fault of each kind: asked as often as its kind deserves, and only what stays wrong is a failure', async () => {
  const { org, llm } = stage;
  const script: [LlmBehaviour, number, string | null][] = [
    [{ mode: 'status', status: 429, retry_after: '3', times: 1 }, 2, null],
    [{ mode: 'status', status: 500, times: 2 }, 3, null],
    [{ mode: 'hang', times: 1 }, 2, null],
    [{ mode: 'cut', times: 1 }, 2, null],
    [{ mode: 'wrong_json', times: 1 }, 2, null],
    [{ mode: 'refuse', times: 1 }, 2, null],
    [{ mode: 'honest' }, 1, null],
    [{ mode: 'wrong_json', times: 3 }, 3, 'the model does not answer in the form asked for'],
    [{ mode: 'refuse', times: 2 }, 2, 'the model refuses to judge this control'],
    [{ mode: 'status', status: 400, times: 1 }, 1, 'the model server refuses the call (400)'],
  ];
  const refs = org.refs.slice(0, script.length);
  const cases = script.map(([behaviour, calls, failure], index) => {
    const control = refs[index] ?? '';
    return { control, behaviour: { ...behaviour, control }, calls, failure };
  });
  llm.script(cases.map(({ behaviour }) => behaviour));
  const run = await org.assess(refs);
  expect((await run.execute()).status).toBe(200);
  const done = await run.until(ended);

  const failures = cases.flatMap(({ control, failure }) =>
    failure === null ? [] : [{ control, reason: failure }],
  );
  expect(done).toMatchObject({ status: 'completed', progress: 70, controls_evaluated: 7, failures });
  for (const { control, behaviour, calls } of cases) {
    expect(callsTo(control), `${control}: ${behaviour.mode}`).toHaveLength(calls);
  }
  const [limited = '', failing = ''] = refs;
  expect(gaps(limited)[0]).toBeGreaterThanOrEqual(3_000);
  expect(gaps(failing)[0]).toBeGreaterThanOrEqual(1_000);
  expect(gaps(failing)[1]).toBeGreaterThanOrEqual(2_000);
  const failed = failures.map(({ control }) => control);
  expect(await refsOf(run)).toEqual(refs.filter((ref) => !failed.includes(ref)).sort());

  // what is missing is judged by the next run, and nothing else
  llm.reset();
  expect((await run.execute()).status).toBe(200);
  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(llm.counts().by_control).toEqual(Object.fromEntries(failed.map((ref) => [ref, 1])));
  expect(await refsOf(run)).toEqual([...refs].sort());
});

describe('a model that is away pauses the run, and resume goes on with what is left', () => {
  const away = (why: string): string =>
    `The language model cannot be reached: ${why}. Resume when it answers again.`;
  test.each<[string, LlmBehaviour, string]>([
    [
      'too many requests',
      { mode: 'status', status: 429, retry_after: '1' },
      away('the model server limits the rate of calls (429)'),
    ],
    [
      'an hour of patience asked for',
      { mode: 'status', status: 429, retry_after: '3600' },
      away('the model server limits the rate of calls (429)'),
    ],
    ['an error', { mode: 'status', status: 500 }, away('the model server does not answer (status 500)')],
    ['no answer', { mode: 'hang' }, away('the model server does not answer (no answer in time)')],
    ['cut off', { mode: 'cut' }, away('the model server does not answer (connection failed)')],
  ])('%s', async (_name, behaviour, reason) => {
    const { org, llm } = stage;
    const refs = org.refs.slice(0, 8);
    const run = await org.assess(refs, hasty);
    // the first answers come, so the outage hits in the middle
    llm.setMode(behaviour);
    llm.script([
      { mode: 'honest', control: refs[0] },
      { mode: 'honest', control: refs[1] },
    ]);
    expect((await run.execute()).status).toBe(200);
    const status = await run.until(paused);
    expect(status).toMatchObject({ paused_reason: reason, failures: [], eta_seconds: null });
    const sick = llm.calls.filter((call) => call.mode !== 'honest').map((call) => call.at);
    const seconds = (Math.max(...sick) - Math.min(...sick)) / 1_000;
    // those in flight when it began, then one a second whatever the number of lanes
    expect(sick.length).toBeLessThanOrEqual(LANES + Math.ceil(seconds));

    llm.setMode({ mode: 'honest' });
    const before = llm.calls.length;
    await obey(run, 'resume');
    expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
    const after = llm.calls.slice(before).map((call) => call.control);
    expect(after.sort()).toEqual(refs.slice(status.controls_evaluated).sort());
    expect(await refsOf(run)).toEqual([...refs].sort());
  });
});
