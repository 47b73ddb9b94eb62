import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createObjectStore, type ObjectStore, type ObjectStoreConfig } from '../../db/objects/store.js';
import { ensureStorageCredentials } from '../../local/storage/credentials.js';
import { startStorage, type EmbeddedStorage } from '../../local/storage/server.js';

const MAX_BYTES = 3 * 1024 * 1024;
let data_dir: string;
let storage: EmbeddedStorage;
let config: ObjectStoreConfig;
let store: ObjectStore;

const start = async (port: number) =>
  startStorage({
    data_dir,
    port,
    credentials: await ensureStorageCredentials(data_dir),
    max_object_bytes: MAX_BYTES,
    bucket: 'evidence',
  });

beforeAll(async () => {
  data_dir = await mkdtemp(join(tmpdir(), 'grc-storage-'));
  storage = await start(0);
  const keys = await ensureStorageCredentials(data_dir);
  config = { endpoint: storage.url, region: 'auto', bucket: 'evidence', ...keys };
  store = createObjectStore(config);
});
afterAll(async () => {
  store.close();
  await storage.stop();
  await rm(data_dir, { recursive: true, force: true });
});

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('base64');
const put = (key: string, text: string) =>
  store.put({ key, body: Buffer.from(text), content_type: 'text/plain' });
async function read(key: string, max_bytes = MAX_BYTES): Promise<string> {
  const object = await store.get(key, { max_bytes });
  const parts: Buffer[] = [];
  for await (const part of object.bytes) parts.push(part);
  return Buffer.concat(parts).toString();
}
const rawClient = (checksums: 'WHEN_REQUIRED' | 'WHEN_SUPPORTED') =>
  new S3Client({
    endpoint: storage.url,
    region: 'auto',
    forcePathStyle: true,
    requestChecksumCalculation: checksums,
    credentials: { accessKeyId: config.access_key_id, secretAccessKey: config.secret_access_key },
  });

test('puts, finds, reads and removes; removing twice is fine', async () => {
  const { etag } = await put('a/b c+ü.txt', 'hello');
  expect(await store.find('a/b c+ü.txt')).toMatchObject({ etag, size: 5, content_type: 'text/plain' });
  expect(await read('a/b c+ü.txt')).toBe('hello');
  await store.remove('a/b c+ü.txt');
  await store.remove('a/b c+ü.txt');
  expect(await store.find('a/b c+ü.txt')).toBeUndefined();
  await expect(read('a/b c+ü.txt')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('reads no more than the caller allows', async () => {
  await put('long', 'x'.repeat(100));
  await expect(read('long', 99)).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
});

test('copies what was read and nothing else, and only onto a free key', async () => {
  const { etag } = await put('quarantine/1', 'checked');
  expect(await store.copyIfUnchanged({ from: 'quarantine/1', etag, to: 'kept/1' })).toBe('copied');
  expect(await store.copyIfUnchanged({ from: 'quarantine/1', etag, to: 'kept/1' })).toBe('exists');
  await put('quarantine/1', 'swapped');
  await expect(store.copyIfUnchanged({ from: 'quarantine/1', etag, to: 'kept/2' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  expect(await read('kept/1')).toBe('checked');
  expect(await store.find('kept/2')).toBeUndefined();
});

test('of ten uploads to one free key exactly one wins', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      store.put({ key: 'once', body: Buffer.from(`${index}`), content_type: 'a/b', only_if_absent: true }),
    ),
  );
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
});

test('refuses a body that is not the one its checksum names, and keeps nothing of it', async () => {
  const body = Buffer.from('other');
  await expect(
    store.put({ key: 'sum', body, content_type: 'a/b', checksum_sha256: sha256('this') }),
  ).rejects.toMatchObject({ name: 'BadDigest' });
  expect(await store.find('sum')).toBeUndefined();
});

test.each(['CRC32', 'SHA256', 'SHA1'] as const)(
  'takes the body in chunks with a %s trailer',
  async (name) => {
    const client = rawClient('WHEN_SUPPORTED');
    const body = Readable.from([Buffer.from('chunk'.repeat(50_000))], { objectMode: false });
    await client.send(
      new PutObjectCommand({
        Bucket: 'evidence',
        Key: 'chunked',
        Body: body,
        ContentLength: 250_000,
        ChecksumAlgorithm: name,
      }),
    );
    client.destroy();
    expect(await read('chunked')).toBe('chunk'.repeat(50_000));
  },
);

test('lists by prefix in pages', async () => {
  for (const name of ['p/3', 'p/1', 'p/2', 'q/1']) await put(name, name);
  const client = rawClient('WHEN_REQUIRED');
  const page = (token?: string) =>
    client.send(
      new ListObjectsV2Command({ Bucket: 'evidence', Prefix: 'p/', MaxKeys: 2, ContinuationToken: token }),
    );
  const first = await page();
  expect(first.Contents?.map((object) => object.Key)).toEqual(['p/1', 'p/2']);
  const second = await page(first.NextContinuationToken);
  expect(second.Contents?.map((object) => object.Key)).toEqual(['p/3']);
  expect(second.IsTruncated).toBe(false);
  client.destroy();
});

test('names no file after a key, so no key can climb', async () => {
  const keys = ['../../escape', '/etc/passwd', '..', 'a/../../b'];
  for (const key of keys) await put(key, key);
  for (const key of keys) expect(await read(key)).toBe(key);
  const files = await readdir(join(data_dir, 'storage'), { recursive: true });
  expect(files.filter((name) => /escape|passwd/.test(name))).toEqual([]);
  await expect(stat(join(data_dir, 'escape'))).rejects.toThrow(/ENOENT/);
});

test('answers a ping, gives it up on demand, and says so when it is away', async () => {
  await store.ping();
  await expect(store.ping(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  const away = createObjectStore({ ...config, endpoint: 'http://127.0.0.1:1' });
  await expect(away.ping()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  away.close();
});

test('keeps objects and keys over a restart, and nothing of an upload that was cut', async () => {
  await put('stays', 'here');
  const { url, headers } = await store.presignPut({
    key: 'cut',
    content_type: 'a/b',
    size: 1000,
    expires_s: 60,
  });
  const cut = new AbortController();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('half')),
    pull: () => cut.abort(),
  });
  const request = new Request(url, { method: 'PUT', headers, body, signal: cut.signal, duplex: 'half' });
  await expect(fetch(request)).rejects.toThrow();
  const port = Number(new URL(storage.url).port);
  await storage.stop();
  storage = await start(port);
  expect(await read('stays')).toBe('here');
  expect(await store.find('cut')).toBeUndefined();
});
