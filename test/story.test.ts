// R5: one assessment through HTTP, real workers, Temporal, Postgres and a model server that counts; its workers are
// killed in the middle, and nothing is lost or done twice.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startTestApi, type Caller, type TestApi } from './support/app.js';
import { buildEvidence } from './support/factories/evidence.js';
import { startFakeLlm, type FakeLlm } from './support/fakes/llm.js';
import { startWorkerProcess, workerEnv, type WorkerProcess } from './support/worker-process.js';
import { findSoc2 } from './support/soc2.js';

const CONTROLS = 64;
const IN_FLIGHT = 4;
const POLICY =
  'All access to production requires multi-factor authentication and is reviewed every quarter by the owner.';

let api: TestApi;
let admin: Caller;
let llm: FakeLlm;
let org: string;
let env: Record<string, string>;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  llm = await startFakeLlm();
  api = await startTestApi({
    TEMPORAL_ADDRESS: inject('temporal_address'),
    ASSESSMENT_CONCURRENCY: String(IN_FLIGHT),
  });
  env = workerEnv(api.database, inject('temporal_address'), llm);
  admin = api.as('admin@story.example');
  org = (await admin.post('/orgs', { name: 'Story', domain: 'story.example' })).body.id;
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await llm.close();
  await api.stop();
});

async function startWorker(): Promise<WorkerProcess> {
  const worker = startWorkerProcess(env);
  workers.push(worker);
  await worker.ready;
  return worker;
}

interface Status {
  status: string;
  controls_evaluated: number;
}

/** Looks at the status until it is as wanted; it must never go backwards meanwhile. */
async function until(
  path: string,
  wanted: (status: Status) => boolean,
  deadline_ms = 60_000,
): Promise<Status> {
  const end = Date.now() + deadline_ms;
  let seen = 0;
  for (;;) {
    const { body } = await admin.get(`${path}/status`);
    expect(body.controls_evaluated).toBeGreaterThanOrEqual(seen);
    seen = body.controls_evaluated;
    if (wanted(body)) return body;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(body)}`);
    await sleep(50);
  }
}

test(
  'an assessment survives the death of its workers without repeating a model call',
  { timeout: 120_000 },
  async () => {
    const framework = await findSoc2(admin);
    const refs = (await admin.get(`/frameworks/${framework.id}/controls?limit=200`)).body.items.map(
      (control: { ref: string }) => control.ref,
    );
    const me = (await admin.get('/users/me')).body.id;
    const tenant = {
      org_id: org,
      actor_id: me,
      request_id: 'test',
      role: 'admin' as const,
      address: '127.0.0.1',
    };
    await buildEvidence(api.database.db, tenant, POLICY, { control_refs: refs });
    llm.setMode({ mode: 'slow', ms: 150 });

    const created = await admin.post(`/orgs/${org}/assessments`, {
      framework_id: framework.id,
      name: 'Story',
      scope: 'Production environment',
    });
    const path = `/orgs/${org}/assessments/${created.body.id}`;

    // nobody works yet: the start is kept, and a pause is remembered
    const executed = await admin.post(`${path}/execute`);
    expect(executed).toMatchObject({ status: 200, body: { status: 'in_progress' } });
    expect(await admin.post(`${path}/execute`)).toMatchObject({ status: 409 });

    const first = await startWorker();
    await until(path, (status) => status.controls_evaluated >= 16);
    await first.kill();
    const atKill = llm.counts();
    expect(atKill.total).toBeLessThan(CONTROLS);

    await startWorker();
    await until(path, (status) => status.controls_evaluated >= 40);
    llm.setMode({ mode: 'held' }); // it cannot end before it is paused
    const paused = await admin.post(`${path}/pause`);
    expect(paused).toMatchObject({ status: 200, body: { status: 'paused', requested: null } });
    expect(await admin.post(`${path}/pause`)).toMatchObject({ status: 409 });
    llm.setMode({ mode: 'honest' });
    llm.release();
    const resumed = await admin.post(`${path}/resume`);
    expect(resumed).toMatchObject({ status: 200, body: { status: 'in_progress', requested: null } });
    const done = await until(path, (status) => status.status !== 'in_progress');
    expect(done).toMatchObject({ status: 'completed', controls_evaluated: CONTROLS, progress: 100 });

    const counts = llm.counts();
    expect(Object.keys(counts.by_control)).toHaveLength(CONTROLS);
    // only what was in flight at the kill may have been asked twice
    expect(counts.total).toBeGreaterThanOrEqual(CONTROLS);
    expect(counts.total).toBeLessThanOrEqual(CONTROLS + IN_FLIGHT);

    const findings = (await admin.get(`/orgs/${org}/findings?assessment_id=${created.body.id}&limit=200`))
      .body.items;
    expect(findings).toHaveLength(CONTROLS);
    expect(new Set(findings.map((finding: { control: { ref: string } }) => finding.control.ref)).size).toBe(
      CONTROLS,
    );
    const log = (await admin.get(`/orgs/${org}/audit-log?resource=finding&limit=200`)).body.items;
    expect(log).toHaveLength(CONTROLS);
    expect((await admin.get(`/orgs/${org}/audit-log/verify`)).body).toMatchObject({ valid: true });

    const detail = (await admin.get(path)).body;
    expect(detail.cost.tokens_in).toBeGreaterThan(0);
    expect((await admin.get(`${path}/bundle`)).status).toBe(200);
  },
);
