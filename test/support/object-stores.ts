// The two stores that evidence is tested on: the embedded one, and an S3 server that is not ours.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { createObjectStore, type ObjectStore } from '../../db/objects/store.js';
import { freePort } from '../../local/ports.js';
import { launch, stopProcess, tail, waitUntil } from '../../local/process.js';
import { startStorage } from '../../local/storage/server.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { makeThrowaway } from './throwaway.js';
import { versityGateway } from './tools/versitygw.js';

const KEYS = { access_key_id: 'GRCTEST', secret_access_key: 's'.repeat(40) };
const BUCKET = 'evidence';
/** As the embedded store of `npm start`. */
const MOST_BYTES = 100 * 1024 * 1024;

export interface TestStore {
  url: string;
  /** What a process of ours is told of it. */
  env: Record<string, string>;
  store: ObjectStore;
  /** With the same key, for what the product never asks. */
  client: S3Client;
  stop(): Promise<void>;
}

export async function startEmbeddedStore(): Promise<TestStore> {
  const folder = makeThrowaway();
  const server = await startStorage({
    data_dir: folder.dir,
    port: 0,
    credentials: KEYS,
    max_object_bytes: MOST_BYTES,
    bucket: BUCKET,
  });
  return await connected(server.url, async () => {
    await server.stop();
    await folder.remove();
  });
}

export async function startVersity(): Promise<TestStore> {
  const program = await versityGateway({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const folder = makeThrowaway();
  const port = await freePort();
  const [objects, sidecar] = [join(folder.dir, 'objects'), join(folder.dir, 'sidecar')];
  for (const path of [objects, sidecar]) mkdirSync(path);
  // not every file system of a test machine has attributes
  const folders = ['--sidecar', sidecar, objects];
  const server = await launch({
    command: program,
    args: ['--port', `127.0.0.1:${String(port)}`, '--region', 'auto', '--quiet', 'posix', ...folders],
    env: { ROOT_ACCESS_KEY: KEYS.access_key_id, ROOT_SECRET_KEY: KEYS.secret_access_key },
    cwd: folder.dir,
    log_file: join(folder.dir, 'versitygw.log'),
  });
  folder.keep({ ...server, stop: () => stopProcess(server.pid, [{ signal: 'SIGTERM', wait_ms: 5_000 }]) });
  const url = `http://127.0.0.1:${String(port)}`;
  const answers = (): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );
  if (!(await waitUntil(answers, 30_000))) {
    const said = tail(server.log());
    await folder.remove();
    throw new Error(`versitygw does not answer: ${said}`);
  }
  return await connected(url, () => folder.remove());
}

async function connected(url: string, stop: () => Promise<void>): Promise<TestStore> {
  const store = createObjectStore({ endpoint: url, region: 'auto', bucket: BUCKET, ...KEYS });
  await store.ensureBucket();
  const client = new S3Client({
    endpoint: url,
    region: 'auto',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    credentials: { accessKeyId: KEYS.access_key_id, secretAccessKey: KEYS.secret_access_key },
  });
  return {
    url,
    env: {
      S3_ENDPOINT: url,
      S3_REGION: 'auto',
      S3_BUCKET: BUCKET,
      S3_ACCESS_KEY_ID: KEYS.access_key_id,
      S3_SECRET_ACCESS_KEY: KEYS.secret_access_key,
    },
    store,
    client,
    async stop() {
      client.destroy();
      store.close();
      await stop();
    },
  };
}
