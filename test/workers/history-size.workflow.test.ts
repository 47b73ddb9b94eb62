// R16: a run over 1,500 controls stays far from the server's limits: events and bytes of each history, and the largest
// payload in it, as they travel: encrypted.
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { planBatches } from '../../domain/assessments/rules.js';
import { loadWorkflowBundle } from '../../workers/bundle.js';
import { assessmentWorkflow } from '../../workflows/assessments/assessment-workflow.js';
import { fixedDataConverter } from '../support/codec.js';
import { fakeAssessmentActivities } from '../support/fakes/assessment-activities.js';
import { historySizes } from '../support/history-size.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';

const CONTROLS = 1_500;
/** The default, and what a large installation sets. */
const CONCURRENCIES = [8, 100];
const TABLES = 40;
/** Every so many-th control fails for good, and says why. */
const FAILS = 10;
const MOST_EVENTS = 4_000;
const MOST_BYTES = 5 * 1024 * 1024;
const MOST_OF_ONE = 16 * 1024;

vi.setConfig({ testTimeout: 120_000 });
let temporal: TestTemporal;
let client: Client;

beforeAll(async () => {
  temporal = await startOwnTemporal();
  client = new Client({ connection: temporal.connection, dataConverter });
});
afterAll(() => temporal.close());

const dataConverter = fixedDataConverter();

test.each(CONCURRENCIES)('1,500 controls, %i at once: no history comes near a limit', async (concurrency) => {
  const fakes = fakeAssessmentActivities({
    controls_total: CONTROLS,
    concurrency,
    ...planBatches(CONTROLS, concurrency),
    check_groups: Array.from({ length: TABLES }, (_, index) => ({ table: `aws_service_number_${index}` })),
  });
  const judged = new Set<number>();
  const activities = {
    ...fakes.activities,
    evaluateControls({ from, to }: { from: number; to: number }) {
      const positions = Array.from({ length: to - from }, (_, index) => from + index);
      positions.forEach((position) => judged.add(position));
      // codes differ, or five alike in a row would pause the run
      const failed = positions
        .filter((position) => position % FAILS === 0)
        .map((position) => ({ ref: `AC-${position}.long-reference`, code: `LLM_REFUSED_${position}` }));
      return Promise.resolve({ evaluated: positions.length - failed.length, failed, stopped: null });
    },
  };
  const workers = await Promise.all(
    ['core', 'grc-llm', 'grc-steampipe'].map(async (taskQueue) =>
      Worker.create({
        connection: temporal.native,
        taskQueue,
        dataConverter,
        activities,
        ...(taskQueue === 'core' && { workflowBundle: (await loadWorkflowBundle()).workflowBundle }),
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
  const execution_id = randomUUID();
  const handle = await client.workflow.start(assessmentWorkflow, {
    taskQueue: 'core',
    workflowId: `assessment:${tenant.org_id}:${execution_id}`,
    args: [{ tenant, assessment_id: randomUUID(), execution_id }],
  });
  expect(await handle.result()).toEqual({ status: 'completed' });
  workers.forEach((worker) => worker.shutdown());
  await Promise.all(running);

  expect(judged.size).toBe(CONTROLS);
  const sizes = await historySizes(client, handle.workflowId, handle.firstExecutionRunId);
  // what was measured is the whole: each control and each table is in one of them
  const events = sizes.reduce((sum, size) => sum + size.events, 0);
  expect(events).toBeGreaterThan(3 * (TABLES + CONTROLS / planBatches(CONTROLS, concurrency).batch_size));
  for (const size of sizes) {
    expect(size.events).toBeLessThanOrEqual(MOST_EVENTS);
    expect(size.bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(size.largest).toBeGreaterThan(100);
    expect(size.largest).toBeLessThanOrEqual(MOST_OF_ONE);
  }
  // one event per control, as far as the history goes
  expect(events).toBeLessThanOrEqual(CONTROLS);
  process.stdout.write(`1,500 controls, ${concurrency} at once: ${JSON.stringify(sizes)}\n`);
});
