// R1, R2: the stories of one report on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportActivities, ReportMaking } from '../../activities/reports/types.js';
import { TASK_QUEUES } from '../../domain/temporal.js';
import { reportWorkflow } from '../../workflows/reports/report-workflow.js';
import { type Histories, openHistories } from '../support/histories.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const MADE = { sha256: 'a'.repeat(64), size: 12 };

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  // of its own, because the report queue is polled by its real name
  temporal = await startOwnTemporal();
  histories = await openHistories('reportWorkflow');
});
afterAll(() => temporal.close());

interface Story {
  next?: 'make' | 'clear' | 'nothing';
  /** What each rendering comes to; after them it succeeds. */
  renderings?: readonly (Error | 'until cancelled' | 'until cancelled, then away')[];
}

interface Played {
  calls: string[];
  failed: { failure: string; cancelled: boolean }[];
  result: unknown;
}

async function play(name: string, { next = 'make', renderings = [] }: Story): Promise<Played> {
  const left = [...renderings];
  const played: Played = { calls: [], failed: [], result: undefined };
  const note = <T>(call: string, answer: T): Promise<T> => {
    played.calls.push(call);
    return Promise.resolve(answer);
  };
  const activities: ReportMaking & ReportActivities = {
    beginReport: () => note('begin', { next }),
    gatherReport: () => note('gather', undefined),
    clearReport: () => note('clear', undefined),
    completeReport: () => note('complete', { status: 'completed' }),
    async renderReport() {
      const turn = left.shift();
      await note('render', turn);
      if (turn instanceof Error) throw turn;
      if (turn === 'until cancelled') await untilCancelled();
      if (turn === 'until cancelled, then away')
        await untilCancelled().catch(() => {
          throw new Error('away');
        });
      return MADE;
    },
    failReport({ failure, cancelled }) {
      played.failed.push({ failure, cancelled });
      return note('fail', { status: 'failed' });
    },
  };
  const taskQueue = `core-${name}`;
  const common = { connection: temporal.native, activities, maxHeartbeatThrottleInterval: '200ms' };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue, workflowBundle: histories.bundle }),
    Worker.create({ ...common, taskQueue: TASK_QUEUES.report }),
  ]);
  const running = workers.map((worker) => worker.run());
  try {
    const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
    const report_id = randomUUID();
    const handle = await temporal.client.workflow.start(reportWorkflow, {
      taskQueue,
      workflowId: `report:${tenant.org_id}:${report_id}`,
      args: [{ tenant, report_id }],
    });
    if (renderings.some((each) => typeof each === 'string')) {
      await until(() => played.calls.includes('render'));
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

/** As a rendering does: it beats, and stops when it hears of it. */
async function untilCancelled(): Promise<void> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 100);
  await context.cancelled.finally(() => clearInterval(timer));
}

test('is read, rendered and completed', async () => {
  expect(await play('completed', {})).toEqual({
    calls: ['begin', 'gather', 'render', 'complete'],
    failed: [],
    result: { status: 'completed' },
  });
});

test('waits for a store that comes back', async () => {
  const away = ApplicationFailure.create({
    message: 'away',
    type: 'SERVICE_UNAVAILABLE',
    nextRetryDelay: 50,
  });
  const { calls, result } = await play('outage', { renderings: [away, away] });
  expect(calls).toEqual(['begin', 'gather', 'render', 'render', 'render', 'complete']);
  expect(result).toEqual({ status: 'completed' });
});

test('that is too large fails at once, and its row says why', async () => {
  const large = ApplicationFailure.nonRetryable('There are more than 20000 risks.', 'PAYLOAD_TOO_LARGE');
  expect(await play('too-large', { renderings: [large] })).toEqual({
    calls: ['begin', 'gather', 'render', 'fail'],
    failed: [{ failure: 'There are more than 20000 risks.', cancelled: false }],
    result: { status: 'failed' },
  });
});

test('that fails by a fault of ours says so, and not how', async () => {
  const fault = ApplicationFailure.nonRetryable('undefined is not a function', 'INTERNAL_ERROR');
  const { failed } = await play('fault', { renderings: [fault] });
  expect(failed[0]?.failure).toMatch(/^It could not be made for a reason of ours/);
});

test('that is cancelled waits for the rendering to stop, and says so', async () => {
  const { calls, failed, result } = await play('cancelled', { renderings: ['until cancelled'] });
  expect(calls).toEqual(['begin', 'gather', 'render', 'fail']);
  expect(failed).toEqual([{ failure: 'It was cancelled.', cancelled: true }]);
  expect(result).toMatchObject({ cause: { name: 'CancelledFailure' } });
});

test('that fails while it is cancelled counts as cancelled', async () => {
  const { failed, result } = await play('cancelled-away', { renderings: ['until cancelled, then away'] });
  expect(failed).toEqual([{ failure: 'It was cancelled.', cancelled: true }]);
  expect(result).toMatchObject({ cause: { name: 'CancelledFailure' } });
});

test('that was deleted is cleared, one that has ended is left alone', async () => {
  expect(await play('cleared', { next: 'clear' })).toMatchObject({
    calls: ['begin', 'clear'],
    result: { status: 'cleared' },
  });
  expect(await play('settled', { next: 'nothing' })).toMatchObject({
    calls: ['begin'],
    result: { status: 'settled' },
  });
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(8);
});

test('a history in which something else is asked is refused', async () => {
  const rename = (text: string): string => text.replaceAll('"renderReport"', '"drawReport"');
  await expect(histories.replayMutant('completed.json', rename)).rejects.toBeInstanceOf(
    DeterminismViolationError,
  );
});
