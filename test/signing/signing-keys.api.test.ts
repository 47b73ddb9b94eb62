// Keys that sign: refused in words, published without their secret half, and no signature passes for one of another kind.
import { expect, test } from 'vitest';
import { checkSignature, parseSigningKeys } from '../../db/crypto/signing-keys.js';
import { startTestApi } from '../support/app.js';
import { newSigningKey, TEST_SIGNING_KEYS } from '../support/signing.js';

const KEYS = parseSigningKeys(TEST_SIGNING_KEYS);

test.each([
  ['nothing', 'kid:base64'],
  ['a:AAAA', 'no Ed25519 key'],
  [newSigningKey('a').public_half, 'must be a private one'],
  [`${newSigningKey('a').private_half},${newSigningKey('a').public_half}`, 'same id'],
])('%# is refused', (wrong, why) => {
  expect(() => parseSigningKeys(wrong)).toThrow(why);
});

test('the public halves are published to everybody, and nothing else of them', async () => {
  const api = await startTestApi();
  try {
    const published = await api.raw('/.well-known/jwks.json');
    expect(published).toMatchObject({ status: 200, body: KEYS.jwks });
    expect(Object.keys(published.body.keys[0]).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  } finally {
    await api.stop();
  }
});

test('a signature holds for its own kind, under a known key, unchanged', async () => {
  const { jws } = await KEYS.sign('one+jws', { said: 1 });
  expect(await checkSignature(KEYS.jwks, jws, 'one+jws')).toEqual({ kid: 'test', claims: { said: 1 } });
  const refused = async (jwks = KEYS.jwks, text = jws, typ = 'one+jws') => checkSignature(jwks, text, typ);
  expect(await refused(KEYS.jwks, jws, 'two+jws')).toEqual({ problem: 'is a signature of something else' });
  expect(await refused({ keys: [] })).toEqual({ problem: 'is signed by a key that is not known' });
  const stranger = parseSigningKeys(newSigningKey('test').private_half);
  expect(await refused(stranger.jwks)).toEqual({ problem: 'has no valid signature' });
  const [head = '', body = '', signature = ''] = jws.split('.');
  const other = Buffer.from('{"said":2}').toString('base64url');
  expect(await refused(KEYS.jwks, [head, other, signature].join('.'))).toHaveProperty('problem');
  for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.replace(signature.slice(-1), ''))
    expect(await refused(KEYS.jwks, [head, body, signature.slice(0, -1) + last].join('.'))).toHaveProperty(
      'problem',
    );
  const none = Buffer.from('{"alg":"none","kid":"test","typ":"one+jws"}').toString('base64url');
  expect(await refused(KEYS.jwks, [none, body, ''].join('.'))).toHaveProperty('problem');
});
