// R4: the timers of runs, reviews, deletions, acceptances and documents on a server on which weeks pass at once: each
// rings when it is due, to the second, and nothing rings between.
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EvidenceActivities } from '../../activities/evidence/types.js';
import type { ReviewActivities } from '../../activities/findings/types.js';
import type { RiskActivities } from '../../activities/risks/types.js';
import { REMIND_BEFORE_MS, REVIEW_DAYS } from '../../domain/findings/rules.js';
import { KEPT_AFTER_DELETION_MS } from '../../domain/orgs/rules.js';
import { loadWorkflowBundle } from '../../workers/bundle.js';
import { assessmentWorkflow } from '../../workflows/assessments/assessment-workflow.js';
import { progressQuery, resumeUpdate } from '../../workflows/assessments/messages.js';
import { evidenceWorkflow } from '../../workflows/evidence/evidence-workflow.js';
import { reviewWorkflow } from '../../workflows/findings/review-workflow.js';
import { riskAcceptanceWorkflow } from '../../workflows/risks/risk-acceptance-workflow.js';
import { orgDeletionWorkflow } from '../../workflows/orgs/org-deletion-workflow.js';
import { fakeAssessmentActivities, modelAway } from '../support/fakes/assessment-activities.js';
import { fakeOrgActivities } from '../support/fakes/org-activities.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { until } from '../support/until.js';

const SECOND = 1_000;
const DAY = 86_400 * SECOND;
/** What 90 days may cost on a machine that is busy with other tests; alone it is a few seconds. */
const REAL_MS = 30_000;

let environment: TestWorkflowEnvironment;
let workflowBundle: WorkflowBundleOption;

beforeAll(async () => {
  ({ workflowBundle } = await loadWorkflowBundle());
  environment = await timeSkippingEnvironment();
});
afterAll(() => environment.teardown());

