// R4, R5: reports by a real worker, a real Temporal and a real store. What dies half way is finished, once.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report } from '../../domain/reports/schema.js';
import { documentKey, reportFolder, reportKey } from '../../domain/reports/rules.js';
import { withClient } from '../../local/postgres/databases.js';
import { poll, type Stage, startStage } from '../runs/stage.js';
import { startEmbeddedStore, type TestStore } from '../support/object-stores.js';
import type { WorkerProcess } from '../support/worker-process.js';
import { startStoreGate, type StoreGate } from './store-gate.js';

const PATIENCE_MS = 90_000;

let storage: TestStore;
let gate: StoreGate;
let stage: Stage;
let worker: WorkerProcess;
let path: string;

const SOON = {
  RECONCILE_SECONDS: '1',
  RECONCILE_ROW_AGE_SECONDS: '1',
  RECONCILE_WORKFLOW_AGE_SECONDS: '1',
};

beforeAll(async () => {
  storage = await startEmbeddedStore();
  gate = await startStoreGate(storage.url);
  stage = await startStage(storage.env);
  worker = await startWorker();
  path = `/orgs/${stage.org.id}/reports`;
});
afterAll(async () => {
  await stage.stop();
  await gate.stop();
  await storage.stop();
});

async function startWorker(): Promise<WorkerProcess> {
  return await stage.startWorker({ ...storage.env, S3_ENDPOINT: gate.url, ...SOON });
}

