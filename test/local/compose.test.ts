import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const run = promisify(execFile);
const REQUIRED: readonly string[] = [
  'POSTGRES_PASSWORD',
  'TEMPORAL_POSTGRES_PASSWORD',
  'ACCESS_TEAM_DOMAIN',
  'ACCESS_AUD',
  'PUBLIC_URL',
  'PAYLOAD_KEYS',
  'REDIS_PASSWORD',
  'STEAMPIPE_PASSWORD',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
];
const environment = {
  ...Object.fromEntries(REQUIRED.map((name) => [name, 'given'])),
  PATH: process.env.PATH,
};
const service = z.looseObject({
  image: z.string(),
  deploy: z.object({ replicas: z.number() }).optional(),
  healthcheck: z.unknown().optional(),
  restart: z.string().optional(),
  ports: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
});
const compose = z.looseObject({ services: z.record(z.string(), service) });
// DOCKER_CONFIG may point at where the compose plugin is installed.
const docker = { DOCKER_CONFIG: process.env.DOCKER_CONFIG, HOME: process.env.HOME };
const client = await run('docker', ['compose', 'version'], { env: { ...environment, ...docker } }).then(
  () => true,
  () => false,
);
if (!client)
  process.stderr.write('SKIPPED: "docker compose" is not installed, its check of the file is not made\n');

async function read() {
  const text = await readFile('docker-compose.yml', 'utf8');
  return { text, file: compose.parse(parse(text, { merge: true })) };
}

const check = (env: Record<string, string | undefined>) =>
  run('docker', ['compose', '--env-file', '/dev/null', 'config', '-q'], { env: { ...env, ...docker } });

test.skipIf(!client)('the docker client accepts the file', async () => {
  expect((await check(environment)).stderr).toBe('');
});

test.skipIf(!client).each(REQUIRED)('the docker client asks for %s', async (name) => {
  await expect(check({ ...environment, [name]: undefined })).rejects.toThrow(name);
});

test('every part of production is there, with two workers', async () => {
  const { services } = (await read()).file;
  for (const name of ['api', 'workers', 'migrate', 'postgres', 'temporal', 'temporal-ui', 'redis', 'opa']) {
    expect(services).toHaveProperty(name);
  }
  expect(services).toHaveProperty('steampipe');
  expect(services).toHaveProperty('objects');
  expect(services.workers?.deploy?.replicas).toBe(2);
});

test('images have versions, what runs on has a health check, and ports are on loopback', async () => {
  for (const [name, { image, ports, restart, healthcheck }] of Object.entries((await read()).file.services)) {
    expect(image, name).toMatch(/:v?\d+\.\d+/);
    for (const port of ports ?? []) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    // The API has the check of its image.
    if (restart === 'unless-stopped' && name !== 'api') expect(healthcheck, name).toBeDefined();
  }
});

/** Derived, refused in production, of a Temporal elsewhere, or how often the repairs run. */
const LEFT_OUT =
  /^(DATABASE_(RECONCILE|REPORT)_URL|EGRESS_ALLOW|TEMPORAL_(TLS_.*|API_KEY)|(RECONCILE|AUDIT|TIMELINE)_.*)$/;

test('whatever else the processes read from their environment is handed through to them', async () => {
  const { file } = await read();
  const given = Object.keys(file.services.api?.environment ?? {});
  const sources = ['api/config.ts', 'workers/config.ts', 'db/environment.ts'];
  const text = (await Promise.all(sources.map((name) => readFile(name, 'utf8')))).join('\n');
  const names = [...text.matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) if (!LEFT_OUT.test(name)) expect(given).toContain(name);
});

test('no secret has a default', async () => {
  const { text } = await read();
  expect(text).not.toMatch(/\$\{[A-Z0-9_]*(PASSWORD|SECRET|KEYS)[A-Z0-9_]*:?-[^}]/);
  expect(text).not.toMatch(/(PASSWORD|SECRET_KEY|_KEY|_PWD): [^$\s]/);
});

test('the image is built in stages and does not run as root', async () => {
  const text = await readFile('Dockerfile', 'utf8');
  expect(text.match(/^FROM /gm)?.length).toBeGreaterThan(1);
  expect(text).toMatch(/^USER node$/m);
  expect(text).toMatch(/^HEALTHCHECK /m);
  expect(text).toContain('/livez');
});
