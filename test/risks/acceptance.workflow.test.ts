// R1, R2: the stories of the clock of an acceptance on a real server; each history replays, and a changed workflow is
// caught.
import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RiskActivities } from '../../activities/risks/types.js';
import { acceptanceEndedSignal } from '../../workflows/risks/messages.js';
import { riskAcceptanceWorkflow } from '../../workflows/risks/risk-acceptance-workflow.js';
import { type Histories, openHistories } from '../support/histories.js';
import { connectTemporal, taskQueueFor, type TestTemporal } from '../support/temporal.js';

const DAY = 86_400_000;

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  temporal = await connectTemporal();
  histories = await openHistories('riskAcceptanceWorkflow');
});
afterAll(() => temporal.close());

type Handle = Awaited<ReturnType<typeof temporal.client.workflow.start<typeof riskAcceptanceWorkflow>>>;
type Outcome = Awaited<ReturnType<RiskActivities['expireAcceptance']>>;

interface Story {
  /** What the rows answer, one look after the other. */
  answers?: (Outcome | 'away')[];
  act?: (handle: Handle) => Promise<unknown>;
}

async function play(
  name: string,
  wait_ms: number,
  { answers = [], act = () => Promise.resolve() }: Story,
): Promise<{ looks: number; result: unknown }> {
  const taskQueue = taskQueueFor(`acceptance ${name}`);
  const left = [...answers];
  let looks = 0;
  const activities: RiskActivities = {
    expireAcceptance() {
      looks += 1;
      const answer = left.shift() ?? { status: 'expired' };
      return answer === 'away' ? Promise.reject(new Error('away')) : Promise.resolve(answer);
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
    const acceptance_id = randomUUID();
    const expires_at = new Date(Date.now() + wait_ms).toISOString();
    const handle = await temporal.client.workflow.start(riskAcceptanceWorkflow, {
      taskQueue,
      workflowId: `acceptance:${tenant.org_id}:${acceptance_id}`,
      args: [{ tenant, acceptance_id, expires_at }],
    });
    await act(handle);
    const result: unknown = await handle.result().catch((error: unknown) => error);
    await histories.check(name, await handle.fetchHistory());
    return { looks, result };
  });
}

test('opens the risk again when its time has come', async () => {
  expect(await play('expired', 700, {})).toEqual({ looks: 1, result: { status: 'expired' } });
});

test('ends without a look when it was withdrawn or replaced', async () => {
  const withdraw = (handle: Handle) => handle.signal(acceptanceEndedSignal, {});
  expect(await play('withdrawn', 90 * DAY, { act: withdraw })).toEqual({
    looks: 0,
    result: { status: 'ended' },
  });
});

test('asks again where the clock of the database is behind', async () => {
  const later = new Date(Date.now() + 2_500).toISOString();
  const answers: Outcome[] = [{ status: 'waiting', expires_at: later }];
  expect(await play('database-behind', 300, { answers })).toEqual({
    looks: 2,
    result: { status: 'expired' },
  });
});

test('finds it over when somebody was faster', async () => {
  expect(await play('over-already', 300, { answers: [{ status: 'ended' }] })).toEqual({
    looks: 1,
    result: { status: 'ended' },
  });
});

test('tries again while the database is away', async () => {
  expect(await play('database-away', 300, { answers: ['away', 'away'] })).toEqual({
    looks: 3,
    result: { status: 'expired' },
  });
});

test('is cancelled with its organization', async () => {
  const { looks, result } = await play('cancelled', 90 * DAY, { act: (handle) => handle.cancel() });
  expect(looks).toBe(0);
  expect(result).toMatchObject({ cause: { name: 'CancelledFailure' } });
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(6);
});

test('a history in which something else is asked is refused', async () => {
  const rename = (text: string): string => text.replaceAll('"expireAcceptance"', '"closeAcceptance"');
  await expect(histories.replayMutant('expired.json', rename)).rejects.toBeInstanceOf(
    DeterminismViolationError,
  );
});
