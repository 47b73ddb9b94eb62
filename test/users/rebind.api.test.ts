// The same address, another identity behind it: nobody new gets in until the operator says so, then nobody old.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebindUser } from '../../db/users/rebind.js';
import { startTestApi, type TestApi } from '../support/app.js';

const ADMIN = 'admin@rebind.example';
const ANN = 'ann@rebind.example';
let api: TestApi;
let org_id: string;

beforeAll(async () => {
  api = await startTestApi();
  org_id = (await api.as(ADMIN).post('/orgs', { name: 'Rebind', domain: 'rebind.example' })).body.id;
});
afterAll(() => api.stop());

/** A token of Ann's address, issued so many seconds from now; the leeway of 30 covers those to come. */
function annAs(sub: string, from_now_s: number): string {
  const at = Math.floor(Date.now() / 1000) + from_now_s;
  return api.access.mint(api.access.person(ANN, { sub, iat: at, nbf: at, exp: at + 3600 }));
}

const statusOf = async (token: string): Promise<number> =>
  (await api.raw(`/api/v1/orgs/${org_id}`, { headers: { authorization: `Bearer ${token}` } })).status;

test('rebinding ends what was signed in, and the next sign-in is the person', async () => {
  const added = await api
    .as(ADMIN)
    .post(`/orgs/${org_id}/users`, { email: ANN, name: 'Ann', role: 'viewer' });
  const before = annAs('before', -60);
  expect(await statusOf(before)).toBe(200);
  expect(await statusOf(annAs('after', -30))).toBe(403);

  expect(await rebindUser(api.database.owner_url, ANN)).toBe(1);
  // a token of before is refused, and does not take the place of the one to come
  expect(await statusOf(before)).toBe(401);
  const after = annAs('after', 5);
  expect(await statusOf(after)).toBe(200);
  expect(await statusOf(annAs('before', 10))).toBe(403);
  expect(await statusOf(after)).toBe(200);

  const { items } = (await api.as(ADMIN).get(`/orgs/${org_id}/audit-log?resource=${added.body.id}`)).body;
  expect(items).toContainEqual(
    expect.objectContaining({ action: 'user.rebind', actor_id: null, outcome: 'done' }),
  );
  expect((await api.as(ADMIN).get(`/orgs/${org_id}/audit-log/verify`)).body.valid).toBe(true);
});

test('an address that nobody has is said so', async () => {
  await expect(rebindUser(api.database.owner_url, 'nobody@rebind.example')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'nobody has the address nobody@rebind.example',
  });
});

test('the application cannot rebind', async () => {
  await expect(api.database.db('app_user').update({ access_sub: null })).rejects.toThrow(
    /permission denied/u,
  );
});
