// R13: cancelling really stops work that is under way outside: the model's connection is closed and the query of the
// cloud inventory ends, both within a heartbeat; then the slot is back, and nothing is written any more.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mapSteampipe } from '../../db/orgs/steampipe.js';
import { soc2 } from '../../db/seeds/soc2/index.js';
import { withClient } from '../../local/postgres/databases.js';
import { createTestInventory, type TestInventory } from '../support/inventory.js';
import { obey, poll, type Run, startStage, type Stage } from './stage.js';

const TABLE = 'aws_ebs_volume';
/** Longer than anybody waits here. */
const ENDLESS_S = 600;
/** The SDK lets four fifths of the heartbeat timeout pass between two beats, and a cancellation comes with an answer. */
const BEAT_MS = { llm: 8_000, steampipe: 12_000 };
const SLACK_MS = 2_000;

let stage: Stage;
let inventory: TestInventory;

beforeAll(async () => {
  inventory = await createTestInventory(
    `create view aws.${TABLE} as select 'arn'::text as arn, 'vol'::text as volume_id, true as encrypted,
       'eu-west-1'::text as region, '1'::text as account_id, null::jsonb as tags
     from (select pg_sleep(${String(ENDLESS_S)})) as slow`,
  );
  stage = await startStage();
  await mapSteampipe(stage.api.database.owner_url, {
    org_id: stage.org.id,
    schema: inventory.schema,
    role: null,
  });
  await stage.startWorker({ STEAMPIPE_DATABASE_URL: inventory.url });
});
afterAll(async () => {
  await stage?.stop();
  await inventory?.drop();
});

async function running(): Promise<number> {
  return await withClient(inventory.owner_url, async (client) => {
    const { rows } = await client.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and state = 'active' and pid <> pg_backend_pid()`,
    );
    return rows[0]?.count ?? 0;
  });
}

async function settled(run: Run): Promise<void> {
  await poll('the slot is back', async () => (await stage.slots(stage.org.id)) === 0);
  expect(await run.status()).toMatchObject({ status: 'cancelled', in_flight: [], current_control: null });
  expect(await run.findings()).toEqual([]);
}

async function within(limit_ms: number, what: string, over: () => boolean | Promise<boolean>): Promise<void> {
  const began = Date.now();
  await poll(what, over);
  expect(Date.now() - began).toBeLessThanOrEqual(limit_ms);
}

test('a call of the model is cut off', async () => {
  const { llm, org } = stage;
  llm.setMode({ mode: 'hang' });
  const run = await org.assess(org.refs.slice(0, 3), org.admin, { evaluator: 'llm' });
  expect((await run.execute()).status).toBe(200);
  await poll('the model is asked', () => llm.counts().open === 3);
  await obey(run, 'cancel');
  await within(BEAT_MS.llm + SLACK_MS, 'the calls are cut off', () => llm.counts().open === 0);
  expect(llm.counts()).toMatchObject({ total: 3, answered: 0, aborted: 3 });
  await settled(run);
});

test('a query of the inventory is ended', async () => {
  const { llm, org } = stage;
  llm.reset();
  const control = soc2.controls.find(({ checks }) => checks.some(({ sql }) => sql.includes(`from ${TABLE}`)));
  const run = await org.assess([control?.ref ?? '']);
  expect((await run.execute()).status).toBe(200);
  await poll('the inventory is asked', async () => (await running()) > 0);
  await obey(run, 'cancel');
  await within(BEAT_MS.steampipe + SLACK_MS, 'the query has ended', async () => (await running()) === 0);
  expect(llm.counts().total).toBe(0);
  await settled(run);
});
