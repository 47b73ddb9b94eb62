// S1, S22: who is let in, and with what; a cookie alone changes nothing from another site.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Forgery } from '../support/access.js';
import { startTestApi, type TestApi } from '../support/app.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const EMAIL = 'token@people.example';
const now = (): number => Math.floor(Date.now() / 1000);

interface Row {
  claims?: () => Record<string, unknown>;
  forgery?: () => Forgery;
  status: number;
}

const ROWS: Record<string, Row> = {
  'a valid token': { status: 200 },
  'an expired one': { claims: () => ({ exp: now() - 120 }), status: 401 },
  'one that expired within the leeway': { claims: () => ({ exp: now() - 10 }), status: 200 },
  'one that is not valid yet': { claims: () => ({ nbf: now() + 120 }), status: 401 },
  'one of another issuer': { claims: () => ({ iss: 'https://evil.example' }), status: 401 },
  'one for another audience': { claims: () => ({ aud: ['c'.repeat(64)] }), status: 401 },
  'one for several audiences, ours among them': {
    claims: () => ({ aud: ['c'.repeat(64), api.access.aud] }),
    status: 200,
  },
  'an organization session token': { claims: () => ({ type: 'org' }), status: 401 },
  'one without expiry': { claims: () => ({ exp: undefined }), status: 401 },
  'one without subject and name': { claims: () => ({ sub: '' }), status: 401 },
  'one without an address': { claims: () => ({ email: undefined }), status: 401 },
  'alg none': { forgery: () => ({ signature: 'none' }), status: 401 },
  'HS256 with the public key': { forgery: () => ({ signature: 'HS256-public-pem' }), status: 401 },
  'HS256 with the bare public key': { forgery: () => ({ signature: 'HS256-public-der' }), status: 401 },
  RS512: { forgery: () => ({ signature: 'RS512' }), status: 401 },
  ES256: { forgery: () => ({ signature: 'ES256' }), status: 401 },
  PS256: { forgery: () => ({ signature: 'PS256' }), status: 401 },
  'a foreign key under our kid': { forgery: () => ({ signature: 'foreign' }), status: 401 },
  'an embedded key': {
    forgery: () => ({ signature: 'foreign', header: { jwk: api.access.foreignJwk() } }),
    status: 401,
  },
  'a jku of the attacker': {
    forgery: () => ({ signature: 'foreign', header: { jku: api.access.attackerUrl } }),
    status: 401,
  },
  'an unknown critical header': { forgery: () => ({ header: { crit: ['x'], x: 1 } }), status: 401 },
  'no kid': { forgery: () => ({ header: { kid: undefined } }), status: 401 },
  'an unknown kid': { forgery: () => ({ header: { kid: 'unknown' } }), status: 401 },
};

const me = (headers: Record<string, string>) => api.raw('/api/v1/users/me', { headers });

test.each(Object.entries(ROWS))('%s', async (_, row) => {
  const token = api.access.mint({ ...api.access.person(EMAIL), ...row.claims?.() }, row.forgery?.());
  const answer = await me({ authorization: `Bearer ${token}` });
  expect(answer.status).toBe(row.status);
  if (row.status !== 401) return;
  expect(answer.body).toMatchObject({ code: 'UNAUTHORIZED' });
  expect(JSON.stringify(answer.body)).not.toMatch(/exp|aud|issuer|signature|kid/);
  expect(api.access.attackerFetches()).toBe(0);
});

test('no token, an empty one, a huge one and rubbish are all 401', async () => {
  for (const authorization of ['', 'Bearer ', 'Bearer x', 'Basic abc', `Bearer ${'a'.repeat(20_480)}`]) {
    expect((await me(authorization === '' ? {} : { authorization })).status).toBe(401);
  }
});

test('two tokens that disagree are refused; the same one twice is fine', async () => {
  const token = api.access.token(EMAIL);
  const other = api.access.token('other@people.example');
  expect((await me({ authorization: `Bearer ${token}`, cookie: `CF_Authorization=${other}` })).status).toBe(
    401,
  );
  expect((await me({ authorization: `Bearer ${token}`, cookie: `CF_Authorization=${token}` })).status).toBe(
    200,
  );
  expect((await me({ 'cf-access-jwt-assertion': token })).status).toBe(200);
});

test('an address that is bound to another subject is refused', async () => {
  await me({ authorization: `Bearer ${api.access.token('bound@people.example')}` });
  const rebound = api.access.mint({ ...api.access.person('bound@people.example'), sub: 'another-subject' });
  expect((await me({ authorization: `Bearer ${rebound}` })).status).toBe(403);
});

test('with the cookie, a change must come from our own pages', async () => {
  const cookie = `CF_Authorization=${api.access.token(EMAIL)}`;
  const create = (headers: Record<string, string>, n: number) =>
    api.raw('/api/v1/orgs', {
      method: 'POST',
      headers: { cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ name: 'Csrf', domain: `csrf${n}.example` }),
    });
  expect((await create({}, 1)).status).toBe(403);
  expect((await create({ origin: 'https://evil.example' }, 2)).status).toBe(403);
  expect((await create({ 'sec-fetch-site': 'cross-site' }, 3)).status).toBe(403);
  expect((await create({ 'sec-fetch-site': 'same-origin' }, 4)).status).toBe(201);
  expect((await create({ origin: 'http://localhost:8000' }, 5)).status).toBe(201);
  expect((await me({ cookie })).status).toBe(200);
});
