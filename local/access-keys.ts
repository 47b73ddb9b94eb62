import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { selfSignedCertificate } from './access-certificate.js';

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
  const file = stateFile(data_dir);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  });
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

// Written beside, flushed, then moved or linked into place: a reader or a kill never meets half a file.
async function saveState(data_dir: string, state: AccessState, mode: 'replace' | 'if-absent'): Promise<void> {
  const file = stateFile(data_dir);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(state, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (mode === 'replace') await rename(temporary, file);
    else await link(temporary, file).catch(ignoreExisting);
  } finally {
    await rm(temporary, { force: true });
  }
}

function ignoreExisting(error: unknown): void {
  if (!isCode(error, 'EEXIST')) throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
