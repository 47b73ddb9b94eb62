// R1, R2, R3: the workflow's stories on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assessmentWorkflow } from '../../workflows/assessments/assessment-workflow.js';
import { pauseUpdate, progressQuery, resumeUpdate } from '../../workflows/assessments/messages.js';
import {
  fakeAssessmentActivities,
  modelAway,
  type FakeActivities,
} from '../support/fakes/assessment-activities.js';
import { type Histories, openHistories } from '../support/histories.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  temporal = await startOwnTemporal();
  histories = await openHistories('assessmentWorkflow');
});
afterAll(() => temporal.close());

type Handle = Awaited<ReturnType<typeof temporal.client.workflow.start<typeof assessmentWorkflow>>>;

/** One story at a time: the activities' queues have the names that the workflow gives them. `RECORD_HISTORIES=1` keeps each. */
async function play(
  name: string,
  fakes: FakeActivities,
  story: (handle: Handle) => Promise<void>,
  limits: { outage_seconds?: number; history_events?: number } = {},
): Promise<unknown> {
  const common = { connection: temporal.native, activities: fakes.activities };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue: `core-${name}`, workflowBundle: histories.bundle }),
    Worker.create({ ...common, taskQueue: 'grc-llm' }),
    Worker.create({ ...common, taskQueue: 'grc-steampipe' }),
  ]);
  const running = workers.map((worker) => worker.run());
  try {
    const ids = { assessment_id: randomUUID(), execution_id: randomUUID() };
    const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
    const handle = await temporal.client.workflow.start(assessmentWorkflow, {
      taskQueue: `core-${name}`,
      workflowId: `assessment:${tenant.org_id}:${ids.execution_id}`,
      args: [{ tenant, ...ids, limits }],
    });
    await story(handle);
    const result = await handle.result().catch((error: unknown) => error);
    await histories.check(name, await handle.fetchHistory());
    return result;
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(running);
  }
}

const command = () => randomUUID();
const send = (handle: Handle, update: typeof pauseUpdate, command_id = command()) =>
  handle.executeUpdate(update, { args: [{ command_id }], updateId: command_id });

test('judges every control and finishes', async () => {
  const fakes = fakeAssessmentActivities({ check_groups: [{ table: 'aws_iam_user' }] });
  const result = await play('happy', fakes, () => Promise.resolve());
  expect(result).toEqual({ status: 'completed' });
  expect(fakes.calls.filter((call) => call.startsWith('controls'))).toHaveLength(6);
  expect(fakes.calls.at(0)).toBe('running');
  expect(fakes.calls.at(1)).toBe('checks aws_iam_user');
  expect(fakes.calls.at(-1)).toBe('finished');
});

test('pauses on request, refuses to pause twice, and goes on with what is left', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((open) => (release = open));
  let begun = 0;
  const fakes = fakeAssessmentActivities({}, (_, attempt) => {
    begun = attempt;
    return gate;
  });
  const result = await play('paused-resumed', fakes, async (handle) => {
    await until(() => begun === 2);
    expect(await send(handle, pauseUpdate)).toEqual({ status: 'paused' });
    await expect(send(handle, pauseUpdate)).rejects.toMatchObject({ cause: { type: 'CONFLICT' } });
    release();
    await until(() => fakes.calls.filter((call) => call.startsWith('controls')).length === 2);
    await sleep(300); // nothing new may start; there is no event to wait for
    expect(fakes.calls.filter((call) => call.startsWith('controls'))).toHaveLength(2);
    expect(await handle.query(progressQuery)).toMatchObject({ paused: true, controls_evaluated: 2 });
    expect(await send(handle, resumeUpdate)).toEqual({ status: 'running' });
  });
  expect(result).toEqual({ status: 'completed' });
  expect(fakes.calls.filter((call) => call.startsWith('controls'))).toHaveLength(6);
});

test('is cancelled while paused and says so in its row', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((open) => (release = open));
  const fakes = fakeAssessmentActivities({}, () => gate);
  await play('cancelled-paused', fakes, async (handle) => {
    await until(() => fakes.calls.includes('running'));
    await send(handle, pauseUpdate);
    release();
    await handle.cancel();
    await until(() => fakes.calls.includes('cancelled'));
  });
  expect(fakes.calls).not.toContain('finished');
});

test('pauses by itself when the model is away, and goes on after resume', async () => {
  const fakes = fakeAssessmentActivities({}, (_, attempt) =>
    attempt <= 2 ? Promise.reject(modelAway()) : Promise.resolve(),
  );
  const result = await play('model-away', fakes, async (handle) => {
    await until(() => fakes.calls.includes('paused llm_unreachable'));
    await send(handle, resumeUpdate);
  });
  expect(result).toEqual({ status: 'completed' });
  expect(fakes.calls.filter((call) => call.startsWith('controls'))).toHaveLength(6);
});

test('pauses when control after control fails for one reason, and tries those again after resume', async () => {
  const refused = { evaluated: 0, failed: [{ ref: 'CC1.1', code: 'LLM_REFUSED' }] };
  const fakes = fakeAssessmentActivities({ controls_total: 8, concurrency: 1 }, (_, attempt) =>
    Promise.resolve(attempt <= 5 ? refused : {}),
  );
  const result = await play('same-failure-retried', fakes, async (handle) => {
    await until(() => fakes.calls.includes('paused same_failure'));
    await send(handle, resumeUpdate);
  });
  expect(result).toEqual({ status: 'completed' });
  const judged = fakes.calls.filter((call) => call.startsWith('controls'));
  expect(judged).toHaveLength(5 + 8);
  expect(judged.slice(5, 10)).toEqual(judged.slice(0, 5));
});

test('continues as new with nothing lost and nothing done twice', async () => {
  const fakes = fakeAssessmentActivities({ controls_total: 40, concurrency: 4 });
  const result = await play('continued', fakes, () => Promise.resolve(), { history_events: 60 });
  expect(result).toEqual({ status: 'completed' });
  const done = fakes.calls.filter((call) => call.startsWith('controls'));
  expect(new Set(done).size).toBe(40);
  expect(done).toHaveLength(40);
  expect(fakes.calls.filter((call) => call === 'finished')).toHaveLength(1);
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(5);
});

test('a history whose activities come in another order is refused', async () => {
  const swap = (text: string): string => text.replaceAll('"runChecks"', '"evaluateControls"');
  await expect(histories.replayMutant('happy.json', swap)).rejects.toBeInstanceOf(DeterminismViolationError);
});
