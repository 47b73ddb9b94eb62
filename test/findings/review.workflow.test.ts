// R1, R2: the stories of reminders on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReviewActivities } from '../../activities/findings/types.js';
import { remindersQuery, type ReviewInput } from '../../workflows/findings/messages.js';
import { reviewWorkflow } from '../../workflows/findings/review-workflow.js';
import { type Histories, openHistories } from '../support/histories.js';
import { connectTemporal, taskQueueFor, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const DAY = 86_400_000;

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  temporal = await connectTemporal();
  histories = await openHistories('reviewWorkflow');
});
afterAll(() => temporal.close());

type Handle = Awaited<ReturnType<typeof temporal.client.workflow.start<typeof reviewWorkflow>>>;

/** A run whose reminders fall due after so many milliseconds each; a look that fails does not count. */
async function play(
  name: string,
  waits: readonly number[],
  options: {
    story?: (handle: Handle) => Promise<void>;
    failures?: number;
    limits?: ReviewInput['limits'];
  } = {},
): Promise<{ looks: number; result: unknown }> {
  const taskQueue = taskQueueFor(`review ${name}`);
  const left = [...waits];
  let looks = 0;
  let failures = options.failures ?? 0;
  const activities: ReviewActivities = {
    remindReviewers() {
      failures -= 1;
      if (failures >= 0) return Promise.reject(new Error('away'));
      looks += 1;
      const wait = left.shift();
      const next_at = wait === undefined ? null : new Date(Date.now() + wait).toISOString();
      return Promise.resolve({ reminded: 1, next_at });
    },
  };
  const worker = await Worker.create({
    connection: temporal.native,
    taskQueue,
    workflowBundle: histories.bundle,
    activities,
  });
  return await worker.runUntil(async () => {
    const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
    const execution_id = randomUUID();
    const { story = () => Promise.resolve(), limits = {} } = options;
    const handle = await temporal.client.workflow.start(reviewWorkflow, {
      taskQueue,
      workflowId: `review:${tenant.org_id}:${execution_id}`,
      args: [{ tenant, execution_id, remind_before_ms: DAY, limits }],
    });
    await story(handle);
    const result: unknown = await handle.result().catch((error: unknown) => error);
    const first_run = temporal.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
    await histories.check(name, await first_run.fetchHistory());
    return { looks, result };
  });
}

test('asks again when the next reminder is due, and ends with the last one', async () => {
  expect(await play('reminds', [600, 700])).toEqual({ looks: 3, result: { status: 'over' } });
});

test('ends at once when everything was looked at', async () => {
  expect(await play('looked-at', [])).toEqual({ looks: 1, result: { status: 'over' } });
});

test('tries again while the database is away', async () => {
  expect(await play('database-away', [100], { failures: 3 })).toEqual({
    looks: 2,
    result: { status: 'over' },
  });
});

test('says when the next one is due, and is cancelled with its organization', async () => {
  const { result } = await play('cancelled', [2.5 * DAY], {
    async story(handle) {
      await until(async () => (await handle.query(remindersQuery)).next_at !== null);
      await handle.cancel();
    },
  });
  expect(result).toMatchObject({ cause: { name: 'CancelledFailure' } });
});

test('continues as new when the run lasts for ever', async () => {
  const played = await play('continued', [10, 10, 10, 10], { limits: { history_events: 12 } });
  expect(played).toEqual({ looks: 5, result: { status: 'over' } });
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(5);
});

test('a history in which something else is asked is refused', async () => {
  const rename = (text: string): string => text.replaceAll('"remindReviewers"', '"findReviewers"');
  await expect(histories.replayMutant('reminds.json', rename)).rejects.toBeInstanceOf(
    DeterminismViolationError,
  );
});
