// R10: the API dies by SIGKILL at each of five points of an execute call, ten times each. After that no execution is
// without its workflow, no workflow without its row, and nothing runs twice.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILPOINTS, type Failpoint } from '../../db/failpoint.js';
import { isAlive } from '../../local/process.js';
import { ended, type Organization, poll, type Run, type Stage, startStage } from '../runs/stage.js';
import { startApiProcess } from '../support/api-process.js';
import { lookAtPairs, type Pairs } from './pairs.js';

const RUNS = 10;
/** Processes that start, and die, at once. */
const LANES = 4;

let stage: Stage;
let pairs: Pairs;

beforeAll(async () => {
  stage = await startStage();
  pairs = lookAtPairs(stage);
  await stage.startWorker();
});
afterAll(async () => {
  await pairs.close();
  await stage.stop();
});

interface Kill {
  point: Failpoint;
  org: Organization;
  run: Run;
}

async function plan(): Promise<Kill[]> {
  const kills: Kill[] = [];
  for (let at = 0; at < RUNS; at += 1) {
    const org = await stage.addOrg(`Killed${String(at)}`);
    for (const point of FAILPOINTS) kills.push({ point, org, run: await org.assess(org.refs.slice(0, 1)) });
  }
  return kills;
}

async function kill({ point, org, run }: Kill): Promise<void> {
  const { access } = stage.api;
  const victim = await startApiProcess(access, { ...stage.env, GRC_FAILPOINT: point });
  // a connection that ends is all that the caller learns; on a busy machine a process that has just started may refuse
  // its first callers, who ask again
  const caller = victim.as(org.email);
  const answer = (): Promise<number> =>
    caller.post(`${run.path}/execute`).then(
      ({ status }) => status,
      () => 0,
    );
  await poll('it dies of the call', async () => {
    const status = await answer();
    expect([0, 503]).toContain(status);
    return status === 0;
  });
  await poll('it is dead', () => !isAlive(victim.pid));
}

test('of fifty kills none loses a start and none makes two', async () => {
  const kills = await plan();
  const left = [...kills];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await kill(next);
  };
  await Promise.all(Array.from({ length: LANES }, lane));

  const uncommitted = kills.filter(({ point }) => point === 'before_commit');
  const committed = kills.filter(({ point }) => point !== 'before_commit');
  for (const { run } of committed) expect((await run.until(ended)).status).toBe('completed');
  expect(stage.llm.counts().total).toBe(committed.length);
  for (const { run } of uncommitted) {
    expect((await run.status()).status).toBe('pending');
    expect(await pairs.execution(run)).toEqual({});
    // whoever asks again gets what was asked for
    expect((await run.execute()).status).toBe(200);
    expect((await run.until(ended)).status).toBe('completed');
  }

  const rows = await pairs.sql(
    `select e.id, e.org_id, (select count(*)::int from audit_log l
       where l.org_id = e.org_id and l.action = 'assessment.execute' and l.resource_id = e.assessment_id::text) as asked
     from assessment_execution e`,
  );
  expect(rows.map(({ asked }) => asked)).toEqual(kills.map(() => 1));
  const wanted = rows.map(({ org_id, id }) => ['assessment', org_id, id].join(':')).sort();
  const listed = async () => {
    const ids: string[] = [];
    for await (const { workflowId } of pairs.client.workflow.list({
      query: `WorkflowType = 'assessmentWorkflow'`,
    }))
      ids.push(workflowId);
    return ids.sort();
  };
  await poll('all are listed', async () => (await listed()).length >= wanted.length);
  expect(await listed()).toEqual(wanted);
  expect(stage.llm.counts().total).toBe(kills.length);
  // a run may end before whoever asks again for the dead has written that its start was delivered
  const undelivered = () =>
    pairs.sql(`select kind, attempts, last_error from outbox where delivered_at is null`);
  await poll('nothing is left to deliver', async () => (await undelivered()).length === 0);
  const repairs = await pairs.sql(
    `select action, resource_id from audit_log where body::jsonb ->> 'request_id' = 'reconciler'`,
  );
  expect(repairs).toEqual([]);
}, 280_000);

test('a process that is no test arms nothing', async () => {
  const { access } = stage.api;
  const api = await startApiProcess(access, {
    ...stage.env,
    NODE_ENV: 'development',
    GRC_FAILPOINT: 'before_commit',
  });
  const run = await stage.org.assess(stage.org.refs.slice(0, 1), api.as(stage.org.email));
  expect((await run.execute()).status).toBe(200);
  expect(isAlive(api.pid)).toBe(true);
  await api.kill();
}, 60_000);
