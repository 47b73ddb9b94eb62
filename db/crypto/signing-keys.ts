// SIGNING_KEYS: what this installation signs with, and what others check its signatures by.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { compactVerify, CompactSign, errors, importJWK } from 'jose';
import type { Jwk, Jwks } from '../../domain/signing/schema.js';

const ALG = 'EdDSA';

export interface SigningKeys {
  jwks: Jwks;
  /** @param typ what is signed: a signature of one kind never passes for another */
  sign(typ: string, claims: unknown): Promise<{ kid: string; jws: string }>;
}

/**
 * `kid:base64,…`: PKCS#8 of Ed25519 keys, the first of which signs. To rotate, put a new one in front; of one that is
 * done with, its public half (SPKI) is enough, and needed for as long as what it has signed is to be checked.
 * @throws Error in words, without the keys
 */
export function parseSigningKeys(text: string): SigningKeys {
  const keys = text.split(',').map((entry) => {
    const colon = entry.indexOf(':');
    const kid = entry.slice(0, Math.max(0, colon)).trim();
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(kid)) throw new Error('each key is kid:base64');
    return { kid, ...keyOf(kid, Buffer.from(entry.slice(colon + 1), 'base64')) };
  });
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw new Error('two keys have the same id');
  const [first] = keys;
  if (!first?.private_key) throw new Error('the first key must be a private one');
  const { kid, private_key } = first;
  return {
    jwks: { keys: keys.map((key) => toJwk(key.kid, key.public_key)) },
    async sign(typ, claims) {
      const jws = await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: ALG, kid, typ })
        .sign(private_key);
      return { kid, jws };
    },
  };
}

function keyOf(kid: string, der: Buffer): { private_key: KeyObject | undefined; public_key: KeyObject } {
  const private_key = readKey(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const public_key = private_key
    ? createPublicKey(private_key)
    : readKey(() => createPublicKey({ key: der, format: 'der', type: 'spki' }));
  if (public_key?.asymmetricKeyType !== 'ed25519') throw new Error(`${kid} is no Ed25519 key`);
  return { private_key, public_key };
}

function readKey(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined; // bytes of another kind
  }
}

function toJwk(kid: string, key: KeyObject): Jwk {
  const { x = '' } = key.export({ format: 'jwk' });
  return { kty: 'OKP', crv: 'Ed25519', x, kid, alg: ALG, use: 'sig' };
}

export type Checked = { kid: string; claims: unknown } | { problem: string };

/** Only these keys, only this kind of signature; whatever the signature itself says of keys is not looked at. */
export async function checkSignature({ keys }: Jwks, jws: string, typ: string): Promise<Checked> {
  if (!isCanonical(jws)) return { problem: 'has no valid signature' };
  try {
    const { payload, protectedHeader } = await compactVerify(
      jws,
      async ({ kid }) => {
        const key = keys.find((known) => known.kid === kid);
        if (!key) throw new errors.JWKSNoMatchingKey();
        return await importJWK({ ...key }, ALG);
      },
      { algorithms: [ALG] },
    );
    if (protectedHeader.typ !== typ) return { problem: 'is a signature of something else' };
    const claims: unknown = JSON.parse(Buffer.from(payload).toString());
    return { kid: protectedHeader.kid ?? '', claims };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { problem: 'is signed by a key that is not known' };
    return { problem: 'has no valid signature' };
  }
}

/** The last character of base64 has bits that no byte needs: with them one signature could be written in many ways. */
function isCanonical(jws: string): boolean {
  return jws.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part);
}
