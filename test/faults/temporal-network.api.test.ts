// R8: the API's link to Temporal is a black hole, is reset, is slow. No request waits long, none fails in a way that
// is not documented, the status is answered as ever, and what was asked for meanwhile happens afterwards.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, type Run } from '../runs/stage.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import {
  BLACK_HOLE,
  latency,
  type Link,
  type Network,
  RESET,
  startNetwork,
  type Toxic,
} from '../support/toxiproxy.js';
import { eventually, expectEffectsOnce, install, type Installation } from './stage.js';
import { stopwatch, type Stopwatch } from './timed.js';

/** A machine that never ran them builds Toxiproxy first. */
const SETUP_MS = 300_000;

let temporal: TestTemporal;
let database: TestDatabase;
let network: Network;
let link: Link;
let its: Installation;

beforeAll(async () => {
  [temporal, database, network] = await Promise.all([
    startOwnTemporal(),
    createTestDatabase(),
    startNetwork(),
  ]);
  link = await network.link('temporal', Number(temporal.address.split(':')[1]));
  its = await install({
    database,
    temporal_address: temporal.address,
    temporal_link_of_api: link.port,
    api_env: { ASSESSMENT_CONCURRENCY: '1' },
  });
  await its.startWorker();
  its.llm.setMode({ mode: 'slow', ms: 600 });
}, SETUP_MS);
afterAll(async () => {
  await its.stop();
  await Promise.all([temporal.close(), network.stop()]);
  await database.drop();
});

const FAULTS: [string, Toxic][] = [
  ['a black hole', BLACK_HOLE],
  ['resets', RESET],
  ['five seconds of latency', latency(5_000)],
];

test.each(FAULTS)('%s between API and Temporal', { timeout: 240_000 }, async (_name, toxic) => {
  const { org, llm } = its;
  const watch = stopwatch();
  llm.calls.length = 0;
  const [running, started] = [
    await org.assess(org.refs.slice(0, 12)),
    await org.assess(org.refs.slice(0, 2)),
  ];
  expect((await running.execute()).status).toBe(200);
  await running.until((status) => status.controls_evaluated >= 1);
  await running.status(true); // the link is in use when it breaks

  await link.poison(toxic);
  const asked = { all: false };
  await Promise.all([
    writes(watch, running, started).finally(() => (asked.all = true)),
    reads(watch, running, () => asked.all),
  ]);
  watch.expectPatience();
  expect(watch.calls.filter(({ name, answer }) => name === 'status' && answer.status !== 200)).toEqual([]);
  await eventually(
    'a health that says so',
    async () => (await temporalHealth()) === 'unhealthy' || undefined,
  );
  await link.heal();
  await eventually('a health that is well', async () => (await temporalHealth()) === 'healthy' || undefined);

  // the command went on by itself; so did the start
  await running.until(({ status }) => status === 'paused');
  await eventually('a resume that is accepted', async () => {
    const { status } = await running.command('resume');
    return status === 200 || undefined;
  });
  expect(await running.until(ended)).toMatchObject({ status: 'completed', failures: [] });
  expect(await started.until(ended)).toMatchObject({ status: 'completed', failures: [] });
  expect(llm.calls).toHaveLength(14);
  await expectEffectsOnce(its, running, 12);
  its.expectAlive();
});

async function temporalHealth(): Promise<string> {
  return (await its.api.raw('/health')).body.services.temporal;
}

async function writes(watch: Stopwatch, running: Run, started: Run): Promise<void> {
  const { org } = its;
  const paused = await watch.time('pause', () => running.command('pause'));
  expect(paused.status).toBe(200);
  const executed = await watch.time('execute', () => started.execute());
  expect(executed).toMatchObject({ status: 200, body: { status: 'in_progress' } });
  const live = await watch.time('live status', () => org.admin.get(`${running.path}/status?live=true`));
  expect(live).toMatchObject({ status: 200, body: { source: 'row' } });
  const user = { name: 'Added', email: `${started.id}@faults.example`, role: 'viewer' };
  const added = await watch.time('add a user', () => org.admin.post(`/orgs/${org.id}/users`, user));
  expect(added.status).toBe(201);
}

/** In turn, until nothing else is asked any more. */
async function reads(watch: Stopwatch, run: Run, enough: () => boolean): Promise<void> {
  const { org, api } = its;
  while (!enough()) {
    await watch.time('status', () => org.admin.get(`${run.path}/status`));
    for (const path of [run.path, `/orgs/${org.id}/assessments`, `/orgs/${org.id}/findings`]) {
      await watch.time(path, () => org.admin.get(path));
    }
    await watch.time('health', () => api.raw('/health'));
    await watch.time('ready', () => api.raw('/readyz'));
    await sleep(50);
  }
}
