// Key risk indicators as clients see them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mapSteampipe } from '../../db/orgs/steampipe.js';
import { withTenant } from '../../db/tenancy.js';
import { type Caller, startTestApi, type TestApi } from '../support/app.js';
import { acceptingGate } from '../support/fakes/temporal-gate.js';
import { createTestInventory, type TestInventory } from '../support/inventory.js';

const QUERY = 'select count(*) from aws_s3_bucket where not versioning_enabled';
// the reference's own request
const LOGINS = {
  name: 'Failed Login Attempts',
  description: 'Count of failed login attempts in 24h',
  unit: 'count',
  green_threshold: 100,
  amber_threshold: 500,
  collection_method: 'steampipe',
  steampipe_query: "SELECT count(*) FROM aws_cloudtrail_event WHERE event_name = 'ConsoleLoginFailure'",
};
const POSTED = { name: 'Phished', green_threshold: 3, amber_threshold: 10 };

let inventory: TestInventory;
let api: TestApi;
let admin: Caller;
let path: string;
let org_id: string;
let other: string;

beforeAll(async () => {
  inventory = await createTestInventory(
    'create table aws.aws_s3_bucket (name text, versioning_enabled bool)',
  );
  api = await startTestApi({ STEAMPIPE_DATABASE_URL: inventory.url }, undefined, ({ routes }) => ({
    routes: { temporal: acceptingGate(routes.db) },
  }));
  admin = api.as('admin@kri.example');
  org_id = (await admin.post('/orgs', { name: 'K', domain: 'kri.example' })).body.id;
  const unmapped = (await admin.post('/orgs', { name: 'U', domain: 'unmapped.example' })).body.id;
  other = `/orgs/${String(unmapped)}/kris`;
  path = `/orgs/${org_id}/kris`;
  await mapSteampipe(api.database.owner_url, { org_id, schema: inventory.schema, role: null });
});
afterAll(async () => {
  await api.stop();
  await inventory.drop();
});

async function create(body: object, at = path) {
  const answer = await admin.post(at, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

/** Kinds of the messages to Temporal about one indicator, in their order. */
async function owed(kri_id: string): Promise<{ kind: string; payload: Record<string, unknown> }[]> {
  return await withTenant(api.database.db, { org_id }, (trx) =>
    trx('outbox')
      .select('kind', 'payload')
      .where('workflow_id', `schedule:kri:${org_id}:${kri_id}`)
      .orWhereRaw(`payload -> 'input' ->> 'kri_id' = ?`, [kri_id])
      .orderBy(['created_at', 'id']),
  );
}

describe('creating', () => {
  test("takes the reference's own example, and warns of its table", async () => {
    expect(await create(LOGINS)).toMatchObject({
      ...LOGINS,
      schedule: '0 * * * *',
      paused: false,
      direction: 'higher_is_worse',
      current_value: null,
      status: null,
      stale: false,
      warnings: [expect.stringContaining('aws_cloudtrail_event')],
    });
    const elsewhere = await create(LOGINS, other);
    expect(elsewhere.warnings).toEqual([expect.stringContaining('no inventory is configured')]);
  });

  test('makes the schedule, and tries the query at once', async () => {
    const kri = await create({ ...LOGINS, steampipe_query: QUERY, schedule: '@daily' });
    expect(kri).toMatchObject({ warnings: [], schedule: '0 0 * * *' });
    const messages = await owed(kri.id);
    expect(messages.map(({ kind }) => kind).toSorted()).toEqual(['schedule_upsert', 'workflow_start']);
    const upsert = messages.find(({ kind }) => kind === 'schedule_upsert');
    expect(upsert?.payload).toMatchObject({
      workflow_type: 'kriCollectionWorkflow',
      spec: { cron: '0 0 * * *' },
      paused: false,
      catch_up_ms: 86_400_000,
      input: { kri_id: kri.id, collection_id: null, tenant: { org_id } },
    });
  });

  test.each([
    ['more than one statement', 'select 1; drop table aws_s3_bucket', 'exactly one SELECT'],
    ['a function that sleeps', 'select 1,\n  pg_sleep(10)', 'line 2, column 3: function "pg_sleep"'],
    ['a syntax error', 'select count(*) frm aws_s3_bucket', 'line 1, column 21: syntax error'],
    ['another schema', 'select count(*) from pg_catalog.pg_class', 'schema "pg_catalog"'],
  ])('refuses a query with %s', async (_, steampipe_query, said) => {
    const refused = await admin.post(path, { ...LOGINS, steampipe_query });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'VALIDATION_ERROR', field: 'steampipe_query' });
    expect(refused.body.detail).toContain(said);
  });

  test.each([
    ['schedule', { ...LOGINS, schedule: '61 * * * *' }],
    ['steampipe_query', { ...LOGINS, steampipe_query: undefined }],
    ['steampipe_query', { ...POSTED, steampipe_query: QUERY }],
    ['green_threshold', { ...POSTED, green_threshold: 'low' }],
    ['owner_id', { ...POSTED, owner_id: '0198c0de-0000-7000-8000-00000000dead' }],
    ['unknown', { ...POSTED, unknown: 1 }],
  ])('refuses a wrong %s', async (field, body) => {
    const refused = await admin.post(path, body);
    expect(refused.status).toBe(422);
    expect(refused.body.field).toBe(field);
  });
});