const now = (): Promise<number> => environment.currentTimeMs();
const tenantRef = () => ({ org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' });

/** Never early. Late by what this machine itself has spent on the story, at most: that time passes on the server too. */
function clock(): (actual: number | undefined, wanted: number) => void {
  const begun = Date.now();
  return (actual, wanted) => {
    const late_ms = (actual ?? Number.NaN) - wanted;
    expect(late_ms).toBeGreaterThanOrEqual(-SECOND);
    expect(late_ms).toBeLessThanOrEqual(SECOND + Date.now() - begun);
  };
}

async function work<T>(queues: string[], activities: object, story: () => Promise<T>): Promise<T> {
  const connection = environment.nativeConnection;
  const workers = await Promise.all(
    queues.map((taskQueue) => Worker.create({ connection, taskQueue, workflowBundle, activities })),
  );
  const running = workers.map((worker) => worker.run());
  try {
    return await story();
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(running);
  }
}

test.each([
  ['as long as deleted organizations are kept', KEPT_AFTER_DELETION_MS],
  ['for 90 days', 90 * DAY],
])('an organization is kept %s and purged on the second', async (_, keep_ms) => {
  const times = new Map<string, number>();
  const { activities } = fakeOrgActivities(async (name) => void times.set(name, await now()));
  const queue = `deletion-${keep_ms}`;
  await work([queue], activities, async () => {
    const begun = Date.now();
    const expectOnTime = clock();
    const start = await now();
    const purge_at = new Date(start + keep_ms).toISOString();
    const outcome = await environment.client.workflow.execute(orgDeletionWorkflow, {
      taskQueue: queue,
      workflowId: queue,
      args: [{ tenant: tenantRef(), purge_at }],
    });
    expect(outcome.status).toBe('purged');
    expectOnTime(times.get('cancelOrgWorkflows'), start);
    expectOnTime(times.get('removeOrgWorkflows'), start + keep_ms);
    expectOnTime(times.get('destroyOrgKey'), start + keep_ms);
    expect(Date.now() - begun).toBeLessThan(REAL_MS);
  });
});

test('a reviewer is reminded at half of the time and when it is over, later findings at theirs', async () => {
  const expectOnTime = clock();
  const start = await now();
  const due = [start + REVIEW_DAYS * DAY, start + (REVIEW_DAYS + 1) * DAY];
  const told = new Map<string, number>();
  // as the rows would have it: the second finding is written a day after the first, and the run ends with it
  const activities: ReviewActivities = {
    async remindReviewers({ remind_before_ms }) {
      const at = await now();
      const steps = due.flatMap((moment, index) => [
        { name: `half ${index}`, at: moment - remind_before_ms },
        { name: `over ${index}`, at: moment },
      ]);
      const next = steps.filter((step) => step.at > at).map((step) => step.at);
      for (const step of steps) if (step.at <= at && !told.has(step.name)) told.set(step.name, at);
      const next_at = next.length === 0 ? null : new Date(Math.min(...next)).toISOString();
      return { reminded: 1, next_at };
    },
  };
  await work(['reviews'], activities, () =>
    environment.client.workflow.execute(reviewWorkflow, {
      taskQueue: 'reviews',
      workflowId: 'reviews',
      args: [{ tenant: tenantRef(), execution_id: randomUUID(), remind_before_ms: REMIND_BEFORE_MS }],
    }),
  );
  expectOnTime(told.get('half 0'), start + 2.5 * DAY);
  expectOnTime(told.get('half 1'), start + 3.5 * DAY);
  expectOnTime(told.get('over 0'), start + 5 * DAY);
  expectOnTime(told.get('over 1'), start + 6 * DAY);
});

test('a risk that was accepted for a year is open again on the second', async () => {
  const expectOnTime = clock();
  const due = (await now()) + 365 * DAY;
  let rung: number | undefined;
  const activities: RiskActivities = {
    async expireAcceptance() {
      rung = await now();
      return { status: 'expired' };
    },
  };
  const expires_at = new Date(due).toISOString();
  const outcome = await work(['acceptances'], activities, () =>
    environment.client.workflow.execute(riskAcceptanceWorkflow, {
      taskQueue: 'acceptances',
      workflowId: 'acceptances',
      args: [{ tenant: tenantRef(), acceptance_id: randomUUID(), expires_at }],
    }),
  );
  expect(outcome).toEqual({ status: 'expired' });
  expectOnTime(rung, due);
});

test('a document that is good for two years turns stale on the second, looked at once a year', async () => {
  const expectOnTime = clock();
  const due = (await now()) + 730 * DAY;
  const looks: number[] = [];
  const activities: Pick<EvidenceActivities, 'ageEvidence'> = {
    async ageEvidence() {
      const at = await now();
      looks.push(at);
      return { status: 'verified', due_at: at < due ? new Date(due).toISOString() : null };
    },
  };
  const ref = { tenant: tenantRef(), evidence_id: randomUUID() };
  await work(['evidence'], activities, () =>
    environment.client.workflow.execute(evidenceWorkflow, {
      taskQueue: 'evidence',
      workflowId: 'evidence',
      args: [{ ...ref, upload: null }],
    }),
  );
  expect(looks).toHaveLength(3);
  expectOnTime(looks.at(-1), due);
});

test('a run that paused by itself waits for weeks, does nothing, and goes on when it is resumed', async () => {
  const fakes = fakeAssessmentActivities({}, (_input, attempt) =>
    attempt <= 2 ? Promise.reject(modelAway()) : Promise.resolve(),
  );
  await work(['assessments', 'grc-llm', 'grc-steampipe'], fakes.activities, async () => {
    const run = { tenant: tenantRef(), assessment_id: randomUUID(), execution_id: randomUUID() };
    const handle = await environment.client.workflow.start(assessmentWorkflow, {
      taskQueue: 'assessments',
      workflowId: 'assessments',
      args: [run],
    });
    await until(() => fakes.calls.includes('paused llm_unreachable'));
    const [paused_at, done] = [await now(), fakes.calls.length];
    await environment.sleep(21 * DAY);
    expect(await now()).toBeGreaterThanOrEqual(paused_at + 21 * DAY);
    expect(fakes.calls).toHaveLength(done);
    expect(await handle.query(progressQuery)).toMatchObject({ paused: true, controls_evaluated: 0 });
    const command_id = randomUUID();
    await handle.executeUpdate(resumeUpdate, { args: [{ command_id }], updateId: command_id });
    expect(await handle.result()).toEqual({ status: 'completed' });
  });
  expect(fakes.calls.filter((call) => call.startsWith('controls'))).toHaveLength(6);
});
