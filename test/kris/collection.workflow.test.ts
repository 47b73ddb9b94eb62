// R4: indicators are collected by Temporal's schedules: a real server, a real worker process, a real inventory. And
// what disagrees between rows and schedules is repaired.
import { randomUUID } from 'node:crypto';
import { Client, isGrpcServiceError, ScheduleNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Kri } from '../../domain/kris/schema.js';
import { mapSteampipe } from '../../db/orgs/steampipe.js';
import { type Stage, startStage } from '../runs/stage.js';
import { dataConverterOf } from '../support/codec.js';
import { createTestInventory, type TestInventory } from '../support/inventory.js';
import { until } from '../support/until.js';

const PATIENCE_MS = 90_000;
const QUERY = 'select count(*) from aws_s3_bucket where not versioning_enabled';
const KRI = {
  name: 'Buckets without versions',
  green_threshold: 2,
  amber_threshold: 4,
  collection_method: 'steampipe',
  steampipe_query: QUERY,
};

let inventory: TestInventory;
let stage: Stage;
let path: string;
/** Reads what the product has encrypted. */
let client: Client;

beforeAll(async () => {
  inventory = await createTestInventory(`
    create table aws.aws_s3_bucket (name text, versioning_enabled bool);
    insert into aws.aws_s3_bucket values ('a', false), ('b', true)`);
  stage = await startStage({ STEAMPIPE_DATABASE_URL: inventory.url });
  const { connection, namespace } = stage.temporal;
  client = new Client({ connection, namespace, dataConverter: dataConverterOf(stage.api.database.db) });
  await mapSteampipe(stage.api.database.owner_url, {
    org_id: stage.org.id,
    schema: inventory.schema,
    role: null,
  });
  await stage.startWorker({
    STEAMPIPE_DATABASE_URL: inventory.url,
    RECONCILE_SECONDS: '1',
    RECONCILE_ROW_AGE_SECONDS: '1',
  });
  path = `/orgs/${stage.org.id}/kris`;
});
afterAll(async () => {
  await stage.stop();
  await inventory.drop();
});

const schedule = (kri_id: string) => client.schedule.getHandle(`schedule:kri:${stage.org.id}:${kri_id}`);

