// S16: personal data and secrets are put in through the API, a run goes well, one loses a control and one fails with
// names in its message. Then everything that Temporal keeps, its histories, the outbox, the logs and the metrics are
// searched for them. Every payload is the organization's, by its key, and without that key nobody reads it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { ApplicationFailure, type Payload } from '@temporalio/common';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { deleteOrganization } from '../../api/orgs/use-cases.js';
import { createCodec } from '../../db/crypto/data-converter.js';
import { KEY_DESTROYED } from '../../db/crypto/org-keys.js';
import { finishPurge, listPurgeTables, purgeRows } from '../../db/orgs/purge.js';
import { withTenant } from '../../db/tenancy.js';
import { assessmentWorkflowId, SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import type { TenantContext } from '../../domain/tenant.js';
import { freePort } from '../../local/ports.js';
import { withClient } from '../../local/postgres/databases.js';
import { loadWorkflowBundle } from '../../workers/bundle.js';
import { assessmentWorkflow } from '../../workflows/assessments/assessment-workflow.js';
import { startTestAccess, type TestAccess } from '../support/access.js';
import { startApiProcess, type ApiProcess } from '../support/api-process.js';
import { dataConverterOf, metadataOf, payloadsOf, TEST_PAYLOAD_KEYS } from '../support/codec.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { fakeAssessmentActivities } from '../support/fakes/assessment-activities.js';
import { startFakeLlm, type FakeLlm } from '../support/fakes/llm.js';
import type { Answer, Caller } from '../support/http.js';
import { type OwnTemporal, startOwnTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';
import { startWorkerProcess, workerEnv, type WorkerProcess } from '../support/worker-process.js';

const PATIENCE_MS = 120_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: PATIENCE_MS });

/** Long and random: one that is found was put there. */
const canary = (kind: string): string => `canary-${kind}-${randomUUID()}`;
const CANARIES = {
  founder: `${canary('founder')}@people.example`,
  member: `${canary('member')}@people.example`,
  name: canary('name'),
  org: canary('org'),
  domain: `${canary('domain')}.example`,
  webhook: canary('webhook'),
  document: canary('document'),
  assessment: canary('assessment'),
  scope: canary('scope'),
  incident: canary('incident'),
  description: canary('description'),
  note: canary('note'),
  notes: canary('notes'),
  model_key: canary('model-key'),
};

let database: TestDatabase;
let access: TestAccess;
let temporal: OwnTemporal;
let llm: FakeLlm;
let api: ApiProcess;
let worker: WorkerProcess;
let admin: Caller;
let tenant: TenantContext;
const metrics_ports = { api: 0, worker: 0 };

beforeAll(async () => {
  [database, access, temporal, llm] = await Promise.all([
    createTestDatabase(),
    startTestAccess(),
    startOwnTemporal(),
    startFakeLlm(),
  ]);
  metrics_ports.api = await freePort();
  metrics_ports.worker = await freePort();
  const loud = { LOG_LEVEL: 'trace', OPENAI_API_KEY: CANARIES.model_key };
  const env = { ...workerEnv(database, temporal.address, llm), ...loud };
  api = await startApiProcess(access, {
    DATABASE_APP_URL: database.app_url,
    TEMPORAL_ADDRESS: temporal.address,
    METRICS_PORT: String(metrics_ports.api),
    OPENAI_BASE_URL: llm.base_url,
    ...loud,
  });
  worker = startWorkerProcess({ ...env, METRICS_PORT: String(metrics_ports.worker) });
  await worker.ready;
  admin = api.as(CANARIES.founder);
  tenant = await found();
});
afterAll(async () => {
  await worker.kill();
  await api.kill();
  await llm.close();
  await temporal.close();
  await access.stop();
  await database.drop();
});

async function expectStatus(status: number, call: Promise<Answer>): Promise<Answer['body']> {
  const answer = await call;
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return answer.body;
}

