import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAssessmentActivities } from '../../activities/assessments/activities.js';
import type { AssessmentDeps, CheckRow } from '../../activities/assessments/deps.js';
import type { BatchInput, BatchResult, RunPlan } from '../../activities/assessments/types.js';
import type { Evaluator, JudgeInput, Judgement } from '../../activities/judge/types.js';
import { outage } from '../../activities/failures.js';
import { getProgress } from '../../db/assessments/progress.js';
import { markPaused } from '../../db/assessments/transitions.js';
import { connect, type Database } from '../../db/connection.js';
import { getFinding, listFindings } from '../../db/findings/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

let database: TestDatabase;
let db: Database;
let org: TestOrg;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 10, application_name: 'test' });
});

afterAll(async () => {
  await db.destroy();
  await database.drop();
});

function judgement(status: 'pass' | 'fail' = 'pass'): Judgement {
  return {
    verdict: {
      status,
      severity: 'low',
      confidence: 0.9,
      rationale: 'as shown',
      citations: [],
      gaps: [],
      remediation: '',
    },
    needs_review: false,
    review_reasons: [],
    evaluated_by: 'llm',
    model: 'stub',
    prompt_version: '1',
    prompt_sha256: null,
    raw_answer: '{}',
    tokens_in: 10,
    tokens_out: 5,
  };
}

interface Stub {
  evaluator: Evaluator;
  calls: { input: JudgeInput; effect_key: string }[];
}

function stub(answer: (input: JudgeInput, signal: AbortSignal) => Promise<Judgement>): Stub {
  const calls: Stub['calls'] = [];
  const evaluator: Evaluator = {
    kind: 'llm',
    judge: async (input, { signal, effect_key }) => {
      calls.push({ input, effect_key });
      return await answer(input, signal);
    },
  };
  return { evaluator, calls };
}

function activitiesWith(evaluator: Evaluator, more: Partial<AssessmentDeps> = {}) {
  return createAssessmentActivities({
    db,
    evaluators: { llm: evaluator, rules: evaluator },
    texts: { read: () => Promise.reject(new Error('every text is extracted already')) },
    inventory: undefined,
    ...more,
  });
}

async function run(limits = {}, scope: { control_refs?: string[] } = {}) {
  org = await buildOrg(db);
  const { id: assessment_id } = await buildAssessment(db, org.tenant, scope);
  await buildEvidence(db, org.tenant, 'Access is reviewed.', { control_refs: ['CC6.1'] });
  const { execution_id } = await buildExecution(db, org.tenant, assessment_id, { limits });
  const { org_id, actor_id, request_id } = org.tenant;
  return { tenant: { org_id, actor_id, request_id }, assessment_id, execution_id };
}

async function evaluate(
  activities: ReturnType<typeof activitiesWith>,
  input: BatchInput,
  env = new MockActivityEnvironment(),
): Promise<BatchResult> {
  return await env.run(activities.evaluateControls, input);
}

const all = { from: 0, to: 3, concurrency: 3 };
const progressOf = async (ref: { assessment_id: string }) =>
  (await withTenant(db, org.tenant, (trx) => getProgress(trx, ref.assessment_id))).progress;

test('judges each control once with its own evidence, and records it with its cost', async () => {
  const ref = await run();
  const { evaluator, calls } = stub(() => Promise.resolve(judgement()));
  const activities = activitiesWith(evaluator);
  expect(await evaluate(activities, { ...ref, ...all })).toEqual({ evaluated: 3, failed: [], stopped: null });
  expect(await evaluate(activities, { ...ref, ...all })).toEqual({ evaluated: 0, failed: [], stopped: null });
  expect(calls).toHaveLength(3);
  expect(new Set(calls.map((call) => call.effect_key)).size).toBe(3);
  const shown = calls.find((call) => call.input.control.ref === 'CC6.1');
  expect(shown?.input.evidence.map((item) => item.text)).toEqual(['Access is reviewed.']);
  expect(shown?.input.checks.every((check) => check.status === 'skipped')).toBe(true);
  expect(calls.find((call) => call.input.control.ref === 'CC1.1')?.input.evidence).toEqual([]);
  const { items } = await withTenant(db, org.tenant, (trx) =>
    listFindings(trx, { assessment_id: [ref.assessment_id] }, { limit: 10 }),
  );
  const detail = await withTenant(db, org.tenant, (trx) => getFinding(trx, items[0]?.id ?? ''));
  expect(detail.cost).toEqual({ tokens_in: 10, tokens_out: 5, model: 'stub' });
  expect(await progressOf(ref)).toMatchObject({ controls_evaluated: 3, in_flight: [] });
});

test('a control that fails for good is noted and the others go on', async () => {
  const ref = await run();
  const { evaluator } = stub((input) =>
    input.control.ref === 'CC6.1'
      ? Promise.reject(ApplicationFailure.nonRetryable('the model refuses', 'LLM_REFUSED'))
      : Promise.resolve(judgement()),
  );
  expect(await evaluate(activitiesWith(evaluator), { ...ref, ...all })).toEqual({
    evaluated: 2,
    failed: [{ ref: 'CC6.1', code: 'LLM_REFUSED' }],
    stopped: null,
  });
  expect((await progressOf(ref)).failures).toEqual([{ control: 'CC6.1', reason: 'the model refuses' }]);
});

