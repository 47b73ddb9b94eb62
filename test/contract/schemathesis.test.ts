// S23: whatever is sent, as whatever role, the answer is one that the document promises.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ROLES } from '../../domain/tenant.js';
import { startTestApi, type TestApi } from '../support/app.js';
import { startFakeLlm, type FakeLlm } from '../support/fakes/llm.js';
import { createTestInventory, type TestInventory } from '../support/inventory.js';
import { startEmbeddedStore, type TestStore } from '../support/object-stores.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { startWorkerProcess, workerEnv, type WorkerProcess } from '../support/worker-process.js';
import { fetchDocument, fuzz, type FuzzReport, runTool } from './fuzz.js';
import { seedWorld, type World } from './seeds.js';

/** `npm run test:fuzz` runs every phase as every role, with this many examples. */
const LONG = Number(process.env['FUZZ_EXAMPLES'] ?? 0);
/** The edge is one and the same for every role, so its many boundaries are tried once. */
const WHOLE = LONG > 0 ? { max_examples: LONG, max_chains: LONG } : { max_examples: 3, max_chains: 15 };
const PART = LONG > 0 ? WHOLE : { max_examples: 2, max_chains: 5 };
const LIMIT_MS = LONG > 0 ? 4 * 3_600_000 : 900_000;
/** A run must outlast the fuzzing of pause, resume and cancel. */
const SLOW_MODEL_MS = 5_000;

// Python works on one core at a time
vi.setConfig({ maxConcurrency: 2 });

let api: TestApi;
let temporal: TestTemporal;
let llm: FakeLlm;
let worker: WorkerProcess;
let inventory: TestInventory;
let objects: TestStore;
const worlds = new Map<string, World>();

beforeAll(async () => {
  [temporal, llm, objects, inventory] = await Promise.all([
    startOwnTemporal(),
    startFakeLlm(),
    startEmbeddedStore(),
    createTestInventory('create table aws.aws_s3_bucket (name text, versioning_enabled bool)'),
  ]);
  llm.setMode({ mode: 'slow', ms: SLOW_MODEL_MS });
  api = await startTestApi({
    TEMPORAL_ADDRESS: temporal.address,
    ASSESSMENT_CONCURRENCY: '1',
    STEAMPIPE_DATABASE_URL: inventory.url,
    ...objects.env,
  });
  worker = startWorkerProcess({ ...workerEnv(api.database, temporal.address, llm), ...objects.env });
  await worker.ready;
  for (const role of ROLES) worlds.set(role, await seedWorld(api, role));
}, 300_000);

afterAll(async () => {
  await worker?.kill();
  await api?.stop();
  await llm?.close();
  await temporal?.close();
  await inventory?.drop();
  await objects?.stop();
});

function expectClean(report: FuzzReport): void {
  const { operations, failures, errors, complete, exit_code } = report;
  expect(
    { failures, errors, complete, exit_code, untested: operations.total - operations.tested },
    report.output,
  ).toEqual({ failures: [], errors: [], complete: true, exit_code: 0, untested: 0 });
  expect(operations.total).toBeGreaterThan(30);
}

test('the document is valid OpenAPI', { timeout: LIMIT_MS }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'grc-document-'));
  try {
    const { body } = await api.raw('/api/v1/openapi.json');
    writeFileSync(join(folder, 'openapi.json'), JSON.stringify(body));
    const { ok, output } = await runTool(['-m', 'openapi_spec_validator', 'openapi.json'], folder);
    expect(ok, output).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('every path parameter is seeded, so that the runs reach what lies behind it', async () => {
  const { paths } = await fetchDocument(api.url);
  const needed = new Set(
    Object.keys(paths).flatMap((path) => [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1])),
  );
  const seeds = Object.values(worlds.get('admin')?.seeds ?? {});
  const isSeeded = (name: string) => seeds.some((fields) => (fields[name] ?? []).length > 0);
  expect([...needed].filter((name) => name === undefined || !isSeeded(name))).toEqual([]);
});

describe.concurrent('whatever is sent', () => {
  test.each(ROLES)('as %s', { timeout: LIMIT_MS }, async (role) => {
    const { email, seeds } = worlds.get(role) ?? { email: '', seeds: {} };
    const whole = role === 'admin' || LONG > 0;
    expectClean(
      await fuzz({
        url: api.url,
        caller: { role, token: api.access.token(email) },
        seeds,
        phases: ['examples', ...(whole ? (['coverage'] as const) : []), 'fuzzing', 'stateful'],
        ...(whole ? WHOLE : PART),
      }),
    );
  });

  test('as nobody, with the rate limit on', { timeout: LIMIT_MS }, async () => {
    const limited = await startTestApi({ RATE_LIMIT_PER_MINUTE: '100' });
    try {
      const seeds = worlds.get('viewer')?.seeds ?? {};
      const phases = ['fuzzing'] as const;
      expectClean(await fuzz({ url: limited.url, caller: undefined, limited: true, seeds, phases, ...PART }));
    } finally {
      await limited.stop();
    }
  });
});
