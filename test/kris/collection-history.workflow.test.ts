// R1, R2: the stories of one collection on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CollectionResult, KriActivities, KriCollecting } from '../../activities/kris/types.js';
import { TASK_QUEUES } from '../../domain/temporal.js';
import { kriCollectionWorkflow } from '../../workflows/kris/kri-collection-workflow.js';
import { type Histories, openHistories } from '../support/histories.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  // of its own, because the Steampipe queue is polled by its real name
  temporal = await startOwnTemporal();
  histories = await openHistories('kriCollectionWorkflow');
});
afterAll(() => temporal.close());

interface Story {
  /** What each attempt comes to; the last one holds on. */
  attempts: readonly (CollectionResult['outcome'] | Error)[];
  by_schedule?: boolean;
  cancel?: boolean;
}

interface Played {
  asked: { collection_id: string; by_schedule: boolean }[];
  given_up: string[];
  result: unknown;
  run_id: string;
}

async function play(name: string, story: Story): Promise<Played> {
  const left = [...story.attempts];
  const played: Played = { asked: [], given_up: [], result: undefined, run_id: '' };
  const activities: KriCollecting & KriActivities = {
    collectKri({ collection_id, by_schedule }) {
      played.asked.push({ collection_id, by_schedule });
      const next = left.length > 1 ? left.shift() : left[0];
      if (next instanceof Error) return Promise.reject(next);
      if (next === undefined) throw new Error('a story has at least one attempt');
      return Promise.resolve({ outcome: next });
    },
    failKriCollection({ reason }) {
      played.given_up.push(reason);
      return Promise.resolve();
    },
  };
  const taskQueue = `core-${name}`;
  const common = { connection: temporal.native, activities };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue, workflowBundle: histories.bundle }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.steampipe }),
  ]);
  const running = workers.map((worker) => worker.run());
  try {
    const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
    const collection_id = story.by_schedule === true ? null : randomUUID();
    const handle = await temporal.client.workflow.start(kriCollectionWorkflow, {
      taskQueue,
      workflowId: `kri:${tenant.org_id}:${randomUUID()}`,
      args: [{ tenant, kri_id: randomUUID(), collection_id }],
    });
    played.run_id = handle.firstExecutionRunId;
    if (story.cancel === true) {
      await until(() => played.asked.length > 0);
      await handle.cancel();
    }
    played.result = await handle.result().catch((error: unknown) => error);
    await histories.check(name, await handle.fetchHistory());
    return played;
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

const outage = ApplicationFailure.create({
  message: 'away',
  type: 'STEAMPIPE_UNREACHABLE',
  nextRetryDelay: 50,
});

test('brings a value', async () => {
  const played = await play('measured', { attempts: ['measured'] });
  expect(played).toMatchObject({ given_up: [], result: { outcome: 'measured' } });
  expect(played.asked).toHaveLength(1);
});

test('of a schedule is a collection of its own, known by its run', async () => {
  const { asked, run_id, result } = await play('by-schedule', { attempts: ['measured'], by_schedule: true });
  expect(asked).toEqual([{ collection_id: run_id, by_schedule: true }]);
  expect(result).toEqual({ outcome: 'measured' });
});

test('that fails by its query is over: another attempt would say the same', async () => {
  const played = await play('failed', { attempts: ['failed'] });
  expect(played).toMatchObject({ given_up: [], result: { outcome: 'failed' } });
  expect(played.asked).toHaveLength(1);
});

test('of an indicator that is gone does nothing', async () => {
  expect(await play('skipped', { attempts: ['skipped'] })).toMatchObject({ result: { outcome: 'skipped' } });
});

test('waits for an inventory that comes back', async () => {
  const played = await play('retried', { attempts: [outage, outage, 'measured'] });
  expect(played).toMatchObject({ given_up: [], result: { outcome: 'measured' } });
  const ids = new Set(played.asked.map(({ collection_id }) => collection_id));
  expect([played.asked.length, ids.size]).toEqual([3, 1]);
});

test('says why it was given up when the inventory stays away', async () => {
  const played = await play('unreachable', { attempts: [outage] });
  expect(played).toMatchObject({ given_up: ['unreachable'], result: { outcome: 'failed' } });
  expect(played.asked).toHaveLength(5);
});

test('says that the fault is ours when it is', async () => {
  const fault = ApplicationFailure.nonRetryable('a bug', 'INTERNAL_ERROR');
  expect(await play('fault', { attempts: [fault] })).toMatchObject({ given_up: ['error'] });
});

test('ends with its organization, and nobody is blamed', async () => {
  // between two attempts, an hour apart
  const later = ApplicationFailure.create({ message: 'away', nextRetryDelay: 3_600_000 });
  const played = await play('cancelled', { attempts: [later], cancel: true });
  expect(played).toMatchObject({ given_up: [], result: { cause: { name: 'CancelledFailure' } } });
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(5);
});

test('a history in which something else is asked is refused', async () => {
  const rename = (text: string): string => text.replaceAll('"collectKri"', '"gatherKri"');
  await expect(histories.replayMutant('measured.json', rename)).rejects.toBeInstanceOf(
    DeterminismViolationError,
  );
});
