// R20: a stop that nobody notices. An API under load is told to go and drops no request; a worker finishes what fits its
// grace, and what does not fit goes on elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTenant } from '../../db/tenancy.js';
import { assessmentWorkflowId } from '../../domain/temporal.js';
import { ended, poll, type Stage, startStage } from '../runs/stage.js';
import { startApiProcess } from '../support/api-process.js';

const EVERY_MS = 20;
/** Of a load balancer. */
const LOOK_MS = 200;
const LOADED_MS = 2_000;
const GONE_MS = 30_000;

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

test('an API that is told to go answers everything it was asked', { timeout: 90_000 }, async () => {
  const { api, temporal, org } = stage;
  const process = await startApiProcess(api.access, {
    NODE_ENV: 'production', // as it is run: it keeps serving until load balancers have seen that it goes
    RATE_LIMIT_PER_MINUTE: '1000000',
    DATABASE_APP_URL: api.database.app_url,
    TEMPORAL_ADDRESS: temporal.address,
  });
  const admin = process.as(org.email);
  const users = `/orgs/${org.id}/users`;
  const [statuses, dropped, created]: [number[], unknown[], string[]] = [[], [], []];
  let balanced = true;
  let asked = 0;
  let asked_after = 0;
  let told_at = 0;

  const ask = async (): Promise<void> => {
    asked += 1;
    if (told_at > 0) asked_after += 1;
    const number = asked;
    try {
      const writes = number % 10 === 0;
      const body = { email: `member-${number}@stop.example`, name: 'Member', role: 'viewer' };
      const answer = await (writes ? admin.post(users, body) : admin.get(`/orgs/${org.id}`));
      statuses.push(answer.status);
      if (answer.status === 201) created.push(answer.body.id);
    } catch (error) {
      dropped.push(error);
    }
  };
  const watch = async (): Promise<void> => {
    while (balanced) {
      await sleep(LOOK_MS);
      balanced = (await process.raw('/readyz').catch(() => undefined))?.status === 200;
    }
  };
  const load = async (): Promise<void> => {
    const asking: Promise<void>[] = [];
    while (balanced) {
      asking.push(ask());
      await sleep(EVERY_MS);
    }
    await Promise.all(asking);
  };

  const loaded = Promise.all([load(), watch()]);
  await sleep(LOADED_MS);
  told_at = Date.now();
  await Promise.all([loaded, process.kill('SIGTERM')]);
  expect(Date.now() - told_at).toBeLessThan(GONE_MS);
  expect(process.output()).toContain('"stopped"');

  expect(asked).toBeGreaterThan(20);
  expect(asked_after).toBeGreaterThan(0);
  expect(dropped).toEqual([]);
  expect(statuses).toHaveLength(asked);
  // a machine that is too busy says so, which is an answer; it is not what a stop may turn answers into
  expect(statuses.filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
  expect(statuses.filter((status) => status !== 503).length).toBeGreaterThan(asked / 2);
  const kept: string[] = await withTenant(api.database.db, org.tenant, (trx) =>
    trx('membership').whereIn('user_id', created).pluck('user_id'),
  );
  expect(kept.toSorted()).toEqual(created.toSorted());
});

test('a worker that is told to go ends what it can, and leaves the rest to others', async () => {
  const { llm, org, temporal } = stage;
  const [short = '', long = '', endless = ''] = org.refs;
  llm.script([
    { mode: 'slow', ms: 1_000, control: short },
    { mode: 'slow', ms: 10_000, control: long },
    { mode: 'hang', control: endless },
  ]);
  const worker = await stage.startWorker();
  const run = await org.assess([short, long, endless]);
  const { body } = await run.execute();
  await poll('three calls in flight', () => llm.calls.length === 3);

  const told_at = Date.now();
  const gone = worker.kill('SIGTERM');
  await stage.startWorker();
  await gone;
  expect(Date.now() - told_at).toBeLessThan(GONE_MS + 5_000); // its force time, and the exit of a process
  expect(worker.output()).toContain('"stopped"');

  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  // what fitted was not asked again; what did not was, by the other one
  expect(llm.counts()).toMatchObject({
    by_control: { [short]: 1, [long]: 1, [endless]: 2 },
    answered: 3,
    aborted: 1,
    open: 0,
  });
  const workflow_id = assessmentWorkflowId(org.id, body.execution_id);
  const history = await temporal.client.workflow.getHandle(workflow_id).fetchHistory();
  const attempts = (history.events ?? [])
    .flatMap(({ activityTaskStartedEventAttributes: started }) => started?.attempt ?? [])
    .filter((attempt) => attempt > 1);
  expect(attempts).toEqual([2]);
});