async function found(): Promise<TenantContext> {
  const body = { name: CANARIES.org, domain: CANARIES.domain };
  const { id: org_id } = await expectStatus(201, admin.post('/orgs', body));
  const settings = { notification_webhook: `https://hooks.example/${CANARIES.webhook}` };
  await expectStatus(200, admin.put(`/orgs/${org_id}`, { settings }));
  const person = { email: CANARIES.member, name: CANARIES.name, role: 'analyst' };
  await expectStatus(201, admin.post(`/orgs/${org_id}/users`, person));
  const { id: actor_id } = await expectStatus(200, admin.get('/users/me'));
  return { org_id, actor_id, request_id: 'test', role: 'admin', address: '127.0.0.1' };
}

/** @returns the workflow ids of the runs */
async function liveThroughIt(): Promise<string[]> {
  const { org_id } = tenant;
  const framework = (await admin.get('/frameworks')).body.items.find(
    ({ key }: { key: string }) => key === 'SOC2_TYPE2',
  );
  const listed = await admin.get(`/frameworks/${framework.id}/controls?limit=4`);
  const refs: string[] = listed.body.items.map(({ ref }: { ref: string }) => ref);
  const text = `Access requires multi-factor authentication, says ${CANARIES.document} of ${CANARIES.member}.`;
  await buildEvidence(database.db, tenant, text, { control_refs: refs });
  // one control is refused by the model, for good
  llm.script([{ mode: 'refuse', control: refs[1] ?? '', times: 1 }]);
  const assessment = {
    framework_id: framework.id,
    name: CANARIES.assessment,
    scope: CANARIES.scope,
    control_refs: refs,
  };
  const created = await expectStatus(201, admin.post(`/orgs/${org_id}/assessments`, assessment));
  const path = `/orgs/${org_id}/assessments/${created.id}`;
  const { workflow } = await expectStatus(200, admin.post(`${path}/execute`));
  await until(async () => (await admin.get(`${path}/status`)).body.status === 'completed', PATIENCE_MS);
  expect(llm.calls.some(({ prompt }) => prompt.includes(CANARIES.document))).toBe(true);
  const findings = (await admin.get(`/orgs/${org_id}/findings?limit=10`)).body.items;
  const update = { status: 'partial', remediation_notes: CANARIES.notes };
  await expectStatus(200, admin.patch(`/orgs/${org_id}/findings/${findings[0].id}`, update));
  return [workflow.id, await sufferAnIncident()];
}

async function sufferAnIncident(): Promise<string> {
  const incidents = `/orgs/${tenant.org_id}/incidents`;
  const report = {
    title: CANARIES.incident,
    description: CANARIES.description,
    category: 'unauthorized_access',
    severity: 'high',
  };
  const { id, workflow } = await expectStatus(201, admin.post(incidents, report));
  const move = { new_phase: 'analysis', notes: CANARIES.note };
  await expectStatus(200, admin.post(`${incidents}/${id}/transition`, move));
  await until(async () => (await admin.get(`${incidents}/${id}`)).body.phase === 'analysis', PATIENCE_MS);
  return workflow.id;
}

/** With the product's own converter and bundle; what goes wrong is told with names in it. */
async function failWithNames(): Promise<string> {
  const { connection, native } = temporal;
  const dataConverter = dataConverterOf(database.db);
  const { activities } = fakeAssessmentActivities();
  const taskQueue = 'test-canaries';
  const told = `${CANARIES.name} <${CANARIES.member}> is unknown`;
  const failing = await Worker.create({
    connection: native,
    taskQueue,
    dataConverter,
    workflowBundle: (await loadWorkflowBundle()).workflowBundle,
    activities: {
      ...activities,
      markAssessmentRunning: () =>
        Promise.reject(ApplicationFailure.nonRetryable(told, 'CONFLICT', { who: CANARIES.name })),
    },
  });
  const client = new Client({ connection, dataConverter });
  const { org_id } = tenant;
  const workflowId = assessmentWorkflowId(org_id, randomUUID());
  await failing.runUntil(async () => {
    const ends = client.workflow.execute(assessmentWorkflow, {
      taskQueue,
      workflowId,
      typedSearchAttributes: [{ key: SEARCH_ATTRIBUTES.orgId, value: org_id }],
      staticSummary: CANARIES.assessment,
      args: [{ tenant, assessment_id: randomUUID(), execution_id: randomUUID() }],
    });
    // whoever has the key reads why
    await expect(ends).rejects.toMatchObject({ cause: { cause: { message: told } } });
  });
  return workflowId;
}

