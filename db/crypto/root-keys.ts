// The operator's keys (PAYLOAD_KEYS). For each purpose another one is derived, which gives away nothing of the others.
import { hkdfSync } from 'node:crypto';
import { KEY_BYTES } from './gcm.js';

export interface RootKey {
  kid: string;
  key: Buffer;
}

export interface RootKeys {
  /** What encrypts; the others are there to read what was written before a rotation. */
  first: RootKey;
  find(kid: string): RootKey | undefined;
}

/**
 * @param payload_keys `kid:base64,…`; the first encrypts, all decrypt, so that keys rotate
 * @throws Error when it holds no usable key
 */
export function readRootKeys(payload_keys: string, purpose: string): RootKeys {
  const [first, ...rest] = parseKeys(payload_keys, purpose);
  const byKid = new Map([first, ...rest].map((key) => [key.kid, key]));
  return { first, find: (kid) => byKid.get(kid) };
}

/** The same keys where nothing says which of them it was. */
export function derivedKeys(payload_keys: string, purpose: string): [Buffer, ...Buffer[]] {
  const [first, ...rest] = parseKeys(payload_keys, purpose);
  return [first.key, ...rest.map(({ key }) => key)];
}

function parseKeys(payload_keys: string, purpose: string): [RootKey, ...RootKey[]] {
  const keys = payload_keys.split(',').map((entry): RootKey => {
    const at = entry.indexOf(':');
    const secret = Buffer.from(entry.slice(at + 1), 'base64');
    if (at < 1 || secret.length < KEY_BYTES)
      throw new Error('each payload key is kid:base64 of at least 32 bytes');
    return { kid: entry.slice(0, at), key: derived(secret, purpose) };
  });
  const [first, ...rest] = keys;
  if (!first) throw new Error('there is no payload key');
  return [first, ...rest];
}

export function derived(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));
}
