import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/app.js';

let api: TestApi;
let org_id: string;
const ADMIN = 'admin@users.example';

beforeAll(async () => {
  api = await startTestApi();
  org_id = (await api.as(ADMIN).post('/orgs', { name: 'Users', domain: 'users.example' })).body.id;
});
afterAll(() => api.stop());

const users = (): string => `/orgs/${org_id}/users`;
const person = () => ({ email: `${randomUUID()}@users.example`, name: 'John Doe', role: 'analyst' });

test('an admin adds a person, who may then sign in with that role', async () => {
  const body = person();
  const added = await api.as(ADMIN).post(users(), body);
  expect(added).toMatchObject({ status: 201, body: { ...body, service_token_id: null } });
  const me = await api.as(body.email).get('/users/me');
  expect(me.body.memberships).toEqual([{ org_id, org_name: 'Users', role: 'analyst' }]);
  expect((await api.as(ADMIN).get(`${users()}/${added.body.id}`)).body).toEqual(added.body);
});

test('the same address twice is a conflict; case makes no difference', async () => {
  const body = person();
  await api.as(ADMIN).post(users(), body);
  const twice = await api.as(ADMIN).post(users(), { ...body, email: body.email.toUpperCase() });
  expect(twice).toMatchObject({ status: 409, body: { code: 'CONFLICT', field: 'email' } });
});

test('a machine is added by its service token and may call', async () => {
  const added = await api
    .as(ADMIN)
    .post(users(), { service_token_id: 'ci.access', name: 'CI', role: 'viewer' });
  expect(added).toMatchObject({ status: 201, body: { email: null, service_token_id: 'ci.access' } });
  const token = api.access.mint(api.access.service('ci.access'));
  const seen = await api.raw(`/api/v1/orgs/${org_id}`, { headers: { authorization: `Bearer ${token}` } });
  expect(seen.status).toBe(200);
  const unknown = api.access.mint(api.access.service('nobody.access'));
  const refused = await api.raw('/api/v1/users/me', { headers: { authorization: `Bearer ${unknown}` } });
  expect(refused.status).toBe(401);
});

test('an ended membership ends access at once, and the person may come back', async () => {
  const body = person();
  const { body: added } = await api.as(ADMIN).post(users(), body);
  expect((await api.as(body.email).get(`/orgs/${org_id}`)).status).toBe(200);
  expect((await api.as(ADMIN).delete(`${users()}/${added.id}`)).body).toEqual({
    id: added.id,
    deleted: true,
  });
  expect((await api.as(body.email).get(`/orgs/${org_id}`)).status).toBe(404);
  expect((await api.as(ADMIN).get(`${users()}/${added.id}`)).status).toBe(404);
  expect((await api.as(ADMIN).post(users(), body)).status).toBe(201);
});

test('the last admin can be neither removed nor demoted, also by two at once', async () => {
  const me = (await api.as(ADMIN).get('/users/me')).body.id;
  expect((await api.as(ADMIN).delete(`${users()}/${me}`)).status).toBe(409);
  expect((await api.as(ADMIN).put(`${users()}/${me}`, { role: 'viewer' })).status).toBe(409);
  const second = person();
  const { body: other } = await api.as(ADMIN).post(users(), { ...second, role: 'admin' });
  const both = await Promise.all([
    api.as(ADMIN).put(`${users()}/${other.id}`, { role: 'viewer' }),
    api.as(second.email).put(`${users()}/${me}`, { role: 'viewer' }),
  ]);
  expect(both.every((answer) => answer.status === 200)).toBe(false);
  const { body } = await api.as(ADMIN).get(`${users()}?role=admin`);
  expect(body.items.length).toBeGreaterThanOrEqual(1);
});

test.each([
  [{ name: 'x', role: 'viewer' }, 'email'],
  [{ email: 'no address', name: 'x', role: 'viewer' }, 'email'],
  [{ email: 'a@b.example', name: 'x', role: 'owner' }, 'role'],
  [{ email: 'a@b.example', name: 'x', role: 'viewer', id: 'x' }, 'id'],
])('refuses %j by naming %s', async (body, field) => {
  expect(await api.as(ADMIN).post(users(), body)).toMatchObject({
    status: 422,
    body: { code: 'VALIDATION_ERROR', field },
  });
});

test.each(['viewer', 'analyst', 'auditor'])('a %s may read users and change none', async (role) => {
  const body = { ...person(), role };
  const { body: added } = await api.as(ADMIN).post(users(), body);
  const caller = api.as(body.email);
  expect((await caller.get(users())).status).toBe(200);
  expect((await caller.post(users(), person())).status).toBe(403);
  expect((await caller.put(`${users()}/${added.id}`, { role: 'admin' })).status).toBe(403);
  expect((await caller.delete(`${users()}/${added.id}`)).status).toBe(403);
});

test('a user of another organization is not found, whatever is tried', async () => {
  const { body: theirs } = await api
    .as('them@users.example')
    .post('/orgs', { name: 'T', domain: 'them.example' });
  const stranger = (await api.as('them@users.example').get('/users/me')).body.id;
  for (const path of [`${users()}/${stranger}`, `/orgs/${theirs.id}/users/${stranger}`]) {
    expect((await api.as(ADMIN).get(path)).status).toBe(404);
    expect((await api.as(ADMIN).put(path, { name: 'x' })).status).toBe(404);
    expect((await api.as(ADMIN).delete(path)).status).toBe(404);
  }
});
