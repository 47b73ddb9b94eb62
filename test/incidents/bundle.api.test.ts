// S14: an incident in one file, checked by the command without a database; any change of it is found.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSigningKeys, type SigningKeys } from '../../db/crypto/signing-keys.js';
import { BundleDigest, checkBundle, signBundle } from '../../db/incidents/bundle.js';
import { entryHash } from '../../db/incidents/timeline.js';
import { incidentBundle, type IncidentBundle } from '../../domain/incidents/bundle-schema.js';
import { startTestApi, type TestApi } from '../support/app.js';
import type { Caller } from '../support/http.js';
import { newSigningKey, TEST_SIGNING_KEYS } from '../support/signing.js';

const { jwks } = parseSigningKeys(TEST_SIGNING_KEYS);

let folder: string;
let api: TestApi;
let admin: Caller;
let path: string;
let text: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grc-bundle-'));
  api = await startTestApi();
  admin = api.as('admin@bundle.example');
  const org_id = (await admin.post('/orgs', { name: 'Bundle', domain: 'bundle.example' })).body.id;
  const body = { title: 'Taken away', description: 'x', category: 'other', severity: 'high' };
  const { id } = (await admin.post(`/orgs/${org_id}/incidents`, body)).body;
  path = `/orgs/${org_id}/incidents/${id}`;
  for (const description of ['One', 'Called J. Doe', 'Three'])
    await admin.post(`${path}/timeline`, { description, occurred_at: '2026-01-27T10:05:00.1234567Z' });
  await admin.post(`${path}/tasks`, { title: 'Rotate the keys' });
  await admin.post(`${path}/timeline/3/redact`, { reason: 'a name' });
  const token = api.access.token('admin@bundle.example');
  const answer = await fetch(`${api.url}/api/v1${path}/export`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="INC-\d{4}-1\.json"$/);
  text = await answer.text();
});
afterAll(async () => {
  await api.stop();
  await rm(folder, { recursive: true, force: true });
});

const fresh = (): IncidentBundle => incidentBundle.parse(JSON.parse(text));

/** Undefined when it is no bundle any more, which is refused too. */
async function problemsOf(bundle: unknown, known = jwks): Promise<string[] | undefined> {
  if (!incidentBundle.safeParse(bundle).success) return undefined;
  return (await checkBundle(bundle, known)).problems;
}

