// R7: the Temporal server is killed and started again in the middle of a run. No workflow is lost, workers live on,
// the API goes on writing through the outbox and reading, and what was owed is delivered soon after the return.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withReconciler } from '../../db/tenancy.js';
import { connect } from '../../db/connection.js';
import { ended } from '../runs/stage.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startMortalTemporal, type MortalServer } from './servers.js';
import { eventually, expectEffectsOnce, install, type Installation } from './stage.js';

const CONTROLS = 64;
const AWAY_MS = 5_000;
const DRAINED_MS = 30_000;

let temporal: MortalServer;
let database: TestDatabase;
let its: Installation;

beforeAll(async () => {
  const started = await Promise.all([startMortalTemporal(), createTestDatabase()]);
  [temporal, database] = started;
  its = await install({
    database,
    temporal_address: started[0].address,
    api_env: { ASSESSMENT_CONCURRENCY: '4' },
  });
});
afterAll(async () => {
  await its.stop();
  await temporal.stop();
  await database.drop();
});

test('a killed Temporal server costs no work and no request', { timeout: 240_000 }, async () => {
  const { org, llm } = its;
  await Promise.all([its.startWorker(), its.startWorker()]);
  llm.setMode({ mode: 'slow', ms: 150 });
  const run = await org.assess(org.refs);
  const late = await org.assess(org.refs.slice(0, 3));
  expect((await run.execute()).status).toBe(200);
  await run.until((status) => status.controls_evaluated >= 16);

  await temporal.kill();
  const back_at = Date.now() + AWAY_MS;
  // writes: a start, a command, and rows that Temporal has no part in
  expect(await late.execute()).toMatchObject({ status: 200, body: { status: 'in_progress' } });
  const paused = await run.command('pause');
  expect(paused).toMatchObject({ status: 200, body: { status: 'in_progress', requested: 'pause' } });
  while (Date.now() < back_at) {
    const created = await org.assess(org.refs.slice(0, 1));
    for (const path of [run.path, `${run.path}/status`, `/orgs/${org.id}/findings`, `/orgs/${org.id}`]) {
      expect((await org.admin.get(path)).status, path).toBe(200);
    }
    expect((await org.admin.get(`${created.path}/status?live=true`)).status).toBe(200);
    expect(await its.api.raw('/health')).toMatchObject({ status: 200, body: { status: 'degraded' } });
    expect((await its.api.raw('/readyz')).status).toBe(200);
    await sleep(100);
  }
  await temporal.restart();

  const reconciler = connect({ url: database.reconcile_url, pool_max: 1, application_name: 'test' });
  const owed = (): Promise<number> =>
    withReconciler(reconciler, async (trx) => {
      const row = await trx('outbox').whereNull('delivered_at').count({ rows: '*' }).first();
      return Number(row?.rows);
    });
  try {
    await eventually('an empty outbox', async () => (await owed()) === 0 || undefined, DRAINED_MS);
  } finally {
    await reconciler.destroy();
  }

  expect(await run.until(({ status }) => status === 'paused')).toMatchObject({ status: 'paused' });
  const resumed = await run.command('resume');
  expect(resumed.status).toBe(200);
  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  expect(await late.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  its.expectAlive();

  // each control once: what the models had answered while nobody could be told was not asked again
  const { by_control, total } = llm.counts();
  expect(total).toBe(CONTROLS + 3);
  expect(Object.keys(by_control)).toHaveLength(CONTROLS);
  await expectEffectsOnce(its, run, CONTROLS);
  await expectEffectsOnce(its, late, 3);
});