async function generate(format = 'json', type = 'risk_register'): Promise<Report> {
  const { status, body } = await stage.org.admin.post(`${path}/generate`, { type, format });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

async function comesTo(id: string, wanted: (report: Report) => boolean): Promise<Report> {
  let seen: Report | undefined;
  await poll(`${id} has come to what is wanted`, async () => {
    const report: Report = (await stage.org.admin.get(`${path}/${id}`)).body;
    seen = report;
    return wanted(report);
  });
  if (!seen) throw new Error('it was seen');
  return seen;
}

const isOver = ({ status }: Report): boolean => status === 'completed' || status === 'failed';

async function bytesOf(id: string): Promise<Buffer> {
  const response = await fetch(`${stage.api.url}/api/v1${path}/${id}/download`, {
    headers: { authorization: `Bearer ${stage.api.access.token(stage.org.email)}` },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function audited(id: string): Promise<string[]> {
  const log = await stage.org.admin.get(`/orgs/${stage.org.id}/audit-log?resource=${id}&limit=200`);
  return log.body.items.map(({ action }: { action: string }) => action).toReversed();
}

async function expectMadeOnce(id: string): Promise<void> {
  const report = await comesTo(id, isOver);
  expect(report).toMatchObject({ status: 'completed', failure: null });
  const bytes = await bytesOf(id);
  expect([createHash('sha256').update(bytes).digest('hex'), bytes.length]).toEqual([
    report.sha256,
    report.size,
  ]);
  expect(await storage.store.listSome(reportFolder(stage.org.id, id))).toEqual(
    [documentKey(stage.org.id, id), reportKey(stage.org.id, id, report.sha256 ?? '')].toSorted(),
  );
  const actions = (await audited(id)).filter((action) => action !== 'report.download');
  expect(actions).toEqual(['report.generate', 'report.complete']);
}

test(
  'a report is made, can be downloaded, and goes with all of its bytes',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    const { id, workflow } = await generate();
    await expectMadeOnce(id);
    const report = await comesTo(id, isOver);
    expect(JSON.parse((await bytesOf(id)).toString())).toMatchObject({
      type: 'risk_register',
      as_of: report.as_of,
    });
    const { status, typedSearchAttributes: _ } = await stage.temporal.client.workflow
      .getHandle(workflow.id)
      .describe();
    expect(status.name).toBe('COMPLETED');

    expect((await stage.org.admin.delete(`${path}/${id}`)).status).toBe(200);
    const folder = reportFolder(stage.org.id, id);
    await poll('nothing of it is left', async () => (await storage.store.listSome(folder)).length === 0);
    await poll('its row says so', async () =>
      withClient(stage.api.database.owner_url, async (client) => {
        const { rowCount } = await client.query(
          'select from report where id = $1 and cleared_at is not null',
          [id],
        );
        return rowCount === 1;
      }),
    );
    expect((await stage.org.admin.get(`${path}/${id}`)).status).toBe(404);
  },
);

test(
  'a worker that is killed while it reads and renders costs nothing and repeats nothing',
  { timeout: 3 * PATIENCE_MS },
  async () => {
    gate.hold((key) => (key.endsWith('/document.json') ? undefined : 'after'));
    const stored = await generate();
    await poll('one is stored and nobody knows', () => gate.held.some((key) => key.includes(stored.id)));
    gate.hold(() => 'before');
    const read = await generate('xlsx');
    await poll('another is read and not kept', () => gate.held.some((key) => key.includes(read.id)));
    await worker.kill('SIGKILL');
    gate.hold(() => undefined);
    for (const { id } of [stored, read])
      expect((await stage.org.admin.get(`${path}/${id}`)).body.status).toBe('generating');
    worker = await startWorker();
    await expectMadeOnce(stored.id);
    await expectMadeOnce(read.id);
  },
);

test('a store that is away is waited for', { timeout: 2 * PATIENCE_MS }, async () => {
  gate.away = true;
  const { id, workflow } = await generate('pdf', 'bcm_impact_analysis');
  try {
    await poll('it has been tried more than once', async () => {
      const { raw } = await stage.temporal.client.workflow.getHandle(workflow.id).describe();
      return (raw.pendingActivities ?? []).some(({ attempt }) => (attempt ?? 0) > 1);
    });
    expect((await stage.org.admin.get(`${path}/${id}`)).body.status).toBe('generating');
  } finally {
    gate.away = false;
  }
  await expectMadeOnce(id);
});

test('one that is cancelled says so, and its workflow is over', { timeout: 2 * PATIENCE_MS }, async () => {
  gate.away = true;
  try {
    const { id, workflow } = await generate();
    await comesTo(id, ({ status }) => status === 'generating');
    const asked = await stage.org.admin.post(`${path}/${id}/cancel`);
    expect(asked.status, JSON.stringify(asked.body)).toBe(200);
    expect(await comesTo(id, isOver)).toMatchObject({
      status: 'failed',
      failure: 'It was cancelled.',
      sha256: null,
    });
    expect(await audited(id)).toEqual(['report.generate', 'report.cancel', 'report.fail']);
    await poll('the workflow is cancelled', async () => {
      const { status } = await stage.temporal.client.workflow.getHandle(workflow.id).describe();
      return status.name === 'CANCELLED';
    });
  } finally {
    gate.away = false;
  }
});

test('one whose assessment goes before it is read fails in words', { timeout: 2 * PATIENCE_MS }, async () => {
  const { id: assessment_id } = await stage.org.assess(stage.org.refs.slice(0, 1));
  gate.away = true;
  const asked = await stage.org.admin.post(`${path}/generate`, {
    type: 'gap_analysis',
    format: 'json',
    assessment_id,
  });
  try {
    await comesTo(asked.body.id, ({ status }) => status === 'generating');
    expect((await stage.org.admin.delete(`/orgs/${stage.org.id}/assessments/${assessment_id}`)).status).toBe(
      200,
    );
  } finally {
    gate.away = false;
  }
  expect(await comesTo(asked.body.id, isOver)).toMatchObject({
    status: 'failed',
    assessment_id: null,
    failure: 'The assessment was deleted before the report about it was made.',
  });
});

test(
  'a workflow that Temporal has lost is started again by its row',
  { timeout: 2 * PATIENCE_MS },
  async () => {
    gate.hold(() => 'before');
    const { id, workflow } = await generate();
    await poll('it is at work', () => gate.held.some((key) => key.includes(id)));
    await stage.temporal.client.workflow.getHandle(workflow.id).terminate('lost');
    gate.hold(() => undefined);
    expect(await comesTo(id, isOver)).toMatchObject({ status: 'completed' });
    expect(await audited(id)).toEqual(['report.generate', 'report.workflow_restart', 'report.complete']);
  },
);
