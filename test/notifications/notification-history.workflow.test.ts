// R1, R2: the stories of one message on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeliveryActivities, NotificationActivities } from '../../activities/notifications/types.js';
import { TASK_QUEUES } from '../../domain/temporal.js';
import { notificationWorkflow } from '../../workflows/notifications/notification-workflow.js';
import { type Histories, openHistories } from '../support/histories.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const HOUR = 3_600_000;

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  // of its own, because the egress queue is polled by its real name
  temporal = await startOwnTemporal();
  histories = await openHistories('notificationWorkflow');
});
afterAll(() => temporal.close());

type Handle = Awaited<ReturnType<typeof temporal.client.workflow.start<typeof notificationWorkflow>>>;

interface Played {
  attempts: number;
  given_up: string[];
  result: unknown;
}

interface Story {
  /** What each attempt throws; afterwards they succeed. */
  failures?: readonly Error[];
  database_failures?: number;
  quiet_ms?: number;
  tell?: (handle: Handle) => Promise<void>;
}

async function play(name: string, story: Story = {}): Promise<Played> {
  const left = [...(story.failures ?? [])];
  let away = story.database_failures ?? 0;
  const played: Played = { attempts: 0, given_up: [], result: undefined };
  const activities: DeliveryActivities & NotificationActivities = {
    sendNotification() {
      played.attempts += 1;
      const failure = left.shift();
      return failure ? Promise.reject(failure) : Promise.resolve({ sent: true });
    },
    failNotification({ reason }) {
      away -= 1;
      if (away >= 0) return Promise.reject(new Error('away'));
      played.given_up.push(reason);
      return Promise.resolve();
    },
  };
  const taskQueue = `core-${name}`;
  const common = { connection: temporal.native, activities };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue, workflowBundle: histories.bundle }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.egress }),
  ]);
  const running = workers.map((worker) => worker.run());
  try {
    const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
    const notification_id = randomUUID();
    const not_before =
      story.quiet_ms === undefined ? null : new Date(Date.now() + story.quiet_ms).toISOString();
    const handle = await temporal.client.workflow.start(notificationWorkflow, {
      taskQueue,
      workflowId: `notification:${tenant.org_id}:${notification_id}`,
      args: [{ tenant, notification_id, not_before }],
    });
    await story.tell?.(handle);
    played.result = await handle.result().catch((error: unknown) => error);
    await histories.check(name, await handle.fetchHistory());
    return played;
  } finally {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
  }
}

const refusal = (type: string): Error => ApplicationFailure.nonRetryable(type, type);
const trouble = (type: string): Error =>
  ApplicationFailure.create({ message: type, type, nextRetryDelay: 50 });

test('is sent', async () => {
  expect(await play('sent')).toEqual({ attempts: 1, given_up: [], result: { state: 'sent' } });
});

test('is tried again while the receiver is away', async () => {
  const failures = [trouble('unreachable'), trouble('status_500')];
  expect(await play('retried', { failures })).toEqual({
    attempts: 3,
    given_up: [],
    result: { state: 'sent' },
  });
});

test('is given up when another attempt cannot help', async () => {
  expect(await play('refused', { failures: [refusal('refused_address')] })).toEqual({
    attempts: 1,
    given_up: ['refused_address'],
    result: { state: 'failed' },
  });
});

test('is given up for good, although the database is away at that moment', async () => {
  const story = { failures: [refusal('status_410')], database_failures: 3 };
  expect(await play('database-away', story)).toEqual({
    attempts: 1,
    given_up: ['status_410'],
    result: { state: 'failed' },
  });
});

test('waits for the end of the quiet hours', async () => {
  const begun = Date.now();
  expect(await play('quiet-hours', { quiet_ms: 1_500 })).toMatchObject({
    attempts: 1,
    result: { state: 'sent' },
  });
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1_500);
});

test('ends with its organization, even in the quiet hours', async () => {
  const played = await play('cancelled', {
    quiet_ms: HOUR,
    async tell(handle) {
      await until(async () => (await handle.describe()).historyLength > 4);
      await handle.cancel();
    },
  });
  expect(played).toMatchObject({
    attempts: 0,
    given_up: [],
    result: { cause: { name: 'CancelledFailure' } },
  });
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(5);
});

test('a history in which something else is asked is refused', async () => {
  const rename = (text: string): string => text.replaceAll('"sendNotification"', '"postNotification"');
  await expect(histories.replayMutant('sent.json', rename)).rejects.toBeInstanceOf(DeterminismViolationError);
});
