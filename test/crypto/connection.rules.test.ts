// How the processes sign in at a Temporal server that asks for it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readApiConfig } from '../../api/config.js';
import { connectionSettings } from '../../db/temporal/connection.js';
import { readWorkerConfig } from '../../workers/config.js';

const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grc-pem-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const env = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  ACCESS_TEAM_DOMAIN: 'https://acme.example',
  ACCESS_AUD: 'tag',
  PAYLOAD_KEYS: `test:${Buffer.alloc(32).toString('base64')}`,
  S3_ENDPOINT: 'http://127.0.0.1:1',
  S3_BUCKET: 'none',
  S3_ACCESS_KEY_ID: 'none',
  S3_SECRET_ACCESS_KEY: 'none',
  TEMPORAL_ADDRESS: 'temporal.example:7233',
};
const READERS = [
  ['API', readApiConfig],
  ['workers', readWorkerConfig],
] as const;

test.each(READERS)('the %s reach a server of one’s own in clear', (_, read) => {
  expect(connectionSettings(read(env))).toEqual({ address: 'temporal.example:7233' });
});

test.each(READERS)('the %s send an API key over TLS only', (_, read) => {
  expect(connectionSettings(read({ ...env, TEMPORAL_API_KEY: 'secret' }))).toEqual({
    address: 'temporal.example:7233',
    apiKey: 'secret',
    tls: true,
  });
});

test.each(READERS)('the %s show their certificate, given as text or as a file', async (_, read) => {
  const path = join(folder, 'key.pem');
  await writeFile(path, PEM);
  const settings = connectionSettings(
    read({ ...env, TEMPORAL_TLS_CERT: PEM.replaceAll('\n', '\\n'), TEMPORAL_TLS_KEY: path }),
  );
  expect(settings).toMatchObject({
    tls: { clientCertPair: { crt: Buffer.from(PEM), key: Buffer.from(PEM) } },
  });
});

test.each(READERS)('the %s refuse a certificate without its key', (_, read) => {
  expect(() => read({ ...env, TEMPORAL_TLS_CERT: PEM })).toThrow('TEMPORAL_TLS_CERT');
});

test.each(READERS)('the %s refuse a certificate in a file that is not there', (_, read) => {
  const wrong = { ...env, TEMPORAL_TLS_CERT: '/nowhere', TEMPORAL_TLS_KEY: PEM };
  expect(() => read(wrong)).toThrow('TEMPORAL_TLS_CERT: neither PEM text nor a file');
});
