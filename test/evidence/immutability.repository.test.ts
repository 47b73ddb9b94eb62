// S13: what was verified is neither overwritten nor removed, with the API's own key: by a lock of the bucket on the part
// that holds verified evidence, as R2's bucket locks have it by prefix; and without a lock by no way that the product has.
import { CreateBucketCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../db/objects/store.js';
import { startEmbeddedStore, startVersity, type TestStore } from '../support/object-stores.js';
import { send } from './stage.js';

const KEY = 'evidence/org/hash';
const LOCKED = 'locked';
const HOUR = 3_600_000;

let stores: TestStore[];
let locked: ObjectStore;

beforeAll(async () => {
  stores = await Promise.all([startEmbeddedStore(), startVersity()]);
  const [, versity] = stores;
  if (!versity) throw new Error('two were started');
  await versity.client.send(new CreateBucketCommand({ Bucket: LOCKED, ObjectLockEnabledForBucket: true }));
  const { S3_ACCESS_KEY_ID = '', S3_SECRET_ACCESS_KEY = '' } = versity.env;
  locked = createObjectStore({
    endpoint: versity.url,
    region: 'auto',
    bucket: LOCKED,
    access_key_id: S3_ACCESS_KEY_ID,
    secret_access_key: S3_SECRET_ACCESS_KEY,
  });
  await write(locked, KEY, 'verified');
  const until = new Date(Date.now() + HOUR);
  const retention = { Mode: 'COMPLIANCE', RetainUntilDate: until } as const;
  await versity.client.send(
    new PutObjectRetentionCommand({ Bucket: LOCKED, Key: KEY, Retention: retention }),
  );
});
afterAll(async () => {
  locked.close();
  await Promise.all(stores.map((store) => store.stop()));
});

const write = (store: ObjectStore, key: string, text: string) =>
  store.put({ key, body: Buffer.from(text), content_type: 'text/plain' });

async function read(store: ObjectStore, key: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of (await store.get(key, { max_bytes: 1_000 })).bytes) parts.push(part);
  return Buffer.concat(parts).toString();
}

test('a locked object is neither overwritten nor removed, and quarantine beside it is', async () => {
  await expect(write(locked, KEY, 'forged')).rejects.toMatchObject({ name: 'AccessDenied' });
  await expect(locked.remove(KEY)).rejects.toMatchObject({ name: 'AccessDenied' });
  await write(locked, 'quarantine/org/x', 'forged');
  await locked.remove('quarantine/org/x');
  expect(await locked.find('quarantine/org/x')).toBeUndefined();
  expect(await read(locked, KEY)).toBe('verified');
});

test('without a lock, neither a copy nor a signed upload replaces it', async () => {
  for (const { store } of stores) {
    await write(store, KEY, 'verified');
    const { etag } = await write(store, 'quarantine/org/y', 'forged');
    expect(await store.copyIfUnchanged({ from: 'quarantine/org/y', etag, to: KEY })).toBe('exists');
    const { url, headers } = await store.presignPut({ key: KEY, content_type: 'text/plain', expires_s: 60 });
    expect((await send({ upload_url: url, headers }, 'forged')).status).toBe(412);
    expect(await read(store, KEY)).toBe('verified');
  }
});
