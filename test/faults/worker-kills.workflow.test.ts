// R5: workers are killed ten times at random points of one assessment, one by one and all at once. It completes, each
// control has its effects once, and the model is asked again only about what a killed worker had in flight.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended } from '../runs/stage.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import type { WorkerProcess } from '../support/worker-process.js';
import { throwDice } from './random.js';
import { eventually, expectEffectsOnce, install, type Installation } from './stage.js';

const CONTROLS = 64;
const KILLS = 10;
const WORKERS = 3;
/** Controls that one worker judges at once. */
const LANES = 4;
/** Every so many-th kill hits all of them at once. */
const ALL = 10;

let temporal: TestTemporal;
let database: TestDatabase;
let its: Installation;

beforeAll(async () => {
  [temporal, database] = await Promise.all([startOwnTemporal(), createTestDatabase()]);
  its = await install({
    database,
    temporal_address: temporal.address,
    api_env: { ASSESSMENT_CONCURRENCY: String(WORKERS * LANES) },
  });
});
afterAll(async () => {
  await its.stop();
  await temporal.close();
  await database.drop();
});

test('ten kills at random points repeat no effect', { timeout: 240_000 }, async () => {
  const { org, llm } = its;
  const dice = throwDice('kills of workers');
  const workers: WorkerProcess[] = [];
  const start = async (): Promise<void> => {
    workers.push(await its.startWorker({ LLM_MAX_CONCURRENCY: String(LANES) }));
  };
  const starting = Array.from({ length: WORKERS }, start);
  await Promise.all(starting);
  llm.setMode({ mode: 'slow', ms: 400 });

  const run = await org.assess(org.refs);
  expect((await run.execute()).status).toBe(200);

  // after so many calls, plus a moment: before, in and after the answer, the record, the next control
  const stride = Math.floor(CONTROLS / KILLS);
  const points = Array.from({ length: KILLS }, (_, kill) => kill * stride + dice.between(1, stride));
  const in_flight_at_kills: string[] = [];
  let may_repeat = 0;
  for (const [index, point] of points.entries()) {
    await eventually(`call ${String(point)}`, () => llm.calls.length >= point || undefined);
    await sleep(dice.between(0, 500));
    // the others go on while a new one starts, and it may be hit as soon as it works
    await eventually('a worker', () => workers.length > 0 || undefined);
    const hit_all = (index + 1) % ALL === 0;
    const victims = hit_all ? workers.splice(0) : workers.splice(dice.between(0, workers.length), 1);
    await Promise.all(victims.map((worker) => worker.kill()));
    in_flight_at_kills.push(...(await run.status()).in_flight);
    may_repeat += victims.length * LANES;
    starting.push(...victims.map(start));
  }

  expect(await run.until(ended)).toMatchObject({ status: 'completed', progress: 100, failures: [] });
  await Promise.all(starting);
  await expectEffectsOnce(its, run, CONTROLS);
  its.expectAlive();
  const { by_control, total } = llm.counts();
  expect(Object.keys(by_control)).toHaveLength(CONTROLS);
  expect(total).toBeLessThanOrEqual(CONTROLS + may_repeat);
  for (const [control, calls] of Object.entries(by_control)) {
    const kills = in_flight_at_kills.filter((ref) => ref === control).length;
    expect(calls, `calls for ${control}, in flight at ${String(kills)} kills`).toBeLessThanOrEqual(1 + kills);
  }
});
