// R1, R2: the stories of an organization's end on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deletionQuery } from '../../workflows/orgs/messages.js';
import { orgDeletionWorkflow } from '../../workflows/orgs/org-deletion-workflow.js';
import { type FakeOrgActivities, fakeOrgActivities } from '../support/fakes/org-activities.js';
import { type Histories, openHistories } from '../support/histories.js';
import { connectTemporal, taskQueueFor, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const DAY = 86_400_000;
const IN_ORDER = [
  'cancelOrgWorkflows',
  'removeOrgWorkflows',
  'purgeOrgRows',
  'removeOrgObjects',
  'destroyOrgKey',
];

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  temporal = await connectTemporal();
  histories = await openHistories('orgDeletionWorkflow');
});
afterAll(() => temporal.close());

type Handle = Awaited<ReturnType<typeof temporal.client.workflow.start<typeof orgDeletionWorkflow>>>;

async function play(
  name: string,
  fakes: FakeOrgActivities,
  keep_ms: number,
  story: (handle: Handle) => Promise<unknown>,
): Promise<unknown> {
  const taskQueue = taskQueueFor(`deletion ${name}`);
  const worker = await Worker.create({
    connection: temporal.native,
    taskQueue,
    workflowBundle: histories.bundle,
    activities: fakes.activities,
  });
  return await worker.runUntil(async () => {
    const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
    const handle = await temporal.client.workflow.start(orgDeletionWorkflow, {
      taskQueue,
      workflowId: `deletion:platform:${tenant.org_id}`,
      args: [{ tenant, purge_at: new Date(Date.now() + keep_ms).toISOString() }],
    });
    await story(handle);
    const result: unknown = await handle.result().catch((error: unknown) => error);
    await histories.check(name, await handle.fetchHistory());
    return result;
  });
}

const nothing = (): Promise<void> => Promise.resolve();

test('ends the workflows at once and purges when the time has come, the key last', async () => {
  const fakes = fakeOrgActivities();
  const begun = Date.now();
  const result = await play('happy', fakes, 2_000, nothing);
  expect(result).toEqual({ status: 'purged', rows: 30, objects: 4, workflows: 2 });
  expect(fakes.calls).toEqual(IN_ORDER);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(2_000);
});

test('purges at once what was due while nobody was there', async () => {
  const fakes = fakeOrgActivities();
  expect(await play('overdue', fakes, -DAY, nothing)).toMatchObject({ status: 'purged' });
  expect(fakes.calls).toEqual(IN_ORDER);
});

test('says what it waits for, and an operator may call it off until then', async () => {
  const fakes = fakeOrgActivities();
  const result = await play('called-off', fakes, 30 * DAY, async (handle) => {
    await until(async () => (await handle.query(deletionQuery)).phase === 'waiting');
    await handle.cancel();
  });
  expect(result).toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(fakes.calls).toEqual(['cancelOrgWorkflows']);
});

test('tries again until the store and the database do their part', async () => {
  const failed = new Set<string>();
  const fakes = fakeOrgActivities((name) => {
    if (name === 'cancelOrgWorkflows' || failed.has(name)) return Promise.resolve();
    failed.add(name);
    return Promise.reject(new Error('away'));
  });
  expect(await play('retried', fakes, 0, nothing)).toMatchObject({ status: 'purged' });
  expect(fakes.calls).toEqual(IN_ORDER);
});

test('does not go on to the key when something is refused for good', async () => {
  const fakes = fakeOrgActivities((name) =>
    name === 'removeOrgObjects'
      ? Promise.reject(ApplicationFailure.nonRetryable('the store is not ours', 'FORBIDDEN'))
      : Promise.resolve(),
  );
  const result = await play('refused', fakes, 0, nothing);
  expect(result).toMatchObject({ cause: { cause: { type: 'FORBIDDEN' } } });
  expect(fakes.calls).toEqual(IN_ORDER.slice(0, 3));
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(5);
});

test('a history in which the key goes before the rows is refused', async () => {
  const swap = (text: string): string =>
    text
      .replaceAll('"purgeOrgRows"', '"?"')
      .replaceAll('"destroyOrgKey"', '"purgeOrgRows"')
      .replaceAll('"?"', '"destroyOrgKey"');
  await expect(histories.replayMutant('happy.json', swap)).rejects.toBeInstanceOf(DeterminismViolationError);
});
