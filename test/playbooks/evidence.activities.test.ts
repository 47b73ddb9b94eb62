// Evidence that a step keeps, and a task that it makes: once, however often the activity is run.
import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlaybookActivities } from '../../activities/playbooks/activities.js';
import type { PlaybookDeps } from '../../activities/playbooks/deps.js';
import type { CommandInput, PlaybookActivities } from '../../activities/playbooks/types.js';
import type { Command } from '../../domain/playbooks/plan.js';
import type { PolicyQuestion } from '../../domain/policies/rules.js';
import { withTenant } from '../../db/tenancy.js';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';
import { buildPlaybook, manual } from '../support/factories/playbook.js';

const ONE = buildPlaybook('one', { one: manual('end') });

let api: TestApi;
let admin: Caller;
let ref: Pick<CommandInput, 'tenant' | 'incident_id' | 'run_id'>;
let activities: PlaybookActivities;
let deps: PlaybookDeps;
const stored = new Map<string, Buffer>();

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@evidence.example');
  const org_id = (await admin.post('/orgs', { name: 'Evidence', domain: 'evidence.example' })).body.id;
  const actor_id = (await admin.get('/users/me')).body.id;
  const base = `/orgs/${org_id}`;
  await admin.post(`${base}/playbooks`, { playbook_id: 'one', document: ONE.document });
  const report = { title: 'Kept', description: 'So', category: 'phishing', severity: 'high' };
  const incident_id = (await admin.post(`${base}/incidents`, report)).body.id;
  const started = await admin.post(`${base}/incidents/${incident_id}/playbook`, { playbook_id: 'one' });
  ref = { tenant: { org_id, actor_id, request_id: 'test' }, incident_id, run_id: started.body.id };
  deps = {
    db: api.database.db,
    email: true,
    egress: { call: () => Promise.reject(new Error('nobody calls')), close: () => Promise.resolve() },
    inventory: undefined,
    policy: { decide: () => Promise.reject(new Error('nobody asks')) },
    store: {
      put({ key, body }) {
        stored.set(key, Buffer.from(body));
        return Promise.resolve({ etag: '"x"' });
      },
    },
  };
  activities = createPlaybookActivities(deps);
});
afterAll(() => api.stop());

function input(command: Command): CommandInput {
  const task = { phase: 'recovery' as const, owner: null, blocking: true, due_ms: 60_000 };
  const step = { step_id: ONE.id('one'), iteration: 1, index: 0, target: null, idempotent: true };
  return { ...ref, ...step, command, task, results: { __id__: 'id' } };
}

const rowsOf = async (table: string) =>
  await withTenant(api.database.db, ref.tenant, (trx) => trx(table).where({ org_id: ref.tenant.org_id }));

test('a snapshot is stored under the hash of its content and kept as verified evidence', async () => {
  const command = { action: 'evidence' as const, title: 'As found' };
  const first = await activities.runPlaybookCommand(input(command));
  const moved = await admin.patch(`/orgs/${ref.tenant.org_id}/incidents/${ref.incident_id}`, {
    affected_records: 7,
  });
  expect(moved.status).toBe(200);
  const again = await activities.runPlaybookCommand(input(command));
  expect(again).toEqual(first);
  const rows = await rowsOf('evidence');
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ status: 'verified', content_type: 'application/json' });
  expect(first.outputs).toEqual({ __id__: rows[0].id });
  const [[key, body] = ['', Buffer.alloc(0)]] = stored;
  expect(createHash('sha256').update(body).digest('hex')).toBe(rows[0].sha256);
  expect(key).toBe(rows[0].object_key);
  const kept = JSON.parse(body.toString());
  expect(kept).toMatchObject({
    title: 'As found',
    incident: { title: 'Kept', affected_records: null },
    timeline_head: { seq: 2 },
  });
  expect(kept.clocks.length).toBeGreaterThan(0);
});

test('each command of a step makes one task, with the phase and the deadline of the step', async () => {
  const command = { action: 'task' as const, title: 'Watch', instructions: 'For a month.' };
  const first = await activities.runPlaybookCommand(input(command));
  expect(await activities.runPlaybookCommand(input(command))).toEqual(first);
  const rows = await rowsOf('incident_task');
  expect(rows).toMatchObject([{ title: 'Watch', phase: 'recovery', blocking: true, source: 'playbook' }]);
  expect(Date.parse(rows[0].due_at)).toBeGreaterThan(Date.now());
  const second = { ...input({ ...command, title: 'Report' }), index: 1 };
  expect(await activities.runPlaybookCommand(second)).not.toEqual(first);
  expect(await activities.runPlaybookCommand(second)).toEqual(await activities.runPlaybookCommand(second));
  const titles = (await rowsOf('incident_task')).map(({ title }: { title: string }) => title);
  expect(titles.sort()).toEqual(['Report', 'Watch']);
});