describe('changing', () => {
  test('merges, and only a change of what is collected, or when, tells Temporal', async () => {
    const { id } = await create({ ...LOGINS, steampipe_query: QUERY });
    const before = (await owed(id)).length;
    const renamed = await admin.put(`${path}/${id}`, { name: 'Renamed' });
    expect(renamed.body).toMatchObject({ name: 'Renamed', steampipe_query: QUERY, green_threshold: 100 });
    expect(await owed(id)).toHaveLength(before);
    await admin.put(`${path}/${id}`, { paused: true });
    expect((await owed(id)).at(-1)).toMatchObject({ kind: 'schedule_upsert', payload: { paused: true } });
    const manual = await admin.put(`${path}/${id}`, { collection_method: 'manual' });
    expect(manual.body).toMatchObject({ collection_method: 'manual', steampipe_query: null });
    expect((await owed(id)).at(-1)?.kind).toBe('schedule_delete');
    const refused = await admin.put(`${path}/${id}`, { collection_method: 'steampipe' });
    expect(refused.body).toMatchObject({ code: 'VALIDATION_ERROR', field: 'steampipe_query' });
  });

  test('colours the present value by new thresholds', async () => {
    const { id } = await create(POSTED);
    await admin.post(`${path}/${id}/value`, { value: 8 });
    const changed = await admin.put(`${path}/${id}`, { amber_threshold: 5 });
    expect(changed.body).toMatchObject({ current_value: 8, status: 'red' });
  });

  test('deleting takes the schedule and the history along', async () => {
    const { id } = await create({ ...LOGINS, steampipe_query: QUERY });
    await admin.post(`${path}/${id}/value`, { value: 900 });
    expect((await admin.delete(`${path}/${id}`)).body).toEqual({ id, deleted: true });
    expect((await owed(id)).at(-1)?.kind).toBe('schedule_delete');
    expect((await admin.get(`${path}/${id}/history`)).status).toBe(404);
  });
});

