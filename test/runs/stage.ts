// What the tests of runs stand on: an organization behind the real API, a Temporal server and a model server of their
// own, and workers that are started when the test says so.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { AssessmentProgress, CommandResult } from '../../domain/assessments/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import { withTenant } from '../../db/tenancy.js';
import { startTestApi, type Answer, type Caller, type TestApi } from '../support/app.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { startFakeLlm, type FakeLlm } from '../support/fakes/llm.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';
import { startWorkerProcess, workerEnv, type WorkerProcess } from '../support/worker-process.js';
import { findSoc2 } from '../support/soc2.js';

export const POLICY =
  'All access to production requires multi-factor authentication and is reviewed every quarter by the owner.';
/** A loaded machine is slow, not wrong. */
const PATIENCE_MS = 90_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: PATIENCE_MS });

export interface Stage {
  temporal: TestTemporal;
  llm: FakeLlm;
  api: TestApi;
  /** Another API process's worth of the same installation. */
  addApi(env?: Record<string, string>): Promise<TestApi>;
  org: Organization;
  addOrg(name: string): Promise<Organization>;
  /** The environment of a process of ours, whichever it is. */
  env: Record<string, string>;
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
  /** True when the workflow has nothing to do but wait. */
  idle(workflow_id: string): Promise<boolean>;
  /** How many runs of the organization hold a slot. */
  slots(org_id: string): Promise<number>;
  stop(): Promise<void>;
}

export interface Organization {
  id: string;
  tenant: TenantContext;
  email: string;
  admin: Caller;
  /** Refs of the catalogue's controls, in order; each has one document to read. */
  refs: string[];
  assess(control_refs: string[], by?: Caller, more?: Record<string, unknown>): Promise<Run>;
}

export interface Run {
  id: string;
  path: string;
  by: Caller;
  execute(body?: { restart: boolean }): Promise<Answer>;
  command(kind: 'pause' | 'resume' | 'cancel'): Promise<Answer>;
  /** The row's word, unless asked for the workflow's; it must never go backwards. */
  status(live?: boolean): Promise<AssessmentProgress>;
  until(wanted: (status: AssessmentProgress) => boolean): Promise<AssessmentProgress>;
  findings(): Promise<{ control: { ref: string }; [key: string]: unknown }[]>;
}

export async function startStage(api_env: Record<string, string> = {}): Promise<Stage> {
  const [temporal, llm] = await Promise.all([startOwnTemporal(), startFakeLlm()]);
  const api = await startTestApi({ TEMPORAL_ADDRESS: temporal.address, ...api_env });
  const env = workerEnv(api.database, temporal.address, llm);
  const others: TestApi[] = [];
  const workers: WorkerProcess[] = [];
  const stage: Omit<Stage, 'org'> = {
    temporal,
    llm,
    api,
    async addApi(more = {}) {
      const added = await startTestApi({ TEMPORAL_ADDRESS: temporal.address, ...api_env, ...more }, api);
      others.push(added);
      return added;
    },
    env,
    addOrg: (name) => buildOrganization({ ...api, as: (email) => patient(api.as(email)) }, name),
    async startWorker(more = {}) {
      const worker = startWorkerProcess({ ...env, ...more });
      workers.push(worker);
      await worker.ready;
      return worker;
    },
    async idle(workflow_id) {
      const { raw } = await temporal.client.workflow.getHandle(workflow_id).describe();
      return (raw.pendingActivities ?? []).length === 0 && !raw.pendingWorkflowTask;
    },
    async slots(org_id) {
      const row = await withTenant(api.database.db, { org_id }, (trx) =>
        trx('assessment_execution').whereNotNull('slot').count({ held: '*' }).first(),
      );
      return Number(row?.held);
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.kill()));
      await llm.close();
      for (const other of others) await other.stop();
      await api.stop();
      await temporal.close();
    },
  };
  return { ...stage, org: await stage.addOrg('Runs') };
}

/**
 * As patient as a client has to be: a busy server is asked again. Its 503 leaves open whether it happened, a conflict
 * after it says that it may have: such an answer is 200 with `requested: "unsure"`.
 */
