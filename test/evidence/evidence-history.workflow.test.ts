// R1, R2: the stories of one document on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EvidenceActivities, EvidenceReading } from '../../activities/evidence/types.js';
import { TASK_QUEUES } from '../../domain/temporal.js';
import { evidenceChangedSignal, uploadedSignal } from '../../workflows/evidence/messages.js';
import { evidenceWorkflow } from '../../workflows/evidence/evidence-workflow.js';
import { type Histories, openHistories } from '../support/histories.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const DAY = 86_400_000;
const SOON = 1_200;

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  // a server of its own: files are read on the product's queue
  temporal = await startOwnTemporal();
  histories = await openHistories('evidenceWorkflow');
});
afterAll(() => temporal.close());

type Handle = Awaited<ReturnType<typeof temporal.client.workflow.start<typeof evidenceWorkflow>>>;
type Clock = Awaited<ReturnType<EvidenceActivities['ageEvidence']>>;

interface Story {
  /** How long its upload is awaited; null: it was not uploaded. */
  open_ms: number | null;
  /** What the rows and the store answer, one look after the other; the last goes on. */
  finds?: ('there' | 'absent' | 'settled' | 'away')[];
  reads?: ('verified' | 'rejected' | 'away' | null)[];
  clocks?: Clock[];
  act?: (handle: Handle, calls: string[]) => Promise<unknown>;
}

const verified = (due_ms: number | null): Clock => ({
  status: 'verified',
  due_at: due_ms === null ? null : new Date(Date.now() + due_ms).toISOString(),
});

async function play(name: string, story: Story): Promise<{ calls: string[]; result: unknown }> {
  const { open_ms, act = () => Promise.resolve() } = story;
  const calls: string[] = [];
  const left = {
    finds: story.finds ?? [],
    reads: story.reads ?? [],
    clocks: story.clocks ?? [verified(null)],
  };
  const next = <T>(list: T[], fallback: T): T => {
    const answer = list.length > 1 ? list.shift() : list[0];
    return answer === undefined ? fallback : answer;
  };
  const orAway = <T>(answer: T | 'away'): Promise<T> =>
    answer === 'away' ? Promise.reject(new Error('away')) : Promise.resolve(answer);
  const activities: EvidenceActivities & EvidenceReading = {
    async findUpload() {
      calls.push('find');
      return { upload: await orAway(next(left.finds, 'settled' as const)) };
    },
    async verifyEvidence() {
      calls.push('read');
      return { status: await orAway(next(left.reads, 'verified' as const)) };
    },
    closeUpload() {
      calls.push('close');
      return Promise.resolve();
    },
    removeUpload() {
      calls.push('clear');
      return Promise.resolve();
    },
    ageEvidence() {
      calls.push('age');
      return Promise.resolve(next(left.clocks, null));
    },
  };
  const options = { connection: temporal.native, workflowBundle: histories.bundle, activities };
  const [core, reader] = await Promise.all([
    Worker.create({ ...options, taskQueue: TASK_QUEUES.core }),
    Worker.create({ ...options, taskQueue: TASK_QUEUES.evidence }),
  ]);
  return await reader.runUntil(
    core.runUntil(async () => {
      const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
      const evidence_id = randomUUID();
      const key = `quarantine/${tenant.org_id}/${evidence_id}/x`;
      const upload =
        open_ms === null ? null : { key, closes_at: new Date(Date.now() + open_ms).toISOString() };
      const handle = await temporal.client.workflow.start(evidenceWorkflow, {
        taskQueue: TASK_QUEUES.core,
        workflowId: `evidence:${tenant.org_id}:${evidence_id}`,
        args: [{ tenant, evidence_id, upload }],
      });
      await act(handle, calls);
      const result: unknown = await handle.result().catch((error: unknown) => error);
      await histories.check(name, await handle.fetchHistory());
      return { calls, result };
    }),
  );
}

const DONE = { status: 'done' };

test('is seen, read, cleared away, and once more when no late upload can come', async () => {
  const { calls, result } = await play('verified', { open_ms: SOON, finds: ['absent', 'there'] });
  expect(result).toEqual(DONE);
  expect(calls.join(' ')).toMatch(/^(find )+read clear (age )+clear$/);
});

test('is looked at once when somebody says that it is there', async () => {
  const act = async (handle: Handle, calls: string[]): Promise<void> => {
    await until(() => calls.length > 0);
    await handle.signal(uploadedSignal, {});
    await until(() => calls.includes('read'));
    await handle.cancel();
  };
  const { calls } = await play('told', { open_ms: DAY, finds: ['absent', 'there'], act });
  expect(calls).toContain('read');
});

test('that does not come is given up', async () => {
  const { calls, result } = await play('expired', { open_ms: SOON, finds: ['absent'] });
  expect(result).toEqual(DONE);
  expect(calls.slice(-4)).toEqual(expect.arrayContaining(['close', 'clear', 'age']));
  expect(calls).not.toContain('read');
});

test('is looked for again when it is gone or replaced while it is read', async () => {
  const { calls } = await play('replaced', { open_ms: SOON, finds: ['there'], reads: [null, 'rejected'] });
  expect(calls.filter((call) => call === 'read')).toHaveLength(2);
});

test('is tried again while the store is away', async () => {
  const { calls, result } = await play('store-away', {
    open_ms: SOON,
    finds: ['away', 'there'],
    reads: ['away', 'verified'],
  });
  expect(result).toEqual(DONE);
  expect(calls.filter((call) => call === 'read')).toHaveLength(2);
});

test('turns stale when its time has come, also where the clock of the database is behind', async () => {
  const clocks = [verified(SOON), verified(SOON + 900), verified(null)];
  const { calls, result } = await play('stale', { open_ms: null, clocks });
  expect([result, calls]).toEqual([DONE, ['age', 'age', 'age']]);
});

test('reads another expiry at once', async () => {
  const act = async (handle: Handle, calls: string[]): Promise<void> => {
    await until(() => calls.length > 0);
    await handle.signal(evidenceChangedSignal, {});
  };
  const clocks = [verified(300 * DAY), verified(null)];
  const { calls, result } = await play('changed', { open_ms: null, clocks, act });
  expect([result, calls]).toEqual([DONE, ['age', 'age']]);
});

test('goes on from its row where it is started again', async () => {
  const { calls, result } = await play('again', { open_ms: -DAY, finds: ['settled'], clocks: [null] });
  expect([result, calls]).toEqual([DONE, ['find', 'clear', 'age', 'clear']]);
});

test('clears away what was uploaded when it is cancelled with its organization', async () => {
  const act = async (handle: Handle, calls: string[]): Promise<void> => {
    await until(() => calls.length > 0);
    await handle.cancel();
  };
  const { calls, result } = await play('cancelled', { open_ms: DAY, finds: ['absent'], act });
  expect(calls.at(-1)).toBe('clear');
  expect(result).toMatchObject({ cause: { name: 'CancelledFailure' } });
});

test('every recorded history of this workflow still replays', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(9);
});

test('a history in which something else is asked is refused', async () => {
  const rename = (text: string): string => text.replaceAll('"verifyEvidence"', '"trustEvidence"');
  await expect(histories.replayMutant('verified.json', rename)).rejects.toBeInstanceOf(
    DeterminismViolationError,
  );
});