describe('values', () => {
  test('posted or put, become the present one, with a history, a trend and an episode', async () => {
    const { id } = await create(POSTED);
    const at = (hour: number): string => `2026-03-01T${String(hour).padStart(2, '0')}:00:00Z`;
    const post = async (value: number, hour: number) =>
      (await admin.post(`${path}/${id}/value`, { value, measured_at: at(hour) })).body;
    expect(await post(2, 1)).toMatchObject({ current_value: 2, status: 'green', open_episode: null });
    const put = await admin.put(`${path}/${id}/value`, { value: 7, measured_at: at(2) });
    expect(put.body).toMatchObject({ status: 'amber', open_episode: { worst_status: 'amber' } });
    expect(await post(12, 3)).toMatchObject({ status: 'red', open_episode: { worst_status: 'red' } });
    // measured before the latest: history only
    expect(await post(1, 0)).toMatchObject({
      current_value: 12,
      measured_at: expect.stringContaining('03:00'),
    });
    expect(await post(3, 4)).toMatchObject({ status: 'green', open_episode: { good_samples: 1 } });
    expect(await post(2, 5)).toMatchObject({ status: 'green', open_episode: null });

    const history = (await admin.get(`${path}/${id}/history`)).body;
    expect(history.points.map((point: { value: number }) => point.value)).toEqual([1, 2, 7, 12, 3, 2]);
    expect(history).toMatchObject({
      more: false,
      trend: { samples: 6 },
      episodes: [{ opened_value: 7, worst_value: 12, worst_status: 'red', closed_value: 2 }],
    });
    const some = (await admin.get(`${path}/${id}/history?points=2&since=${at(1)}&until=${at(3)}`)).body;
    expect(some).toMatchObject({ more: true, points: [{ value: 7 }, { value: 12 }] });

    const log = (await admin.get(`/orgs/${org_id}/audit-log?resource=${String(id)}&limit=200`)).body.items;
    const turns = log.map(
      (entry: { after: { episode?: { event: string } } | null }) => entry.after?.episode?.event,
    );
    expect(turns.filter((turn: unknown) => turn !== undefined)).toEqual(['closed', 'worsened', 'opened']);
  });

  test('of the future, or no number, are refused', async () => {
    const { id } = await create(POSTED);
    const future = await admin.post(`${path}/${id}/value`, { value: 1, measured_at: '2999-01-01T00:00:00Z' });
    expect([future.status, future.body.field]).toEqual([422, 'measured_at']);
    expect((await admin.post(`${path}/${id}/value`, { value: '1' })).status).toBe(422);
    expect((await admin.post(`${path}/${id}/value`, { value: 1e16 })).status).toBe(422);
  });

  test('tell the webhook once per turn of an episode', async () => {
    await admin.put(`/orgs/${org_id}`, { settings: { notification_webhook: 'https://hooks.invalid/kri' } });
    const { id } = await create(POSTED);
    for (const value of [5, 6, 11, 12, 1, 1, 1]) await admin.post(`${path}/${id}/value`, { value });
    await admin.put(`/orgs/${org_id}`, { settings: { notification_webhook: null } });
    const sent = (await admin.get(`/orgs/${org_id}/notifications?limit=200`)).body.items;
    const mine = sent.filter((message: { kri_id: string | null }) => message.kri_id === id);
    expect(mine.map(({ event, severity }: { event: string; severity: string }) => [event, severity])).toEqual(
      [
        ['kri_recovered', 'informational'],
        ['kri_worsened', 'high'],
        ['kri_breached', 'medium'],
      ],
    );
  });
});

describe('lists', () => {
  test('filter by colour and method, and show what is stale', async () => {
    const { id } = await create({ ...POSTED, schedule: '* * * * *' });
    await admin.post(`${path}/${id}/value`, { value: 99 });
    await withTenant(api.database.db, { org_id }, (trx) =>
      trx('kri')
        .where({ id })
        .update({ value_at: trx.raw(`clock_timestamp() - interval '121 seconds'`) }),
    );
    const red = (await admin.get(`${path}?status=red&collection_method=manual&limit=200`)).body.items;
    const found = red.find((kri: { id: string }) => kri.id === id);
    expect(found).toMatchObject({ status: 'red', stale: true });
    expect(red.every((kri: { status: string }) => kri.status === 'red')).toBe(true);
    expect((await admin.get(`${path}?status=purple`)).status).toBe(422);
  });
});

describe('collecting now', () => {
  test('answers what it has started, or why it cannot', async () => {
    const { id } = await create({ ...LOGINS, steampipe_query: QUERY });
    const started = await admin.post(`${path}/${id}/collect`);
    expect(started.status).toBe(201);
    expect(started.body.workflow.id).toBe(`kri:${org_id}:${String(started.body.id)}`);
    const manual = await create(POSTED);
    expect((await admin.post(`${path}/${String(manual.id)}/collect`)).status).toBe(409);
    const nowhere = await create(LOGINS, other);
    const refused = await admin.post(`${other}/${String(nowhere.id)}/collect`);
    expect([refused.status, refused.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
    expect(refused.body.detail).toContain('not_configured');
  });
});

test('an organization that goes takes its schedules along', async () => {
  const gone = (await admin.post('/orgs', { name: 'G', domain: 'gone.example' })).body.id;
  const { id } = await create(LOGINS, `/orgs/${String(gone)}/kris`);
  expect((await admin.delete(`/orgs/${String(gone)}`)).status).toBe(200);
  const [last] = await withTenant(api.database.db, { org_id: gone }, (trx) =>
    trx('outbox')
      .select('kind')
      .where({ workflow_id: `schedule:kri:${String(gone)}:${String(id)}` })
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(1),
  );
  expect(last).toEqual({ kind: 'schedule_delete' });
});