/** Names of what of them stands somewhere. */
function canariesIn(text: string): string[] {
  return Object.entries(CANARIES)
    .filter(([, value]) => text.includes(value))
    .map(([name]) => name);
}

/** All bytes that the server keeps or writes, its log too. */
async function filesOfTemporal(): Promise<string> {
  const names = await readdir(temporal.folder);
  const parts = await Promise.all(names.map((name) => readFile(join(temporal.folder, name), 'latin1')));
  return parts.join('\n');
}

async function rowsOf(table: string): Promise<string> {
  const rows = await withClient(
    database.owner_url,
    async (client) => (await client.query<{ row: string }>(`select t::text as row from ${table} t`)).rows,
  );
  return rows.map(({ row }) => row).join('\n');
}

/** By a client without the codec: as whoever has the server sees it. */
async function historyOf(workflow_id: string): Promise<unknown[]> {
  return (await temporal.client.workflow.getHandle(workflow_id).fetchHistory()).events ?? [];
}

async function purge(): Promise<void> {
  const { org_id } = tenant;
  await deleteOrganization({ db: database.db }, tenant, 1);
  const inside = <T>(work: Parameters<typeof withTenant<T>>[2]): Promise<T> =>
    withTenant(database.db, { org_id }, work);
  for (const table of await inside(listPurgeTables)) {
    while ((await inside((trx) => purgeRows(trx, org_id, table, 500))) > 0);
  }
  await inside((trx) => finishPurge(trx, org_id));
}

test('nothing of it is in clear anywhere, and nothing of it can be read once the key is destroyed', async () => {
  const workflow_ids = [...(await liveThroughIt()), await failWithNames()];

  // what would be found, if it were there
  const control = canary('control');
  await temporal.client.workflow.start('nothing', {
    taskQueue: 'nobody',
    workflowId: 'control',
    args: [control],
  });
  const files = await filesOfTemporal();
  expect(files).toContain(control);
  expect(files).toContain(tenant.org_id);
  expect(canariesIn(files)).toEqual([]);

  const outbox = await rowsOf('outbox');
  expect(outbox).toContain(tenant.org_id);
  expect(canariesIn(outbox)).toEqual([]);
  expect(canariesIn(await rowsOf('app_user'))).toEqual(['founder', 'member']);

  for (const [process, log] of [
    ['api', api.output()],
    ['worker', worker.output()],
  ] as const) {
    expect(log.length, process).toBeGreaterThan(500);
    expect(canariesIn(log), process).toEqual([]);
    const metrics = await (await fetch(`http://127.0.0.1:${metrics_ports[process]}/metrics`)).text();
    expect(metrics.length, process).toBeGreaterThan(500);
    expect(canariesIn(metrics), process).toEqual([]);
  }

  const kept: Payload[] = [];
  for (const workflow_id of workflow_ids) {
    const payloads = payloadsOf(await historyOf(workflow_id));
    expect(payloads.length, workflow_id).toBeGreaterThan(2);
    for (const payload of payloads) {
      expect(metadataOf(payload), workflow_id).toEqual({
        encoding: 'binary/encrypted',
        kid: expect.stringMatching(/^org-[0-9a-f]{16}$/),
        org_id: tenant.org_id,
      });
    }
    kept.push(...payloads);
  }
  expect(new Set(kept.map((payload) => metadataOf(payload)['kid'])).size).toBe(1);

  const holder = createCodec(database.db, TEST_PAYLOAD_KEYS);
  const opened = await holder.decode(kept);
  expect(Buffer.concat(opened.map(({ data }) => Buffer.from(data ?? []))).toString()).toContain(
    CANARIES.name,
  );
  await worker.kill();
  await purge();
  const later = createCodec(database.db, TEST_PAYLOAD_KEYS);
  for (const payload of kept) {
    await expect(later.decode([payload])).rejects.toMatchObject({ type: KEY_DESTROYED, nonRetryable: true });
  }
});