test('a long batch ends when one control after the other fails for one reason', async () => {
  const control_refs = Object.entries({ 1: 5, 2: 3, 3: 4, 4: 2, 5: 3, 6: 8, 7: 5 }).flatMap(
    ([group, count]) => Array.from({ length: count }, (_, index) => `CC${group}.${String(index + 1)}`),
  );
  const ref = await run({}, { control_refs });
  const batch = { ...ref, from: 0, to: control_refs.length, concurrency: 1 };
  let asked = 0;
  const { evaluator, calls } = stub(() => {
    asked += 1;
    return asked === 3
      ? Promise.resolve(judgement())
      : Promise.reject(ApplicationFailure.nonRetryable('the model refuses', 'LLM_REFUSED'));
  });
  const result = await evaluate(activitiesWith(evaluator), batch);
  expect(result).toMatchObject({ evaluated: 1, stopped: 'same_failure', same_code: 'LLM_REFUSED' });
  expect(result.failed).toHaveLength(7);
  expect(calls).toHaveLength(8);
  expect(await progressOf(ref)).toMatchObject({ controls_evaluated: 1, in_flight: [] });
});

test('an outage is retried, and is final once it lasts over attempts', async () => {
  const ref = await run({ unreachable_ms: 1_000 });
  const { evaluator } = stub(() => Promise.reject(outage('LLM_UNREACHABLE', 'no answer')));
  let now = 1_000_000;
  const activities = activitiesWith(evaluator, { now: () => now });
  const env = new MockActivityEnvironment();
  let beat: unknown;
  env.on('heartbeat', (details: unknown) => (beat = details));
  await expect(evaluate(activities, { ...ref, ...all }, env)).rejects.toMatchObject({
    type: 'LLM_UNREACHABLE',
    nonRetryable: false,
  });
  expect(beat).toEqual({ failing_since: 1_000_000 });
  now += 1_500;
  const second = new MockActivityEnvironment({ attempt: 2, heartbeatDetails: beat });
  await expect(evaluate(activities, { ...ref, ...all }, second)).rejects.toMatchObject({
    type: 'LLM_UNREACHABLE',
    nonRetryable: true,
  });
  expect((await progressOf(ref)).in_flight).toEqual([]);
});

test('takes nothing new once the row says paused', async () => {
  const ref = await run();
  const { evaluator, calls } = stub(async () => {
    await withTenant(db, org.tenant, (trx) =>
      markPaused(trx, org.tenant, ref, { command_id: null, cause: 'requested', reason: 'asked for' }),
    );
    return judgement();
  });
  const result = await evaluate(activitiesWith(evaluator), { ...ref, ...all, concurrency: 1 });
  expect(result).toEqual({ evaluated: 1, failed: [], stopped: 'paused' });
  expect(calls).toHaveLength(1);
});

test('stops when the budget is spent', async () => {
  const ref = await run({ token_budget: 20 });
  const { evaluator } = stub(() => Promise.resolve(judgement()));
  const result = await evaluate(activitiesWith(evaluator), { ...ref, ...all, concurrency: 1 });
  expect(result).toEqual({ evaluated: 2, failed: [], stopped: 'budget' });
});

test('cancelling aborts the model call and records nothing', async () => {
  const ref = await run();
  const env = new MockActivityEnvironment();
  const { evaluator } = stub(
    (_input, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        queueMicrotask(() => env.cancel());
      }),
  );
  await expect(
    evaluate(activitiesWith(evaluator), { ...ref, ...all, concurrency: 1 }, env),
  ).rejects.toThrow();
  expect((await progressOf(ref)).controls_evaluated).toBe(0);
});

test('runs the checks of a table once, keeps their rows by hash, and shows them to the judge', async () => {
  const ref = await run();
  const owner = connect({ url: database.owner_url, pool_max: 1, application_name: 'operator' });
  await owner('steampipe_mapping').insert({ org_id: org.tenant.org_id, schema_name: 'aws' });
  await owner.destroy();
  const asked: string[] = [];
  const rows: CheckRow[] = [{ resource: 'arn:x', status: 'alarm', reason: 'open' }];
  const unjudged: CheckRow[] = [{ resource: 'arn:k', status: 'info', reason: 'not in use' }];
  const inventory = {
    runCheck: (_mapping: unknown, sql: string) => {
      asked.push(sql);
      return Promise.resolve(sql.includes('from aws_kms_key') ? unjudged : rows);
    },
  };
  const { evaluator, calls } = stub(() => Promise.resolve(judgement('fail')));
  const activities = activitiesWith(evaluator, { inventory });
  const env = new MockActivityEnvironment();
  const plan: RunPlan = await env.run(activities.markAssessmentRunning, { ...ref, run_id: 'run' });
  expect(plan).toMatchObject({ proceed: true, controls_total: 3, batch_size: 1 });
  expect(plan.check_groups.length).toBeGreaterThan(0);
  for (const { table } of [...plan.check_groups, ...plan.check_groups]) {
    await new MockActivityEnvironment().run(activities.runChecks, { ...ref, table });
  }
  expect(new Set(asked).size).toBe(asked.length);
  await evaluate(activities, { ...ref, ...all });
  const shown = calls.find((call) => call.input.control.ref === 'CC6.1');
  expect(shown?.input.checks[0]).toMatchObject({ status: 'fail' });
  expect(shown?.input.checks[0]?.summary).toBe('1 alarm\nopen (alarm: arn:x)');
  const keys = shown?.input.checks.find((check) => check.name === 'kms-key-rotation-enabled');
  expect(keys).toMatchObject({ status: 'skipped', summary: expect.stringContaining('1 info') });
  const done = await new MockActivityEnvironment().run(activities.markAssessmentFinished, ref);
  expect(done).toEqual({ status: 'completed' });
});
