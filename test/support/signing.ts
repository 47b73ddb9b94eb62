// Keys that every process of a test signs with, so that each can check what another one has signed.
import { generateKeyPairSync } from 'node:crypto';

/** An Ed25519 key made for tests; nobody else uses it. */
export const TEST_SIGNING_KEYS = 'test:MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';

/** `kid:base64` as SIGNING_KEYS has it, of a new key; and its public half, as a key that is done with. */
export function newSigningKey(kid: string): { private_half: string; public_half: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    private_half: `${kid}:${privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')}`,
    public_half: `${kid}:${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
  };
}