async function create(more: object = {}): Promise<Kri> {
  const { status, body } = await stage.org.admin.post(path, { ...KRI, ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

async function comesTo(kri_id: string, wanted: (kri: Kri) => boolean): Promise<Kri> {
  let kri: Kri | undefined;
  await until(async () => {
    const seen: Kri = (await stage.org.admin.get(`${path}/${kri_id}`)).body;
    kri = seen;
    return wanted(seen);
  }, PATIENCE_MS).catch((error: unknown) => {
    throw new Error(`still ${JSON.stringify(kri)}`, { cause: error });
  });
  if (!kri) throw new Error('it was seen');
  return kri;
}

/** Faster than any cron can say. */
async function everySecond(kri_id: string): Promise<void> {
  await schedule(kri_id).update((previous) => ({ ...previous, spec: { intervals: [{ every: '1s' }] } }));
}

/** `unknown` while a busy server does not say. */
async function fate(kri_id: string): Promise<'there' | 'gone' | 'unknown'> {
  return await schedule(kri_id)
    .describe()
    .then(() => 'there' as const)
    .catch((error: unknown) => {
      if (error instanceof ScheduleNotFoundError) return 'gone';
      if (isGrpcServiceError(error)) return 'unknown';
      throw error;
    });
}

async function exists(kri_id: string): Promise<void> {
  await until(async () => (await fate(kri_id)) === 'there', PATIENCE_MS);
}

async function isGone(kri_id: string): Promise<void> {
  await until(async () => (await fate(kri_id)) === 'gone', PATIENCE_MS);
}

async function audited(kri_id: string): Promise<string[]> {
  const log = await stage.org.admin.get(`/orgs/${stage.org.id}/audit-log?resource=${kri_id}&limit=200`);
  return log.body.items.map((entry: { action: string }) => entry.action);
}

describe('a schedule', () => {
  test(
    'is as its row says, and brings value after value; a breach is one episode',
    { timeout: 3 * PATIENCE_MS },
    async () => {
      const { id } = await create();
      // tried at once, long before the hour is full
      const first = await comesTo(id, ({ current_value }) => current_value !== null);
      expect(first).toMatchObject({ current_value: 1, status: 'green', last_collection: { error: null } });
      expect(first.last_collection?.rows_sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(await schedule(id).describe()).toMatchObject({
        policies: { overlap: 'SKIP', catchupWindow: 3_600_000 },
        state: { paused: false },
        action: { workflowType: 'kriCollectionWorkflow' },
      });

      await everySecond(id);
      const pointsOf = async () => (await stage.org.admin.get(`${path}/${id}/history`)).body;
      await until(async () => (await pointsOf()).points.length >= 4, PATIENCE_MS);
      await inventory.run(
        `insert into aws.aws_s3_bucket select 'x' || n, false from generate_series(1, 5) n`,
      );
      await comesTo(id, ({ status }) => status === 'red');
      await inventory.run(`delete from aws.aws_s3_bucket where name like 'x%'`);
      await comesTo(id, ({ status, open_episode }) => status === 'green' && open_episode === null);
      const { points, episodes } = await pointsOf();
      expect(episodes).toMatchObject([
        { opened_value: 6, worst_value: 6, worst_status: 'red', closed_value: 1 },
      ]);
      const collections = new Set(points.map((point: { measured_at: string }) => point.measured_at));
      expect(collections.size).toBe(points.length);
      expect(points.every((point: { source: string }) => point.source === 'steampipe')).toBe(true);

      // paused: what runs now is what a person asks for
      await stage.org.admin.put(`${path}/${id}`, { paused: true });
      await until(async () => (await schedule(id).describe()).state.paused, PATIENCE_MS);
      const started = await stage.org.admin.post(`${path}/${id}/collect`);
      await comesTo(id, ({ last_collection }) => last_collection?.id === started.body.id);

      expect((await stage.org.admin.delete(`${path}/${id}`)).status).toBe(200);
      await isGone(id);
    },
  );

  test('keeps why a collection failed, until one succeeds', { timeout: 2 * PATIENCE_MS }, async () => {
    const { id, warnings } = await create({ steampipe_query: 'select count(*) from aws_later' });
    expect(warnings).toEqual([expect.stringContaining('aws_later')]);
    const failed = await comesTo(id, ({ last_collection }) => last_collection !== null);
    expect(failed).toMatchObject({ current_value: null, status: null });
    expect(failed.last_collection?.error).toContain('relation "aws_later" does not exist');
    await inventory.run(`create table aws.aws_later (x int); grant select on aws.aws_later to public`);
    await stage.org.admin.post(`${path}/${id}/collect`);
    const healed = await comesTo(id, ({ last_collection }) => last_collection?.error === null);
    expect(healed).toMatchObject({ current_value: 0, status: 'green' });
    expect(await audited(id)).toEqual(
      expect.arrayContaining(['kri.create', 'kri.collection_fail', 'kri.collect', 'kri.measure']),
    );
  });

  test('an answer that is no number is a failure', { timeout: 2 * PATIENCE_MS }, async () => {
    const { id } = await create({ steampipe_query: 'select name from aws_s3_bucket' });
    const failed = await comesTo(id, ({ last_collection }) => last_collection !== null);
    expect(failed.last_collection?.error).toBe('column "name" is not numeric');
  });
});

describe('the reconciler', () => {
  test('makes a lost schedule again, and says so', { timeout: 2 * PATIENCE_MS }, async () => {
    const { id } = await create();
    await exists(id);
    await schedule(id).delete();
    await exists(id);
    expect(await audited(id)).toContain('kri.schedule_restore');
  });

  test('lets one go on that is paused in Temporal only', { timeout: 2 * PATIENCE_MS }, async () => {
    const { id } = await create();
    await exists(id);
    await schedule(id).pause('by hand');
    await until(async () => !(await schedule(id).describe()).state.paused, PATIENCE_MS);
  });

  test('removes one that has no indicator', { timeout: 2 * PATIENCE_MS }, async () => {
    const id = randomUUID();
    await client.schedule.create({
      scheduleId: `schedule:kri:${stage.org.id}:${id}`,
      spec: { intervals: [{ every: '1h' }] },
      action: { type: 'startWorkflow', workflowType: 'kriCollectionWorkflow', taskQueue: 'nowhere' },
    });
    await isGone(id);
    expect(await audited(id)).toEqual(['kri.schedule_remove']);
  });

  test('leaves alone what agrees', { timeout: 2 * PATIENCE_MS }, async () => {
    const { id } = await create({ paused: true });
    await exists(id);
    const { info } = await schedule(id).describe();
    // a repair of another one shows that a sweep has come and gone
    const other = await create();
    await exists(other.id);
    await schedule(other.id).delete();
    await exists(other.id);
    expect((await schedule(id).describe()).info.lastUpdatedAt).toEqual(info.lastUpdatedAt);
    expect(await audited(id)).not.toContain('kri.schedule_restore');
  });
});