async function command(bundle: unknown, ...more: string[]): Promise<{ code: number; output: string }> {
  const file = join(folder, 'bundle.json');
  await writeFile(file, typeof bundle === 'string' ? bundle : JSON.stringify(bundle));
  const entry = resolve(import.meta.dirname, '../../db/incidents/bundle-main.ts');
  // nothing of the environment: no database can be asked
  const child = spawn(process.execPath, ['--import', 'tsx', entry, file, ...more], {
    env: { PATH: process.env['PATH'] ?? '' },
    cwd: resolve(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const [code]: unknown[] = await once(child, 'close');
  return { code: Number(code), output };
}

async function keysFile(): Promise<string> {
  const file = join(folder, 'jwks.json');
  await writeFile(file, JSON.stringify((await api.raw('/.well-known/jwks.json')).body));
  return file;
}

test('holds the incident with all that belongs to it, and says of itself that it was exported', async () => {
  const { about, entries, redactions, checkpoints } = fresh();
  expect(about.incident).toMatchObject({
    title: 'Taken away',
    tasks: [{ title: 'Rotate the keys' }],
    obligations: [],
    sla: { clocks: [{ state: 'running' }, { state: 'running' }, { state: 'running' }] },
  });
  expect(entries.at(-1)).toMatchObject({ event_type: 'exported', payload: { actor: 'admin' } });
  expect(entries[2]).toMatchObject({ seq: 3, payload: null, salt: null });
  expect(text).not.toContain('J. Doe');
  expect(redactions).toEqual([{ seq: 3, told_in_seq: 6 }]);
  expect(checkpoints.at(-1)?.seq).toBe(entries.length);
  expect(await problemsOf(JSON.parse(text))).toEqual([]);
  expect((await admin.get(`${path}/timeline/verify`)).body).toMatchObject({
    valid: true,
    checkpoint: { no: 1 },
  });
});

test('the command needs no database; it names the first bad entry and says it by its exit code', async () => {
  const good = await command(text, '--jwks', await keysFile());
  expect(good, good.output).toMatchObject({ code: 0 });
  expect(good.output).toContain('unbroken: 7 entries (1 redacted), 1 signed checkpoints');
  const own = await command(text);
  expect(own).toMatchObject({ code: 0, output: expect.stringContaining('keys in the bundle') });
  const bad = fresh();
  const [, second] = bad.entries;
  if (second?.payload) second.payload.description = 'Forged';
  const broken = await command(bad, '--jwks', await keysFile());
  expect(broken).toMatchObject({ code: 1, output: expect.stringContaining('BROKEN at entry 2') });
  expect((await command('{"no":"bundle"}')).code).toBe(2);
  expect((await command('no JSON')).code).toBe(2);
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Each leaf of the document, and a way to put something else there. */
function* leaves(value: Json, put: (other: Json) => void, at: string): Generator<[string, () => void]> {
  if (value !== null && typeof value === 'object') {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        yield* leaves(item, (other) => (value[index] = other), `${at}.${index}`);
      return;
    }
    for (const [key, item] of Object.entries(value))
      yield* leaves(item, (other) => (value[key] = other), `${at}.${key}`);
    return;
  }
  yield [at, () => put(forged(value))];
}

function forged(value: null | boolean | number | string): Json {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (value === null) return 'forged';
  // still a time, an id, a hash: only another one
  const at = value.search(/\d/);
  if (at < 0) return `${value}x`;
  return `${value.slice(0, at)}${(Number(value[at]) + 1) % 10}${value.slice(at + 1)}`;
}

test('a change of any field is found', async () => {
  const paths = [...leaves(JSON.parse(text), () => undefined, '')].map(([at]) => at);
  expect(paths.length).toBeGreaterThan(150);
  for (const wanted of paths) {
    const bundle: Json = JSON.parse(text);
    for (const [at, change] of leaves(bundle, () => undefined, '')) if (at === wanted) change();
    expect(await problemsOf(bundle), wanted).not.toEqual([]);
  }
});

test('so is every field that is left out', async () => {
  const { about, entries } = fresh();
  for (const key of Object.keys(about.incident)) {
    const bundle = fresh();
    delete bundle.about.incident[key];
    expect(await problemsOf(bundle), key).toEqual(['the bundle was changed after its export']);
  }
  for (const { seq } of entries) {
    const bundle = fresh();
    bundle.entries = bundle.entries.filter((entry) => entry.seq !== seq);
    expect((await checkBundle(bundle, jwks)).first_bad_seq, String(seq)).toBe(seq);
  }
});

/** Hashes set right again, as a forger would; signed with his keys where he has any. */
async function sealed(bundle: IncidentBundle, keys?: SigningKeys): Promise<IncidentBundle> {
  const digest = new BundleDigest();
  const parts = [bundle.about, ...bundle.entries, ...bundle.checkpoints, bundle.redactions];
  for (const part of parts) digest.add(part);
  const sha256 = digest.finish();
  const signature = keys ? await signBundle(keys, bundle.about, sha256) : bundle.signature;
  return { ...bundle, sha256, signature };
}

test('a tail that was cut off is found by the checkpoint, and by the signature where that is gone too', async () => {
  const bundle = fresh();
  bundle.entries = bundle.entries.slice(0, 6);
  const last = bundle.entries.at(-1);
  bundle.about.chain = { seq: 6, hash: last?.entry_hash ?? '' };
  const cut = await checkBundle(await sealed(bundle), jwks);
  expect(cut).toMatchObject({ valid: false, first_bad_seq: 7 });
  expect(cut.problems[0]).toContain('were signed and are gone');
  bundle.checkpoints = [];
  const bare = await checkBundle(await sealed(bundle), jwks);
  expect(bare.problems).toEqual([
    'entries after 0 are covered by no checkpoint',
    'the signature is that of another bundle',
  ]);
});

test('another order of the entries is found', async () => {
  const bundle = fresh();
  const [first, second, ...rest] = bundle.entries;
  if (!first || !second) throw new Error('too few entries');
  bundle.entries = [second, first, ...rest];
  expect(await checkBundle(await sealed(bundle), jwks)).toMatchObject({ valid: false, first_bad_seq: 1 });
});

/** The whole story told anew by somebody with a key of his own. */
async function retold(keys: SigningKeys, own_jwks: boolean): Promise<IncidentBundle> {
  const bundle = fresh();
  let prev_hash = '0'.repeat(64);
  bundle.entries = bundle.entries.map((entry) => {
    const header =
      canonicalize({ ...JSON.parse(entry.header), prev_hash, actor: { type: 'user', id: 'me' } }) ?? '';
    const told = {
      ...entry,
      actor_type: 'user',
      actor_id: 'me',
      header,
      prev_hash,
      entry_hash: entryHash(header),
    };
    prev_hash = told.entry_hash;
    return told;
  });
  bundle.about.chain.hash = prev_hash;
  const { org_id, incident_id } = bundle.about;
  bundle.checkpoints = await Promise.all(
    bundle.checkpoints.map(async ({ no, seq, signed_at }) => {
      const said = { no, seq, entry_hash: prev_hash, signed_at };
      const signed = await keys.sign('incident-timeline-checkpoint+jws', { org_id, incident_id, ...said });
      return { ...said, ...signed };
    }),
  );
  if (own_jwks) bundle.about.keys = keys.jwks;
  return await sealed(bundle, keys);
}

test('a forged key is found: under the name of ours at once, under its own by whoever knows ours', async () => {
  const impostor = parseSigningKeys(newSigningKey('test').private_half);
  const stolen = await checkBundle(await retold(impostor, false));
  expect(stolen.problems).toContain('checkpoint 1 has no valid signature');
  expect(stolen.problems).toContain('the bundle has no valid signature');
  const stranger = parseSigningKeys(newSigningKey('stranger').private_half);
  const own = await retold(stranger, true);
  // consistent in itself: why the command asks for keys from elsewhere
  expect(await checkBundle(own)).toMatchObject({ valid: true, own_keys: true });
  const known = await checkBundle(own, jwks);
  expect(known.problems).toContain('checkpoint 1 is signed by a key that is not known');
  expect(known.valid).toBe(false);
});

test('without signing keys it says that it is not signed, which is no proof', async () => {
  const unsigned = await startTestApi({ SIGNING_KEYS: '' }, api);
  try {
    const token = api.access.token('admin@bundle.example');
    const answer = await fetch(`${unsigned.url}/api/v1${path}/export`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const bundle: unknown = await answer.json();
    expect(bundle).toMatchObject({ signature: null, about: { keys: { keys: [] } } });
    expect(await problemsOf(bundle)).toContain('the bundle is not signed');
  } finally {
    await unsigned.stop();
  }
});
