import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachment } from '../../db/objects/presign.js';
import { createObjectStore, type ObjectStore } from '../../db/objects/store.js';
import { startStorage, type EmbeddedStorage } from '../../local/storage/server.js';

const credentials = { access_key_id: 'KEY', secret_access_key: 's'.repeat(40) };
const checksum_sha256 = createHash('sha256').update('hello').digest('base64');
const open: ObjectStore[] = [];
let data_dir: string;
let storage: EmbeddedStorage;
let store: ObjectStore;
let next = 0;

const connect = (changes: object = {}) => {
  const made = createObjectStore({
    endpoint: storage.url,
    region: 'auto',
    bucket: 'evidence',
    ...credentials,
    ...changes,
  });
  open.push(made);
  return made;
};

beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'grc-storage-'));
  storage = await startStorage({
    data_dir,
    port: 0,
    credentials,
    max_object_bytes: 1024,
    bucket: 'evidence',
  });
  store = connect();
});
afterAll(async () => {
  for (const made of open) made.close();
  await storage.stop();
  await rm(data_dir, { recursive: true, force: true });
});

async function upload(options: { size?: number; checksum_sha256?: string; expires_s?: number } = {}) {
  next += 1;
  const key = `upload/${next}`;
  const signed = await store.presignPut({
    key,
    content_type: 'text/plain',
    size: 5,
    checksum_sha256,
    expires_s: 60,
    ...options,
  });
  // fetch sets the length itself, from the body.
  const { 'content-length': _, ...headers } = signed.headers;
  return { key, url: signed.url, headers };
}

async function send(url: string, init: RequestInit): Promise<[status: number, code: string | undefined]> {
  const response = await fetch(url, init);
  return [response.status, /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1]];
}

test('a presigned upload takes exactly what was signed, once', async () => {
  const { key, url, headers } = await upload();
  const put = (body: string, extra: Record<string, string> = {}) =>
    send(url, { method: 'PUT', body, headers: { ...headers, ...extra } });
  expect(await put('hello', { 'content-type': 'text/html' })).toEqual([403, 'SignatureDoesNotMatch']);
  expect(await put('hello, and more')).toEqual([403, 'SignatureDoesNotMatch']);
  expect(await put('hellO')).toEqual([400, 'BadDigest']);
  expect(await put('hello', { 'x-amz-meta-owner': 'me' })).toEqual([403, 'AccessDenied']);
  expect(await put('hello', { 'x-amz-copy-source': 'evidence/other' })).toEqual([403, 'AccessDenied']);
  expect(await send(url, { method: 'PUT', body: 'hello' })).toEqual([403, 'SignatureDoesNotMatch']);
  expect(await store.find(key)).toBeUndefined();
  expect(await put('hello')).toEqual([200, undefined]);
  expect(await put('hello')).toEqual([412, 'PreconditionFailed']);
});

test('a tampered, moved, expired or foreign URL is refused', async () => {
  const { url, headers } = await upload();
  const put = (changed: string) => send(changed, { method: 'PUT', body: 'hello', headers });
  expect(await put(url.replace(/upload\/\d+/, 'upload/x'))).toEqual([403, 'SignatureDoesNotMatch']);
  expect(await put(`${url}&response-content-type=a`)).toEqual([403, 'SignatureDoesNotMatch']);
  expect(await put(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=600'))).toEqual([
    403,
    'SignatureDoesNotMatch',
  ]);
  expect((await put(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=604801')))[0]).toBe(400);
  expect((await put(`${url}&X-Amz-Expires=60`))[0]).toBe(400);
  expect(await put(url.replace(/X-Amz-Date=\d{8}T\d{6}Z/, 'X-Amz-Date=20200101T000000Z'))).toEqual([
    403,
    'AccessDenied',
  ]);
  expect(await put(url.replace('Credential=KEY', 'Credential=OTHER'))).toEqual([403, 'InvalidAccessKeyId']);
  expect(await send(url, { method: 'DELETE' })).toEqual([403, 'SignatureDoesNotMatch']);
  const foreign = await connect({ secret_access_key: 'w'.repeat(40) }).presignPut({
    key: 'f',
    content_type: 'text/plain',
    expires_s: 60,
  });
  expect(await send(foreign.url, { method: 'PUT', body: 'x', headers: foreign.headers })).toEqual([
    403,
    'SignatureDoesNotMatch',
  ]);
});

test('an expired URL is refused', async () => {
  const { url, headers } = await upload({ expires_s: 1 });
  await expect
    .poll(() => send(url, { method: 'PUT', body: 'hellO', headers }), { timeout: 5_000, interval: 300 })
    .toEqual([403, 'AccessDenied']);
});

test('nothing is told without a signature', async () => {
  for (const path of [
    '/',
    '/evidence',
    '/evidence/a',
    '/evidence/../../etc/passwd',
    '/evidence/%2e%2e/x',
    '//',
  ]) {
    expect(await send(storage.url + path, {})).toEqual([403, 'AccessDenied']);
  }
  expect((await fetch(`${storage.url}/evidence/a`, { method: 'HEAD' })).status).toBe(403);
  expect((await send(`${storage.url}/evidence/%ff`, {}))[0]).toBe(400);
});

test('a wrong key or region is refused, and an object has its largest size', async () => {
  await expect(connect({ access_key_id: 'OTHER' }).ping()).rejects.toThrow();
  await expect(connect({ secret_access_key: 'wrong'.repeat(8) }).ping()).rejects.toThrow();
  await expect(connect({ region: 'eu-west-1' }).ping()).rejects.toThrow();
  await expect(connect({ bucket: 'nowhere' }).ping()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const body = Buffer.alloc(1025);
  await expect(store.put({ key: 'big', body, content_type: 'a/b' })).rejects.toMatchObject({
    name: 'EntityTooLarge',
  });
});

test('a download is an attachment of the given name, in ranges too', async () => {
  await store.put({ key: 'd', body: Buffer.from('0123456789'), content_type: 'text/html' });
  const url = await store.presignGet({
    key: 'd',
    filename: 'é"\r\n.txt',
    content_type: 'a/b',
    expires_s: 60,
  });
  const whole = await fetch(url);
  expect(whole.headers.get('content-type')).toBe('a/b');
  expect(whole.headers.get('content-disposition')).toBe(attachment('é"\r\n.txt'));
  expect(attachment('é"\r\n.txt')).not.toMatch(/[\r\n]/);
  const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
    206,
    'bytes 2-4/10',
    '234',
  ]);
  expect((await fetch(url, { headers: { range: 'bytes=10-' } })).status).toBe(416);
});
