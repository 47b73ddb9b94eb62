// Secrets that rows have to keep and give back: encrypted under the root keys, bound to the place where they stand.
import { decrypt, encrypt } from './gcm.js';
import { readRootKeys } from './root-keys.js';

export interface Sealer {
  /** @param place what it belongs to; a row that is moved elsewhere cannot be opened there */
  seal(secret: string, place: string): string;
  /** @throws Error for another place, an unknown key or a changed text */
  open(sealed: string, place: string): string;
}

/** @param payload_keys `kid:base64,…`; the first seals, all open, so that keys rotate */
export function createSealer(payload_keys: string): Sealer {
  const keys = readRootKeys(payload_keys, 'grc-seal');
  return {
    seal(secret, place) {
      const { kid, key } = keys.first;
      return `${kid}:${encrypt(key, Buffer.from(secret), place).toString('base64')}`;
    },
    open(sealed, place) {
      const at = sealed.lastIndexOf(':');
      const known = keys.find(sealed.slice(0, at));
      if (!known) throw new Error('sealed under an unknown key');
      return decrypt(known.key, Buffer.from(sealed.slice(at + 1), 'base64'), place).toString('utf8');
    },
  };
}
