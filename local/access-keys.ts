import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { selfSignedCertificate } from './access-certificate.js';
import { findSecret, saveSecret } from './secret-file.js';

const signingKey = z.object({
  kid: z.string(),
  private_key: z.string(),
  certificate: z.string(),
});
const accessState = z.object({
  /** The 64 hexadecimal digits that Access calls the application's audience tag. */
  aud: z.string().regex(/^[0-9a-f]{64}$/),
  /** Where the issuer was last served: it is the `iss` of every token. */
  issuer: z.string().optional(),
  /** The first one signs; the second one, if any, is only still published. */
  keys: z.array(signingKey).min(1).max(2),
});

export type AccessSigningKey = z.infer<typeof signingKey>;
export type AccessState = z.infer<typeof accessState>;

/** The state of the issuer of this directory, or undefined when none was ever started there. */
export async function findAccessState(data_dir: string): Promise<AccessState | undefined> {
  const text = await findSecret(stateFile(data_dir));
  return text === undefined ? undefined : accessState.parse(JSON.parse(text));
}

/** Reads the state, or makes keys and audience once; of several that start at the same time, one wins. */
export async function ensureAccessState(data_dir: string): Promise<AccessState> {
  const existing = await findAccessState(data_dir);
  if (existing !== undefined) return existing;
  const made: AccessState = { aud: randomBytes(32).toString('hex'), keys: [makeSigningKey()] };
  await saveState(data_dir, made, 'if-absent');
  const state = await findAccessState(data_dir);
  if (state === undefined) throw new Error(`cannot keep the Access issuer's keys in ${stateFile(data_dir)}`);
  return state;
}

export async function rememberIssuer(data_dir: string, issuer: string): Promise<AccessState> {
  const state = await ensureAccessState(data_dir);
  if (state.issuer === issuer) return state;
  const changed = { ...state, issuer };
  await saveState(data_dir, changed, 'replace');
  return changed;
}

/** A new key signs from now on; the one before stays published, as Access does, and any older one is gone. */
export async function rotateAccessKeys(data_dir: string): Promise<AccessState> {
  const state = await ensureAccessState(data_dir);
  const changed = { ...state, keys: [makeSigningKey(), ...state.keys.slice(0, 1)] };
  await saveState(data_dir, changed, 'replace');
  return changed;
}

/** The document at `/cdn-cgi/access/certs`. */
export function certsDocument(keys: readonly AccessSigningKey[]) {
  const public_certs = keys.map((key) => ({ kid: key.kid, cert: key.certificate }));
  return {
    keys: keys.map((key) => {
      const { kty, e, n } = createPublicKey(key.private_key).export({ format: 'jwk' });
      return { kid: key.kid, kty, alg: 'RS256', use: 'sig', e, n };
    }),
    public_cert: public_certs[0],
    public_certs,
  };
}

export function makeSigningKey(): AccessSigningKey {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const private_key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  const now = Date.now();
  return {
    kid: createHash('sha256').update(spki).digest('hex'),
    private_key,
    certificate: selfSignedCertificate({
      common_name: 'sovereign-grc.local',
      private_key: createPrivateKey(private_key),
      public_key: pair.publicKey,
      not_before: new Date(now - 60_000),
      not_after: new Date(now + 10 * 365 * 86_400_000),
    }),
  };
}

function stateFile(data_dir: string): string {
  return join(data_dir, 'access', 'issuer.json');
}

async function saveState(data_dir: string, state: AccessState, mode: 'replace' | 'if-absent'): Promise<void> {
  await saveSecret(stateFile(data_dir), `${JSON.stringify(state, null, 2)}\n`, mode);
}
