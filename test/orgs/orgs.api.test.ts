import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/app.js';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const domain = (): string => `${randomUUID()}.example`;
const create = (email: string, body: object = { name: 'Acme', domain: domain() }) =>
  api.as(email).post('/orgs', body);

test('whoever creates an organization becomes its admin', async () => {
  const created = await create('ada@people.example');
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({
    name: 'Acme',
    settings: { strict_guards: false, review_threshold: 0.7 },
  });
  const me = await api.as('ada@people.example').get('/users/me');
  expect(me.body).toMatchObject({
    email: 'ada@people.example',
    name: 'ada',
    memberships: [{ org_id: created.body.id, org_name: 'Acme', role: 'admin' }],
  });
});

test('a domain belongs to one organization', async () => {
  const taken = domain();
  await create('one@people.example', { name: 'One', domain: taken });
  const second = await create('two@people.example', { name: 'Two', domain: taken });
  expect(second).toMatchObject({ status: 409, body: { code: 'CONFLICT', field: 'domain' } });
});

test('lists page by page, newest first, only the caller’s', async () => {
  await create('stranger@people.example');
  for (let n = 0; n < 5; n += 1) await create('pager@people.example', { name: `Org ${n}`, domain: domain() });
  const names: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const after = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await api.as('pager@people.example').get(`/orgs?limit=2${after}`);
    expect(page.status).toBe(200);
    names.push(...page.body.items.map((item: { name: string }) => item.name));
    cursor = page.body.next_cursor;
  }
  expect(names).toEqual(['Org 4', 'Org 3', 'Org 2', 'Org 1', 'Org 0']);
});

test('a change merges: what is left out stays, of the settings too', async () => {
  const { body: org } = await create('merge@people.example');
  const changed = await api
    .as('merge@people.example')
    .put(`/orgs/${org.id}`, { settings: { strict_guards: true } });
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({ name: org.name, domain: org.domain });
  expect(changed.body.settings).toEqual({ ...org.settings, strict_guards: true });
});

test('takes no target that its calendar cannot reach: the incident could not be reported', async () => {
  const admin = api.as('slow@people.example');
  const { body: org } = await create('slow@people.example');
  const promise = (acknowledge: string) =>
    admin.put(`/orgs/${org.id}`, {
      settings: { sla: { ...org.settings.sla, low: { ...org.settings.sla.low, acknowledge } } },
    });
  expect(await promise('P9999D')).toMatchObject({
    status: 422,
    body: { code: 'VALIDATION_ERROR', field: 'settings.sla.low.acknowledge' },
  });
  expect((await promise('P999D')).status).toBe(200);
  const reported = await admin.post(`/orgs/${org.id}/incidents`, {
    title: 'Slow',
    description: 'And steady',
    category: 'other',
    severity: 'low',
  });
  expect(reported.status).toBe(201);
});

test('a deleted organization is gone at once and its domain is free', async () => {
  const { body: org } = await create('leaver@people.example');
  const gone = await api.as('leaver@people.example').delete(`/orgs/${org.id}`);
  expect(gone).toMatchObject({ status: 200, body: { id: org.id, deleted: true } });
  expect((await api.as('leaver@people.example').get(`/orgs/${org.id}`)).status).toBe(404);
  expect((await create('other@people.example', { name: 'Next', domain: org.domain })).status).toBe(201);
});

test.each([
  [{}, ['name', 'domain']],
  [{ name: 'A', domain: 'not a domain' }, ['domain']],
  [{ name: '', domain: 'a.example' }, ['name']],
  [{ name: 'x'.repeat(201), domain: 'a.example' }, ['name']],
  [{ name: 'A', domain: 'a.example', org_id: randomUUID() }, ['org_id']],
  [{ name: 'nul\u0000', domain: 'a.example' }, ['name']],
])('refuses %j and names what is wrong', async (body, fields) => {
  const answer = await create('bad@people.example', body);
  expect(answer).toMatchObject({ status: 422, body: { code: 'VALIDATION_ERROR' } });
  const named = answer.body.errors?.map((each: { field: string }) => each.field) ?? [answer.body.field];
  expect(named.toSorted()).toEqual(fields.toSorted());
});

test('somebody who is not a member gets 404, as for an organization that is not there', async () => {
  const { body: org } = await create('owner@people.example');
  const outsider = api.as('outsider@people.example');
  const [foreign, missing] = await Promise.all([
    outsider.get(`/orgs/${org.id}`),
    outsider.get(`/orgs/${randomUUID()}`),
  ]);
  expect(foreign.status).toBe(404);
  const { request_id: _a, ...foreignBody } = foreign.body;
  const { request_id: _b, ...missingBody } = missing.body;
  expect(foreignBody).toEqual(missingBody);
  expect((await outsider.put(`/orgs/${org.id}`, { name: 'Mine' })).status).toBe(404);
  expect((await outsider.delete(`/orgs/${org.id}`)).status).toBe(404);
});

test('every change is in the audit log, refused ones of members too, and the chain verifies', async () => {
  const admin = api.as('audited@people.example');
  const { body: org } = await create('audited@people.example');
  await admin.post(`/orgs/${org.id}/users`, { email: 'v@people.example', name: 'V', role: 'viewer' });
  await admin.put(`/orgs/${org.id}`, { name: 'Renamed' });
  expect((await api.as('v@people.example').put(`/orgs/${org.id}`, { name: 'No' })).status).toBe(403);
  const log = await admin.get(`/orgs/${org.id}/audit-log`);
  expect(
    log.body.items.map((entry: { action: string; outcome: string }) => [entry.action, entry.outcome]),
  ).toEqual([
    ['org:update', 'refused'],
    ['org.update', 'done'],
    ['user.create', 'done'],
    ['org.create', 'done'],
  ]);
  const verified = await admin.get(`/orgs/${org.id}/audit-log/verify`);
  expect(verified.body).toMatchObject({ valid: true, entries: 4 });
});
