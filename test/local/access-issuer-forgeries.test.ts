import { createRemoteJWKSet, jwtVerify, type JWK } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestAccess, type Signature, type TestAccess } from '../support/access.js';

// The forger itself is tested, because a forgery that is broken in another way than it claims proves nothing.

let access: TestAccess;
beforeAll(async () => {
  access = await startTestAccess();
});
afterAll(() => access.stop());
beforeEach(() => access.behave('serve'));

const certsUrl = () => new URL(`${access.url}/cdn-cgi/access/certs`);
const verify = (token: string, algorithms = ['RS256']) =>
  jwtVerify(token, createRemoteJWKSet(certsUrl()), { issuer: access.url, audience: access.aud, algorithms });

test('a token is valid, and each fetch of the keys is counted', async () => {
  const before = access.fetches();
  await verify(access.token('a@demo.example'));
  await verify(access.mint(access.service('ci.access')));
  expect(access.fetches() - before).toBe(2);
});

test.each<Signature>(['RS512', 'PS256', 'ES256', 'none', 'HS256-public-pem', 'HS256-public-der'])(
  '%s is refused for its algorithm',
  async (signature) => {
    const token = access.mint(access.person('a@demo.example'), { signature });
    await expect(verify(token)).rejects.toThrow(/alg/i);
  },
);

test.each(['RS512', 'PS256'] as const)('%s is a true signature by the published key', async (signature) => {
  const token = access.mint(access.person('a@demo.example'), { signature });
  const { keys }: { keys: JWK[] } = JSON.parse(await (await fetch(certsUrl())).text());
  const { payload } = await jwtVerify(token, { ...keys[0], alg: signature }, { algorithms: [signature] });
  expect(payload.email).toBe('a@demo.example');
});

test('a foreign key is refused for its signature, also when it travels inside the token', async () => {
  const claims = access.person('a@demo.example');
  await expect(verify(access.mint(claims, { signature: 'foreign' }))).rejects.toThrow(/signature/);
  const header = { jwk: access.foreignJwk(), jku: access.attackerUrl };
  await expect(verify(access.mint(claims, { signature: 'foreign', header }))).rejects.toThrow(/signature/);
  expect(access.attackerFetches()).toBe(0);
});

test('the previous key counts after a rotation, until it is forgotten', async () => {
  const old = access.token('a@demo.example');
  access.rotate();
  await verify(old);
  await verify(access.mint(access.person('a@demo.example'), { key: 'previous' }));
  access.rotate({ forget_previous: true });
  await expect(verify(old)).rejects.toThrow(/no applicable key/);
});

test.each(['error', 'garbage', 'redirect', 'no-keys'] as const)(
  'with %s no token can be checked',
  async (mode) => {
    access.behave(mode);
    await expect(verify(access.token('a@demo.example'))).rejects.toThrow();
  },
);

test('a hanging endpoint never answers', async () => {
  access.behave('hang');
  await expect(fetch(certsUrl(), { signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/);
});
