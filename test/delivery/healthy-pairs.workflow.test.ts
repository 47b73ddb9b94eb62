// R11: over 1,000 healthy pairs, compared ten times, nothing is repaired and Temporal is asked for none by its id; of
// those that are made to disagree each is found, at a bounded rate.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assessmentWorkflowId } from '../../domain/temporal.js';
import { connect, type Database } from '../../db/connection.js';
import { withClient } from '../../local/postgres/databases.js';
import { reconcile, type Sweep } from '../../workers/reconciler.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const PAIRS = 1_000;
const BROKEN = 50;
const LANES = 50;
let database: TestDatabase;
let reconcile_db: Database;
let temporal: TestTemporal;
let org: TestOrg;
let workflow_ids: string[];

beforeAll(async () => {
  [database, temporal] = await Promise.all([createTestDatabase(), startOwnTemporal()]);
  reconcile_db = connect({ url: database.reconcile_url, pool_max: 1, application_name: 'test' });
  org = await buildOrg(database.db);
});
afterAll(async () => {
  await reconcile_db.destroy();
  await temporal.close();
  await database.drop();
});

/** Paused runs, of which an organization may have any number. */
const PAUSED = `
  with a as (
    insert into assessment (org_id, id, framework_id, name, scope, status, created_by)
    select $1, gen_random_uuid(), f.id, 'a' || n, 's', 'paused', $2
    from (select id from framework where org_id is null limit 1) f, generate_series(1, $3::int) n
    returning org_id, id)
  insert into assessment_execution (org_id, id, assessment_id, status, restart, limits, actor_id, started_at)
  select org_id, gen_random_uuid(), id, 'paused', false, '{}', $2, clock_timestamp() from a returning id`;

async function buildPairs(): Promise<string[]> {
  const { org_id, actor_id } = org.tenant;
  const ids = await withClient(database.owner_url, async (owner) => {
    const { rows } = await owner.query<{ id: string }>(PAUSED, [org_id, actor_id, PAIRS]);
    await owner.query(
      `update assessment a set execution_id = e.id from assessment_execution e
       where e.org_id = a.org_id and e.assessment_id = a.id and a.org_id = $1`,
      [org_id],
    );
    return rows.map(({ id }) => assessmentWorkflowId(org_id, id));
  });
  for (let at = 0; at < ids.length; at += LANES) {
    await Promise.all(
      ids
        .slice(at, at + LANES)
        .map((workflowId) =>
          temporal.client.workflow.start('assessmentWorkflow', { workflowId, taskQueue: 'nobody' }),
        ),
    );
  }
  return ids;
}

const sweep = (): Promise<Sweep> =>
  reconcile({ reconcile_db, db: database.db, client: temporal.client }, { row_s: 0, workflow_s: 0 });

test('healthy pairs are left alone, and cost one list', async () => {
  workflow_ids = await buildPairs();
  await until(
    async () => (await temporal.client.workflow.count(`ExecutionStatus = 'Running'`)).count >= PAIRS,
  );
  for (let time = 0; time < 10; time += 1) {
    expect(await sweep()).toEqual({ open: PAIRS, live: PAIRS, asked: 0, repairs: [], failures: [] });
  }
}, 120_000);

test('those that disagree are found among them, each once, and not all at once', async () => {
  const broken = workflow_ids.slice(0, BROKEN);
  await Promise.all(broken.map((id) => temporal.client.workflow.getHandle(id).terminate('by hand')));
  await until(
    async () =>
      (await temporal.client.workflow.count(`ExecutionStatus = 'Running'`)).count === PAIRS - BROKEN,
  );
  const begun = Date.now();
  const first = await sweep();
  // at most a hundred a second: two pauses of 200 ms lie between three batches
  expect(Date.now() - begun).toBeGreaterThanOrEqual(390);
  expect(first).toMatchObject({ open: PAIRS - BROKEN, live: PAIRS, asked: BROKEN, failures: [] });
  expect(first.repairs.map(({ workflow_id }) => workflow_id).sort()).toEqual(broken.toSorted());
  expect(await sweep()).toMatchObject({ live: PAIRS - BROKEN, asked: 0, repairs: [] });
  const noted = await withClient(database.owner_url, (owner) =>
    owner.query(
      `select from audit_log where org_id = $1 and action = 'assessment.failed' and actor_id is null`,
      [org.tenant.org_id],
    ),
  );
  expect(noted.rowCount).toBe(BROKEN);
}, 60_000);
