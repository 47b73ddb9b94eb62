import { X509Certificate, createPublicKey } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mintToken, startAccessIssuer, type AccessIssuer } from '../../local/access-issuer.js';

const run = promisify(execFile);
let data_dir: string;
const started: AccessIssuer[] = [];

beforeEach(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'grc-access-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((issuer) => issuer.stop()));
  await rm(data_dir, { recursive: true, force: true });
});

async function start(): Promise<AccessIssuer> {
  const issuer = await startAccessIssuer({ data_dir, port: 0 });
  started.push(issuer);
  return issuer;
}

async function verify(issuer: AccessIssuer, token: string) {
  const keys = createRemoteJWKSet(new URL(`${issuer.url}/cdn-cgi/access/certs`));
  return jwtVerify(token, keys, { issuer: issuer.url, audience: issuer.aud, algorithms: ['RS256'] });
}

interface Certs {
  keys: { kid: string; kty: string; alg: string; use: string; e: string; n: string }[];
  public_cert: { kid: string; cert: string };
  public_certs: { kid: string; cert: string }[];
}

async function certs(issuer: AccessIssuer): Promise<Certs> {
  const response = await fetch(`${issuer.url}/cdn-cgi/access/certs`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  const body: Certs = JSON.parse(await response.text());
  return body;
}

test('publishes its keys in the shape of Cloudflare Access, as JWK and as certificates', async () => {
  const issuer = await start();
  const body = await certs(issuer);
  expect(Object.keys(body).sort()).toEqual(['keys', 'public_cert', 'public_certs']);
  expect(body.keys).toHaveLength(1);
  expect(Object.keys(body.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  expect(body.keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' });
  expect(body.keys[0]?.kid).toMatch(/^[0-9a-f]{64}$/);
  expect(body.public_cert).toEqual(body.public_certs[0]);

  const certificate = new X509Certificate(body.public_cert.cert);
  const jwk = body.keys[0] ?? { kty: '', n: '', e: '' };
  const key = createPublicKey({ key: { kty: jwk.kty, n: jwk.n, e: jwk.e }, format: 'jwk' });
  expect(certificate.publicKey.equals(key)).toBe(true);
  expect(certificate.verify(key)).toBe(true);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
});

test('mints a token of a person that verifies with the published keys', async () => {
  const issuer = await start();
  const token = await mintToken({ data_dir, email: 'Admin@demo.example', expires_s: 60 });
  const { payload, protectedHeader } = await verify(issuer, token);
  expect(protectedHeader).toEqual({ alg: 'RS256', kid: (await certs(issuer)).keys[0]?.kid });
  expect(Object.keys(payload).sort()).toEqual(
    ['aud', 'country', 'email', 'exp', 'iat', 'identity_nonce', 'iss', 'nbf', 'sub', 'type'].sort(),
  );
  expect(payload).toMatchObject({ aud: [issuer.aud], email: 'Admin@demo.example', type: 'app' });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  expect(payload.sub).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(issuer.aud).toMatch(/^[0-9a-f]{64}$/);
});

test('gives one address one subject, whatever its case, and another address another', async () => {
  await start();
  const subject = async (email: string) => decodeJwt(await mintToken({ data_dir, email })).sub;
  expect(await subject('a@demo.example')).toBe(await subject('A@Demo.Example'));
  expect(await subject('a@demo.example')).not.toBe(await subject('b@demo.example'));
});

test('mints service tokens without an address and with an empty subject', async () => {
  const issuer = await start();
  const { payload } = await verify(issuer, await mintToken({ data_dir, common_name: 'ci.access' }));
  expect(payload).toMatchObject({ common_name: 'ci.access', sub: '', type: 'app' });
  expect(payload).not.toHaveProperty('email');
});

test('lets a test replace and remove claims', async () => {
  await start();
  const token = await mintToken({
    data_dir,
    email: 'a@demo.example',
    overrides: { type: 'org', nbf: undefined },
  });
  expect(decodeJwt(token)).toMatchObject({ type: 'org' });
  expect(decodeJwt(token)).not.toHaveProperty('nbf');
});

test('keeps keys and audience over restarts, in a file only its owner reads', async () => {
  const first = await start();
  const before = await certs(first);
  const token = await mintToken({ data_dir, email: 'a@demo.example' });
  const port = Number(new URL(first.url).port);
  await first.stop();

  const again = await startAccessIssuer({ data_dir, port });
  started.push(again);
  expect(again.aud).toBe(first.aud);
  expect(await certs(again)).toEqual(before);
  await verify(again, token);
  const file = join(data_dir, 'access', 'issuer.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toContain('PRIVATE KEY');
});

test('rotation signs with a new key and keeps exactly the previous one published', async () => {
  const issuer = await start();
  const old = await mintToken({ data_dir, email: 'a@demo.example' });
  await issuer.rotate();
  const fresh = await mintToken({ data_dir, email: 'a@demo.example' });
  expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid);
  await verify(issuer, old);
  await verify(issuer, fresh);
  expect((await certs(issuer)).public_certs).toHaveLength(2);
  expect((await certs(issuer)).public_cert.kid).toBe(decodeProtectedHeader(fresh).kid);

  await issuer.rotate();
  expect((await certs(issuer)).keys).toHaveLength(2);
  await expect(verify(issuer, old)).rejects.toThrow(/no applicable key/);
});

test('makes one set of keys when several start at once', async () => {
  const issuers = await Promise.all([start(), start(), start(), start()]);
  expect(new Set(issuers.map((issuer) => issuer.aud)).size).toBe(1);
});

test('has no way to get a token over HTTP', async () => {
  const issuer = await start();
  for (const path of ['/', '/token', '/cdn-cgi/access/login', '/cdn-cgi/access/certs/x']) {
    expect((await fetch(issuer.url + path)).status).toBe(404);
  }
  const posted = await fetch(`${issuer.url}/cdn-cgi/access/certs`, { method: 'POST' });
  expect(posted.status).toBe(405);
  expect(posted.headers.get('allow')).toBe('GET, HEAD');
});

test("rejects a taken port with the system's word for it", async () => {
  const issuer = await start();
  const port = Number(new URL(issuer.url).port);
  await expect(startAccessIssuer({ data_dir, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

async function tokenCommand(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const env = { PATH: process.env.PATH, DATA_DIR: data_dir };
  return run(process.execPath, ['--import', 'tsx', 'local/token.ts', ...args], { env }).then(
    ({ stdout, stderr }) => ({ stdout, stderr, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
}

test('the token command prints the token and nothing else', async () => {
  const issuer = await start();
  const { stdout, stderr } = await tokenCommand('--email', 'admin@demo.example', '--expires', '2h');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const { payload } = await verify(issuer, stdout.trim());
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(7200);
});

test('the token command says in one line what is wrong', async () => {
  const never = await tokenCommand('--email', 'admin@demo.example');
  expect(never).toMatchObject({ code: 1, stdout: '' });
  expect(never.stderr).toMatch(/^There is no Access issuer in .*npm start.*\n$/);
  await start();
  for (const args of [
    [],
    ['--email', 'nobody'],
    ['--email', 'a@b.c', '--expires', 'soon'],
    ['--mail', 'x'],
  ]) {
    const wrong = await tokenCommand(...args);
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr.trimEnd().split('\n')).toHaveLength(1);
  }
});
