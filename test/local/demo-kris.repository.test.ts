// The demo's key risk indicators: each query passes the guard and has a number in the demo's inventory; not all is well.
import { randomBytes } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createKriActivities } from '../../activities/kris/activities.js';
import { createSteampipe, type Steampipe } from '../../activities/steampipe/client.js';
import { newId } from '../../db/ids.js';
import { getHistory } from '../../db/kris/history.js';
import { listKris } from '../../db/kris/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { DEMO_INVENTORY, fillInventory } from '../../local/demo/inventory/fill.js';
import { DEMO_KRIS } from '../../local/demo/kris.js';
import { seedDemo } from '../../local/demo/seed.js';
import { withClient } from '../../local/postgres/databases.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const name = `inventory_${randomBytes(6).toString('hex')}`;
let database: TestDatabase;
let steampipe: Steampipe;

beforeAll(async () => {
  database = await createTestDatabase(2);
  const admin_url = inject('postgres_admin_url');
  await withClient(admin_url, (client) => client.query(`create database ${name}`));
  const url = new URL(admin_url);
  url.pathname = `/${name}`;
  const { reader_url } = await fillInventory(url.toString());
  steampipe = createSteampipe({ database_url: reader_url });
});
afterAll(async () => {
  await steampipe.close();
  await database.drop();
  await withClient(inject('postgres_admin_url'), (client) =>
    client.query(`drop database ${name} with (force)`),
  );
});

test('are there once, with a past, a schedule and a present; some are red', async () => {
  const seed = () =>
    seedDemo({
      database_url: database.owner_url,
      inventory: DEMO_INVENTORY,
      documents: [],
      store: { put: () => Promise.resolve() },
      subject_of: (email) => `subject-of-${email}`,
    });
  const { org_id } = await seed();
  await seed();
  const inside = <T>(work: Parameters<typeof withTenant<T>>[2]) => withTenant(database.db, { org_id }, work);
  const list = async () => (await inside((trx) => listKris(trx, {}, { limit: 200 }))).items;
  const seeded = await list();
  expect(seeded.map((kri) => kri.name).toSorted()).toEqual(DEMO_KRIS.map((kri) => kri.name).toSorted());
  const collected = seeded.filter((kri) => kri.collection_method === 'steampipe');
  const owed: { kind: string; count: number }[] = await inside((trx) =>
    trx('outbox').select('kind', trx.raw('count(*) as count')).groupBy('kind').orderBy('kind'),
  );
  expect(owed).toEqual([
    { kind: 'schedule_upsert', count: collected.length },
    { kind: 'workflow_start', count: collected.length },
  ]);

  const tenant = { org_id, actor_id: newId(), request_id: 'test' };
  const activities = createKriActivities({ db: database.db, steampipe, email: false });
  for (const { id } of collected) {
    const input = { tenant, kri_id: id, collection_id: newId(), by_schedule: true };
    const outcome = await new MockActivityEnvironment().run(activities.collectKri, input);
    expect(outcome, DEMO_KRIS.find((kri) => kri.name === id)?.name).toEqual({ outcome: 'measured' });
  }
  const present = await list();
  const colours = present.map(({ status }) => status);
  expect(colours.filter((status) => status === 'red').length).toBeGreaterThanOrEqual(2);
  expect(colours.filter((status) => status === 'red').length).toBeLessThanOrEqual(5);
  for (const status of ['green', 'amber'] as const) expect(colours).toContain(status);
  for (const kri of present) {
    const { points, trend } = await inside((trx) => getHistory(trx, kri, { points: 1_000 }));
    expect(points.length).toBeGreaterThanOrEqual(8);
    expect(trend?.samples).toBe(points.length);
  }
});