export function patient(hasty: Caller): Caller {
  const ask = async (call: () => Promise<Answer>): Promise<Answer> => {
    const end = Date.now() + PATIENCE_MS;
    for (let tries = 1; ; tries += 1) {
      const answer = await call();
      if (tries > 1 && answer.status === 409)
        return { ...answer, status: 200, body: { requested: 'unsure' } };
      if (answer.status !== 503 || Date.now() > end) return answer;
      expect(answer.headers.get('retry-after')).not.toBeNull();
      await sleep(1_000);
    }
  };
  return {
    get: (path) => ask(() => hasty.get(path)),
    post: (path, body) => ask(() => hasty.post(path, body)),
    put: (path, body) => ask(() => hasty.put(path, body)),
    patch: (path, body) => ask(() => hasty.patch(path, body)),
    delete: (path) => ask(() => hasty.delete(path)),
  };
}

export async function buildOrganization(
  api: Pick<TestApi, 'as' | 'database'>,
  name: string,
): Promise<Organization> {
  const domain = `${name.toLowerCase()}.example`;
  const email = `admin@${domain}`;
  const admin = api.as(email);
  const { id } = (await admin.post('/orgs', { name, domain })).body;
  const { id: actor_id } = (await admin.get('/users/me')).body;
  const framework = await findSoc2(admin);
  const controls = await admin.get(`/frameworks/${framework.id}/controls?limit=200`);
  const refs: string[] = controls.body.items.map((control: { ref: string }) => control.ref);
  const tenant: TenantContext = {
    org_id: id,
    actor_id,
    request_id: 'test',
    role: 'admin',
    address: '127.0.0.1',
  };
  await buildEvidence(api.database.db, tenant, POLICY, { control_refs: refs });
  return {
    id,
    tenant,
    email,
    admin,
    refs,
    async assess(control_refs, by = admin, more = {}) {
      const body = { framework_id: framework.id, name: 'Run', scope: 'Production', control_refs, ...more };
      const created = await by.post(`/orgs/${id}/assessments`, body);
      expect(created.status).toBe(201);
      return runOf(by, id, created.body.id);
    },
  };
}

const ENDED = ['completed', 'failed', 'cancelled'];

function runOf(by: Caller, org_id: string, id: string): Run {
  const path = `/orgs/${org_id}/assessments/${id}`;
  let seen = { controls_evaluated: 0, progress: 0, ended: false };
  const run: Run = {
    id,
    path,
    by,
    async execute(body) {
      const answer = await by.post(`${path}/execute`, body);
      if (answer.status === 200) seen.ended = false;
      return answer;
    },
    command: (kind) => by.post(`${path}/${kind}`),
    async status(live = false) {
      const { status, body } = await by.get(`${path}/status${live ? '?live=true' : ''}`);
      expect(status).toBe(200);
      expect(body.controls_evaluated).toBeGreaterThanOrEqual(seen.controls_evaluated);
      expect(body.progress).toBeGreaterThanOrEqual(seen.progress);
      if (seen.ended) expect(ENDED).toContain(body.status);
      seen = { ...body, ended: ENDED.includes(body.status) };
      return body;
    },
    async until(wanted) {
      const end = Date.now() + PATIENCE_MS;
      for (;;) {
        const status = await run.status();
        if (wanted(status)) return status;
        if (Date.now() > end) throw new Error(`still ${JSON.stringify(status)}`);
        await sleep(50);
      }
    },
    async findings() {
      const { body } = await by.get(`/orgs/${org_id}/findings?assessment_id=${id}&limit=200`);
      return body.items;
    },
  };
  return run;
}

export function ended(status: Pick<AssessmentProgress, 'status'>): boolean {
  return ENDED.includes(status.status);
}

export function paused(status: Pick<AssessmentProgress, 'status'>): boolean {
  return status.status === 'paused';
}

/** Sends a command and waits, where it was only requested, until the run has obeyed. */
export async function obey(run: Run, kind: 'pause' | 'resume' | 'cancel'): Promise<void> {
  const answer = await run.command(kind);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const result: CommandResult = answer.body;
  if (result.requested === null) return;
  const wanted = { pause: 'paused', resume: 'in_progress', cancel: 'cancelled' }[kind];
  await run.until(({ status }) => status === wanted || (kind !== 'cancel' && ENDED.includes(status)));
}

/** Refs of the controls that have a finding, sorted. */
export async function refsOf(run: Run): Promise<string[]> {
  return (await run.findings()).map((finding) => finding.control.ref).sort();
}

export async function poll(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(condition, PATIENCE_MS).catch((error: unknown) => {
    throw new Error(`waiting until ${what}`, { cause: error });
  });
}
