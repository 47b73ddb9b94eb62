// R9: the postmaster is killed and started again in the middle of a run. While it is away the API says so and when to
// come back, no process ends, and afterwards everything that was acknowledged is there and every effect is there once.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended } from '../runs/stage.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { startMortalPostgres } from './servers.js';
import { eventually, expectEffectsOnce, HEALED_MS, install, type Installation } from './stage.js';

const CONTROLS = 64;
const AWAY_MS = 4_000;

let temporal: TestTemporal;
let postgres: Awaited<ReturnType<typeof startMortalPostgres>>;
let its: Installation;

beforeAll(async () => {
  [temporal, postgres] = await Promise.all([startOwnTemporal(), startMortalPostgres()]);
  const { database } = postgres;
  its = await install({
    database,
    temporal_address: temporal.address,
    api_env: { ASSESSMENT_CONCURRENCY: '4' },
  });
});
afterAll(async () => {
  await its.stop();
  await Promise.all([temporal.close(), postgres.stop()]);
});

test(
  'a killed postmaster costs no work, and the API says that it is away',
  { timeout: 240_000 },
  async () => {
    const { org, llm, api } = its;
    await Promise.all([its.startWorker(), its.startWorker()]);
    llm.setMode({ mode: 'slow', ms: 150 });
    const run = await org.assess(org.refs);
    expect((await run.execute()).status).toBe(200);
    await run.until((status) => status.controls_evaluated >= 16);

    await postgres.kill();
    // its children need a moment to notice
    const answers = async (status: number): Promise<true | undefined> =>
      (await org.admin.get(`${run.path}/status`)).status === status || undefined;
    await eventually('a refusal', () => answers(503));
    const back_at = Date.now() + AWAY_MS;
    while (Date.now() < back_at) {
      for (const answer of [
        await org.admin.get(`${run.path}/status`),
        await org.admin.post(`/orgs/${org.id}/assessments`, {}),
        await run.command('pause'),
      ]) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect((await api.raw('/livez')).status).toBe(200);
      expect((await api.raw('/readyz')).status).toBe(503);
      expect(await api.raw('/health')).toMatchObject({ status: 503, body: { status: 'unhealthy' } });
      await sleep(100);
    }
    await postgres.restart();
    await eventually('an answer again', () => answers(200), HEALED_MS);

    expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
    its.expectAlive();
    const { by_control, total } = llm.counts();
    expect(total).toBe(CONTROLS);
    expect(Object.keys(by_control)).toHaveLength(CONTROLS);
    await expectEffectsOnce(its, run, CONTROLS);
  },
);
