// The whole end of an organization, with real workers, a real server and a real store: what runs is stopped, and after
// its time nothing is left of it in any of the three, while its neighbour works on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteOrganization } from '../../api/orgs/use-cases.js';
import { createObjectStore, type ObjectStore } from '../../db/objects/store.js';
import { incidentWorkflowId, kriScheduleId, orgDeletionWorkflowId } from '../../domain/temporal.js';
import { withClient } from '../../local/postgres/databases.js';
import { ensureStorageCredentials } from '../../local/storage/credentials.js';
import { type EmbeddedStorage, startStorage } from '../../local/storage/server.js';
import { ended, type Organization, poll, type Run, type Stage, startStage } from '../runs/stage.js';

const BUCKET = 'evidence';
const KEPT_MS = 4_000;

let stage: Stage;
let folder: string;
let storage: EmbeddedStorage;
let store: ObjectStore;
let neighbour: Organization;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grc-deletion-'));
  const credentials = await ensureStorageCredentials(folder);
  storage = await startStorage({
    data_dir: folder,
    port: 0,
    credentials,
    max_object_bytes: 1_000,
    bucket: BUCKET,
  });
  store = createObjectStore({ endpoint: storage.url, region: 'auto', bucket: BUCKET, ...credentials });
  stage = await startStage();
  neighbour = await stage.addOrg('Neighbour');
  await stage.startWorker({
    S3_ENDPOINT: storage.url,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY_ID: credentials.access_key_id,
    S3_SECRET_ACCESS_KEY: credentials.secret_access_key,
  });
});
afterAll(async () => {
  await stage.stop();
  store.close();
  await storage.stop();
  await rm(folder, { recursive: true, force: true });
});

const REPORT = {
  title: 'Logins from two continents',
  description: 'Within a minute.',
  category: 'unauthorized_access',
  severity: 'high',
};

/** Due once a year, so that nothing is collected meanwhile. */
const INDICATOR = {
  name: 'Buckets',
  green_threshold: 1,
  amber_threshold: 2,
  collection_method: 'steampipe',
  steampipe_query: 'select count(*) from aws_s3_bucket',
  schedule: '0 4 1 1 *',
};

interface Life {
  run: Run;
  incident_id: string;
}

async function live(org: Organization): Promise<Life> {
  const run = await org.assess(org.refs.slice(0, 4));
  expect((await run.execute()).status).toBe(200);
  const incident = await org.admin.post(`/orgs/${org.id}/incidents`, REPORT);
  expect(incident.status).toBe(201);
  for (const name of ['a', 'b', 'c']) await keep(`evidence/${org.id}/${name}`);
  await keep(`quarantine/${org.id}/d`);
  // an indicator's own schedule: one that no row claims would be removed by the reconciler
  const kri = await org.admin.post(`/orgs/${org.id}/kris`, INDICATOR);
  expect(kri.status).toBe(201);
  const schedule_id = kriScheduleId(org.id, kri.body.id);
  await poll('a listed schedule', async () => (await schedules()).includes(schedule_id));
  return { run, incident_id: incident.body.id };
}

async function keep(key: string): Promise<void> {
  await store.put({ key, body: Buffer.from('x'), content_type: 'text/plain' });
}

async function schedules(): Promise<string[]> {
  const found: string[] = [];
  for await (const { scheduleId } of stage.temporal.client.schedule.list()) found.push(scheduleId);
  return found;
}

async function executions(org_id: string): Promise<string[]> {
  const found: string[] = [];
  const query = `OrgId = '${org_id}'`;
  for await (const { workflowId } of stage.temporal.client.workflow.list({ query })) found.push(workflowId);
  return found.toSorted();
}

async function statusOf(workflow_id: string): Promise<string> {
  return (await stage.temporal.client.workflow.getHandle(workflow_id).describe()).status.name;
}

/** Names of the tables that still have rows of the organization, seen by the superuser. */
async function tablesWith(org_id: string): Promise<string[]> {
  return await withClient(stage.api.database.owner_url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'org_id'`,
    );
    const left: string[] = [];
    for (const { name } of rows) {
      const found = await client.query(`select from ${name} where org_id = $1 limit 1`, [org_id]);
      if (found.rowCount === 1) left.push(name);
    }
    return left;
  });
}

test('is stopped at once and gone after its time, and nobody else notices', async () => {
  const { org, llm, temporal, api } = stage;
  const theirs = await live(neighbour);
  await theirs.run.until(ended);
  llm.setMode({ mode: 'held' });
  const ours = await live(org);
  await poll('a call in flight', () => llm.calls.some(({ outcome }) => outcome === 'open'));
  expect(await tablesWith(org.id)).toEqual(expect.arrayContaining(['incident', 'execution_control']));

  await deleteOrganization({ db: api.database.db }, org.tenant, KEPT_MS);
  expect((await org.admin.get(`/orgs/${org.id}`)).status).toBe(404);
  await poll('calls aborted', () => llm.calls.every(({ outcome }) => outcome !== 'open'));
  const deletion = orgDeletionWorkflowId(org.id);
  await poll('the end', async () => {
    const status = await statusOf(deletion).catch(() => 'not started');
    expect(status).not.toBe('FAILED');
    return status === 'COMPLETED';
  });

  await poll('its executions gone', async () => (await executions(org.id)).join() === deletion);
  await expect(statusOf(incidentWorkflowId(org.id, ours.incident_id))).rejects.toMatchObject({
    name: 'WorkflowNotFoundError',
  });
  expect(await tablesWith(org.id)).toEqual([]);
  for (const prefix of ['evidence', 'quarantine']) {
    expect(await store.listSome(`${prefix}/${org.id}/`)).toEqual([]);
  }

  expect(await executions(neighbour.id)).toHaveLength(2);
  expect(await statusOf(incidentWorkflowId(neighbour.id, theirs.incident_id))).toBe('RUNNING');
  expect(await store.listSome(`evidence/${neighbour.id}/`)).toHaveLength(3);
  await poll('one schedule left', async () => {
    const left = await schedules();
    return left.some((id) => id.includes(neighbour.id)) && !left.some((id) => id.includes(org.id));
  });
  llm.setMode({ mode: 'honest' });
  const next = await neighbour.assess(neighbour.refs.slice(0, 1));
  expect((await next.execute()).status).toBe(200);
  expect(await next.until(ended)).toMatchObject({ status: 'completed' });
  expect((await temporal.client.workflow.getHandle(deletion).describe()).searchAttributes).toMatchObject({
    Phase: ['purged'],
  });
});
