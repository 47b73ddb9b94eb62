// The work of a deletion, interrupted: what an attempt has removed is not lost to the next one, and a worker that is told
// to go stops between two batches.
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createOrgActivities } from '../../activities/orgs/activities.js';
import type { Execution, OrgDeps } from '../../activities/orgs/deps.js';
import { removeOrg } from '../../db/orgs/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildAssessment } from '../support/factories/assessments.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

let database: TestDatabase;
let org: TestOrg;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  org = await buildOrg(database.db);
});

/** A store and a Temporal in memory, whose workflows end one by one at each look once they are cancelled. */
function outside(keys: string[], open: Execution[] = []): OrgDeps & { cancelled: string[] } {
  const cancelled: string[] = [];
  return {
    db: database.db,
    batch_rows: 3,
    cancelled,
    store: {
      listSome: (prefix) => Promise.resolve(keys.filter((key) => key.startsWith(prefix)).slice(0, 10)),
      remove(key) {
        keys.splice(keys.indexOf(key), 1);
        return Promise.resolve();
      },
    },
    executions: {
      listOpen() {
        const listed = [...open];
        if (cancelled.length > 0) open.shift();
        return Promise.resolve(listed);
      },
      list: () => Promise.resolve([...open]),
      cancel({ workflow_id }) {
        cancelled.push(workflow_id);
        return Promise.resolve();
      },
      remove({ run_id }) {
        const at = open.findIndex((each) => each.run_id === run_id);
        open.splice(at, 1);
        return Promise.resolve();
      },
      removeSchedules: () => Promise.resolve(0),
    },
  };
}

const keysOf = (org_id: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `evidence/${org_id}/${index}`);

test('counts on from what an attempt before it has removed', async () => {
  const { org_id } = org.tenant;
  const keys = [...keysOf(org_id, 25), `evidence/${org.tenant.actor_id}/foreign`];
  const { removeOrgObjects } = createOrgActivities(outside(keys));
  const next = new MockActivityEnvironment({ heartbeatDetails: 40 });
  expect(await next.run(removeOrgObjects, { tenant: org.tenant })).toEqual({ removed: 65 });
  expect(keys).toEqual([`evidence/${org.tenant.actor_id}/foreign`]);
});

test('stops between two batches when its worker is told to go, and the next one ends it', async () => {
  const keys = keysOf(org.tenant.org_id, 25);
  const { removeOrgObjects } = createOrgActivities(outside(keys));
  const first = new MockActivityEnvironment();
  first.on('heartbeat', () => first.cancel('WORKER_SHUTDOWN'));
  await expect(first.run(removeOrgObjects, { tenant: org.tenant })).rejects.toBeInstanceOf(CancelledFailure);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.length).toBeLessThan(25);
  const left = keys.length;
  const second = new MockActivityEnvironment();
  expect(await second.run(removeOrgObjects, { tenant: org.tenant })).toEqual({ removed: left });
});

test('removes rows batch by batch with a sign of life for each, and refuses before the time', async () => {
  for (let index = 0; index < 5; index += 1) await buildAssessment(database.db, org.tenant);
  const { purgeOrgRows, destroyOrgKey } = createOrgActivities(outside([]));
  const early = new MockActivityEnvironment().run(purgeOrgRows, { tenant: org.tenant });
  await expect(early).rejects.toMatchObject({ code: '55000' });
  await withTenant(database.db, org.tenant, (trx) => removeOrg(trx, 0));
  const beats: number[] = [];
  const attempt = new MockActivityEnvironment();
  attempt.on('heartbeat', (count: number) => beats.push(count));
  // five assessments and the founder at least, three at a time
  const purged = await attempt.run(purgeOrgRows, { tenant: org.tenant });
  expect(purged).toEqual({ removed: beats.at(-1) });
  expect(beats.length).toBeGreaterThanOrEqual(3);
  beats.forEach((count, index) => expect(count - (beats[index - 1] ?? 0)).toBeLessThanOrEqual(3));
  expect(beats.at(-1)).toBeGreaterThanOrEqual(6);
  await new MockActivityEnvironment().run(destroyOrgKey, { tenant: org.tenant });
  await new MockActivityEnvironment().run(destroyOrgKey, { tenant: org.tenant });
});

test('lets cancelled workflows clean up before their histories go, for so long and no longer', async () => {
  const { tenant } = org;
  const running = (): Execution[] =>
    ['assessment', 'incident'].map((name) => ({ workflow_id: name, run_id: name }));
  const patient = outside([], running());
  const { removeOrgWorkflows } = createOrgActivities({ ...patient, cleanup_ms: 60_000 });
  expect(await new MockActivityEnvironment().run(removeOrgWorkflows, { tenant })).toEqual({ removed: 0 });
  expect(patient.cancelled).toEqual(['assessment', 'incident']);

  const hasty = createOrgActivities({ ...outside([], running()), cleanup_ms: 0 });
  expect(await new MockActivityEnvironment().run(hasty.removeOrgWorkflows, { tenant })).toEqual({
    removed: 2,
  });
});
