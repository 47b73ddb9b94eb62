// AES-256-GCM: nonce, ciphertext and tag as one piece, bound to words that are sent beside it.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

export function encrypt(key: Buffer, plain: Uint8Array, bound_to: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound_to));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws Error when the key, the words or a single bit is another one. */
export function decrypt(key: Buffer, encrypted: Uint8Array, bound_to: string): Buffer {
  const data = Buffer.from(encrypted);
  if (data.length < NONCE_BYTES + TAG_BYTES) throw new Error('too short to have been encrypted');
  const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(bound_to))
    .setAuthTag(data.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