test('without an inventory a query fails in words, and retries nothing', async () => {
  const environment = new MockActivityEnvironment();
  const query = input({ action: 'steampipe', sql: 'select 1' });
  expect(await environment.run(activities.runPlaybookQuery, query)).toMatchObject({
    ok: false,
    words: 'no inventory is configured for the organization',
  });
});

test('a policy that cannot be asked has said no, and the row says so', async () => {
  const asked = { name: 'one', action: 'http', risk_class: 'read' as const, commands: [], approvals_min: 0 };
  const { decision } = await activities.decidePlaybookStep({
    ...input({ action: 'manual', instructions: '' }),
    ...asked,
  });
  expect(decision).toEqual({
    decision: 'deny',
    reasons: ['the policy cannot be asked (Error)'],
    approvals_required: 0,
    revision: null,
  });
  const [row] = await rowsOf('playbook_step');
  expect(row.decision).toEqual(decision);
});

test('the policy sees how often steps have disrupted in the last hour, and the timeline what it was asked', async () => {
  const asked: PolicyQuestion[] = [];
  const watched = createPlaybookActivities({
    ...deps,
    policy: {
      decide(question) {
        asked.push(question);
        return Promise.resolve({ decision: 'allow', reasons: [], approvals_required: 0, revision: null });
      },
    },
  });
  const step = { ...ref, step_id: ONE.id('one'), name: 'cut', action: 'http' } as const;
  const decide = (iteration: number) =>
    watched.decidePlaybookStep({
      ...step,
      iteration,
      risk_class: 'disruptive',
      commands: [],
      approvals_min: 0,
    });
  for (const iteration of [11, 12]) {
    await decide(iteration);
    await watched.recordPlaybookStep({
      ...step,
      iteration,
      risk_class: 'disruptive',
      status: 'succeeded',
      result: '',
    });
  }
  await decide(13);
  expect(asked.map(({ rate }) => rate.disruptive)).toEqual([0, 1, 2]);
  expect(asked[0]?.playbook).toMatchObject({
    id: 'one',
    revision: 1,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const { timeline } = (await admin.get(`/orgs/${ref.tenant.org_id}/incidents/${ref.incident_id}`)).body;
  expect(
    timeline.find(({ event_type }: { event_type: string }) => event_type === 'playbook_decision').data,
  ).toMatchObject({ input_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('whoever may approve is told that a step waits, once, and again when nobody did', async () => {
  const step = { ...ref, step_id: ONE.id('one'), iteration: 21, name: 'cut', action: 'http' };
  const waits = { ...step, risk_class: 'disruptive', status: 'waiting_approval', args_hash: 'a' } as const;
  for (let time = 0; time < 2; time += 1)
    await activities.recordPlaybookStep({ ...waits, result: 'waits for 1 approvals' });
  await activities.recordPlaybookStep({
    ...waits,
    result: 'nobody has approved yet',
    event: 'approval_escalated',
  });
  const told = (await rowsOf('notification')).map(({ text, audience }) => [text, audience]);
  expect(told).toEqual([
    ['The playbook step "cut" waits for approval: waits for 1 approvals.', ['commander', 'admins']],
    ['The playbook step "cut" waits for approval: nobody has approved yet.', ['admins', 'executive']],
  ]);
});

test('people are told once, in the words of the playbook, and it is no success when nobody can be', async () => {
  const command = {
    action: 'notify' as const,
    audience: ['commander', 'admins'] as const,
    message: 'Crisis call now',
  };
  const first = await activities.runPlaybookCommand(input(command));
  const again = await activities.runPlaybookCommand(input(command));
  expect(again).toEqual(first);
  expect(first).toMatchObject({ ok: true, words: '1 messages to commander, admins' });
  const rows = (await rowsOf('notification')).filter(({ text }) => text === command.message);
  expect(rows).toMatchObject([
    { event: 'playbook_message', channel: 'email', text: 'Crisis call now', incident_id: ref.incident_id },
  ]);
  const silent = createPlaybookActivities({ ...deps, email: false });
  const step = { ...input(command), iteration: 2 };
  const before = await rowsOf('notification');
  expect(await silent.runPlaybookCommand(step)).toMatchObject({ ok: false });
  expect(await rowsOf('notification')).toHaveLength(before.length);
});
