// Schedules by messages of the outbox, against a real server: repeatable, and the newest word is the last one.
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TASK_QUEUES } from '../../domain/temporal.js';
import { connect, type Database } from '../../db/connection.js';
import { deliver } from '../../db/outbox/deliver.js';
import {
  claimDue,
  findUndelivered,
  insertOutbox,
  type OutboxMessage,
  type OutboxRow,
  type SchedulePayload,
} from '../../db/outbox/repository.js';
import { withReconciler, withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';
import { connectTemporal, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const DEADLINE_MS = 20_000;
let database: TestDatabase;
let reconcile_db: Database;
let temporal: TestTemporal;
let org: TestOrg;
const made: string[] = [];

beforeAll(async () => {
  [database, temporal] = await Promise.all([createTestDatabase(), connectTemporal()]);
  reconcile_db = connect({ url: database.reconcile_url, pool_max: 1, application_name: 'test' });
  org = await buildOrg(database.db);
});
afterAll(async () => {
  const left = made.map((id) =>
    temporal.client.schedule
      .getHandle(id)
      .delete()
      .catch(() => undefined),
  );
  await Promise.all(left);
  await temporal.close();
  await reconcile_db.destroy();
  await database.drop();
});

function newSchedule(): string {
  const id = `schedule:test:${org.tenant.org_id}:${randomUUID()}`;
  made.push(id);
  return id;
}

function payload(changes: Partial<SchedulePayload> = {}): SchedulePayload {
  const { org_id, actor_id, request_id } = org.tenant;
  return {
    workflow_type: 'assessmentWorkflow',
    task_queue: TASK_QUEUES.core,
    resource_id: randomUUID(),
    summary: 'a test',
    input: { tenant: { org_id, actor_id, request_id } },
    spec: { every_ms: 3_600_000 },
    paused: true,
    ...changes,
  };
}

/** @returns the row, undelivered */
async function owe(message: OutboxMessage): Promise<OutboxRow> {
  return await withTenant(database.db, org.tenant, async (trx) => {
    const id = await insertOutbox(trx, org.tenant.org_id, message, 0);
    const row = await findUndelivered(trx, id);
    if (!row) throw new Error('it was inserted');
    return row;
  });
}

const upsert = (workflow_id: string, changes?: Partial<SchedulePayload>) =>
  owe({ kind: 'schedule_upsert', workflow_id, payload: payload(changes) });
const remove = (workflow_id: string) => owe({ kind: 'schedule_delete', workflow_id, payload: {} });
const send = async (row: OutboxRow) =>
  (await deliver({ db: database.db, client: temporal.client }, row, DEADLINE_MS)) === null;
const describe = (id: string) => temporal.client.schedule.getHandle(id).describe();

test('a schedule is made once, changed, and removed, however often each is told', async () => {
  const id = newSchedule();
  const first = await upsert(id);
  expect(await send(first)).toBe(true);
  expect(await send(first)).toBe(true);
  expect(await describe(id)).toMatchObject({
    action: { workflowType: 'assessmentWorkflow', taskQueue: TASK_QUEUES.core },
    policies: { overlap: 'SKIP' },
    spec: { intervals: [{ every: 3_600_000 }] },
    state: { paused: true },
  });
  const [input] = (await describe(id)).action.args ?? [];
  expect(input).toMatchObject({ tenant: { org_id: org.tenant.org_id } });

  const daily = { spec: { cron: '30 7 * * 1-5', timezone: 'Europe/Berlin' }, paused: false };
  expect(await send(await upsert(id, daily))).toBe(true);
  const changed = await describe(id);
  expect(changed.state.paused).toBe(false);
  expect(changed.spec.intervals ?? []).toEqual([]);
  expect(changed.spec.timezone).toBe('Europe/Berlin');
  expect(changed.info.nextActionTimes.length).toBeGreaterThan(0);

  const gone = await remove(id);
  expect(await send(gone)).toBe(true);
  expect(await send(gone)).toBe(true);
  await expect(describe(id)).rejects.toMatchObject({ name: 'ScheduleNotFoundError' });
});

test('a message that comes late undoes nothing that was said after it', async () => {
  const id = newSchedule();
  const stale = await upsert(id);
  const removal = await remove(id);
  // the older one may be under way and land after it
  expect(await send(removal)).toBe(false);
  expect(await send(stale)).toBe(true);
  await expect(describe(id)).rejects.toMatchObject({ name: 'ScheduleNotFoundError' });
  expect(await send(removal)).toBe(true);
  await expect(describe(id)).rejects.toMatchObject({ name: 'ScheduleNotFoundError' });

  // the relay brings what is left to the same end, in whatever order it claims
  const last = newSchedule();
  await upsert(last, { spec: { every_ms: 60_000 } });
  await remove(last);
  await upsert(last, { spec: { every_ms: 120_000 } });
  await until(async () => {
    const due = await withReconciler(reconcile_db, (trx) => claimDue(trx, 50));
    await Promise.all(due.map(send));
    const owed = await withTenant(database.db, org.tenant, (trx) =>
      trx('outbox').whereNull('delivered_at').where({ workflow_id: last }).select('id'),
    );
    return owed.length === 0;
  });
  expect(await describe(last)).toMatchObject({ spec: { intervals: [{ every: 120_000 }] } });
});

test('it starts its workflow as every start is: findable by organization', async () => {
  const id = newSchedule();
  const resource_id = randomUUID();
  await send(await upsert(id, { resource_id, spec: { every_ms: 1_000 }, paused: false }));
  const started = async () => {
    for await (const run of temporal.client.workflow.list({ query: `ResourceId = '${resource_id}'` }))
      return run;
    return undefined;
  };
  await until(async () => (await started()) !== undefined);
  const run = await started();
  expect(run?.workflowId.startsWith(`${id}-workflow-`)).toBe(true);
  expect(run?.type).toBe('assessmentWorkflow');
  await send(await remove(id));
  if (run) await temporal.client.workflow.getHandle(run.workflowId).terminate('the test is over');
});

test('what Temporal refuses is told in its words: a namespace without our search attributes', async () => {
  const { connection } = temporal.client;
  const namespace = `bare-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  const client = new Client({ connection, namespace });
  const row = await upsert(`schedule:test:${org.tenant.org_id}:${randomUUID()}`);
  await until(async () => {
    const reason = await deliver({ db: database.db, client }, row, DEADLINE_MS);
    return /search attribute \w+/.test(reason ?? '');
  });
});
