// S12: evidence by HTTP without its workflow: what is asked for, counted, linked, filtered and refused.
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TenantContext } from '../../domain/tenant.js';
import { withTenant } from '../../db/tenancy.js';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { acceptingGate } from '../support/fakes/temporal-gate.js';
import { startEmbeddedStore, type TestStore } from '../support/object-stores.js';

const WANTED = { filename: 'users.csv', content_type: 'text/csv' };

let objects: TestStore;
let api: TestApi;
let admin: Caller;
let org: string;
let tenant: TenantContext;

beforeAll(async () => {
  objects = await startEmbeddedStore();
  api = await startTestApi(objects.env, undefined, ({ routes }) => ({
    routes: { temporal: acceptingGate(routes.db), verify_wait_ms: 0 },
  }));
  admin = api.as('admin@evidence.example');
  const { id } = (await admin.post('/orgs', { name: 'Evidence', domain: 'evidence.example' })).body;
  const actor_id = (await admin.get('/users/me')).body.id;
  tenant = { org_id: id, actor_id, request_id: 'test', role: 'admin', address: '127.0.0.1' };
  org = `/orgs/${id}`;
});
afterAll(async () => {
  await api.stop();
  await objects.stop();
});
const counted = (sql: string): Promise<unknown> => withTenant(api.database.db, tenant, (trx) => trx.raw(sql));
beforeEach(() => counted('delete from evidence_upload'));

const ask = (body: object) => admin.post(`${org}/evidence/upload-url`, body);
const document = async (more: object = {}): Promise<string> =>
  (await buildEvidence(api.database.db, tenant, `Reviewed ${randomUUID()}.`, more)).id;

test('the answer holds all that a client needs for its PUT, and nothing that it said is part of the key', async () => {
  const sha256 = createHash('sha256').update('a,b').digest('hex');
  const { status, body, headers } = await ask({ ...WANTED, size: 3, sha256 });
  expect(status).toBe(201);
  expect(body).toEqual({
    evidence_id: expect.any(String),
    upload_url: expect.stringContaining('X-Amz-Expires=900'),
    method: 'PUT',
    headers: {
      'content-type': 'text/csv',
      'content-length': '3',
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    },
    object_key: expect.stringMatching(/^quarantine\/[0-9a-f/-]+$/),
    expires_in: 900,
    max_size: 3,
  });
  expect(body.upload_url).toContain(
    'content-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-checksum-sha256',
  );
  expect([headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual(['50', '49']);
  const { body: row } = await admin.get(`${org}/evidence/${body.evidence_id}`);
  expect(row).toMatchObject({ status: 'pending', size: null, sha256: null, filename: 'users.csv' });
  expect(row.workflow.url).toContain(encodeURIComponent(`evidence:${tenant.org_id}:${body.evidence_id}`));
});

test('exactly fifty an hour, also at once; removing gives no room, time does', async () => {
  await counted(`insert into evidence_upload select '${tenant.org_id}', gen_random_uuid(),
    clock_timestamp() - interval '50 minutes' from generate_series(1, 42)`);
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(WANTED)));
  const made = answers.filter(({ status }) => status === 201);
  expect(made).toHaveLength(8);
  const left = made.map(({ headers }) => Number(headers.get('x-ratelimit-remaining')));
  expect(left.toSorted((a, b) => b - a)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
  for (const { status, body, headers } of answers.filter((answer) => answer.status !== 201)) {
    expect([status, body.code]).toEqual([429, 'RATE_LIMITED']);
    expect(headers.get('x-ratelimit-limit')).toBe('50');
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    const wait = Number(headers.get('retry-after'));
    expect(wait).toBeGreaterThan(540);
    expect(wait).toBeLessThanOrEqual(600);
  }
  const pending = (await admin.get(`${org}/evidence?status=pending&limit=200`)).body.items;
  const refused = pending.filter(({ filename }: { filename: string }) => filename === WANTED.filename);
  expect((await admin.delete(`${org}/evidence/${made[0]?.body.evidence_id}`)).status).toBe(200);
  expect((await ask(WANTED)).status).toBe(429);
  const after = (await admin.get(`${org}/evidence?status=pending&limit=200`)).body.items;
  expect(after).toHaveLength(refused.length - 1); // a refused call has left nothing
  await counted(`update evidence_upload set at = at - interval '11 minutes'`);
  expect((await ask(WANTED)).status).toBe(201);
});

test.each([
  ['a page', { filename: 'a.html', content_type: 'text/html' }, 'content_type'],
  ['an ending of something else', { filename: 'a.exe', content_type: 'application/pdf' }, 'filename'],
  ['a path', { ...WANTED, filename: '../../a.csv' }, 'filename'],
  ['no bytes', { ...WANTED, size: 0 }, 'size'],
  ['too many bytes', { ...WANTED, size: 50 * 1024 * 1024 + 1 }, 'size'],
  ['another kind of hash', { ...WANTED, sha256: 'd41d8cd98f00b204e9800998ecf8427e' }, 'sha256'],
  ['a control that is not there', { ...WANTED, control_refs: ['CC6.1', 'XX9'] }, 'control_refs.1'],
  ['a finding that is not there', { ...WANTED, finding_id: randomUUID() }, 'finding_id'],
  ['an assessment that is not there', { ...WANTED, assessment_id: randomUUID() }, 'assessment_id'],
  ['a fact that lies ahead', { ...WANTED, collected_at: '2999-01-01T00:00:00Z' }, 'collected_at'],
  ['an object key of its own', { ...WANTED, object_key: 'evidence/x' }, 'object_key'],
])('%s is refused by its field, and not counted', async (_, body, field) => {
  const answer = await ask(body);
  expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'VALIDATION_ERROR', field]);
  expect((await ask(WANTED)).headers.get('x-ratelimit-remaining')).toBe('49');
});

test('what is not verified is not superseded', async () => {
  const { evidence_id } = (await ask(WANTED)).body;
  const answer = await ask({ ...WANTED, supersedes_id: evidence_id });
  expect([answer.status, answer.body.field]).toEqual([422, 'supersedes_id']);
});

test('links come and go; what was seen is insisted on', async () => {
  const id = await document({ control_refs: ['CC6.1'] });
  const path = `${org}/evidence/${id}`;
  const seen = (await admin.get(path)).headers.get('etag') ?? '';
  const linked = await admin.patch(path, { control_refs: ['CC6.2', 'CC6.3', 'CC6.2'] });
  expect(linked.body).toMatchObject({
    control_ref: 'CC6.2',
    control_refs: ['CC6.2', 'CC6.3'],
    status: 'verified',
  });
  const late = await api.raw(`/api/v1${path}`, {
    method: 'PATCH',
    headers: {
      authorization: `Bearer ${api.access.token('admin@evidence.example')}`,
      'content-type': 'application/json',
      'if-match': seen,
    },
    body: JSON.stringify({ control_ref: 'CC7.1' }),
  });
  expect([late.status, late.body.code]).toEqual([412, 'PRECONDITION_FAILED']);
  const both = await admin.patch(path, { control_ref: 'CC7.1', control_refs: ['CC6.1', 'CC7.1'] });
  expect(both.body.control_refs).toEqual(['CC7.1', 'CC6.1']);
  expect((await admin.patch(path, { control_ref: null })).body.control_refs).toEqual([]);
  const same = await admin.patch(path, {
    collected_at: '2026-01-01T00:00:00Z',
    expires_at: '2026-02-01T00:00:00Z',
  });
  expect(same.body).toMatchObject({ stale: true, collected_at: expect.stringContaining('2026-01-01') });
  const wrong = await admin.patch(path, { collected_at: '2026-03-01T00:00:00Z' });
  expect([wrong.status, wrong.body.field]).toEqual([422, 'expires_at']);
  expect((await admin.patch(path, {})).status).toBe(422);
  const bytes = await admin.patch(path, { sha256: 'a'.repeat(64) });
  expect([bytes.status, bytes.body.field]).toEqual([422, 'sha256']);
});

test('the list is filtered by everything that it shows', async () => {
  const [one, other] = [
    await document({ control_refs: ['CC8.1'] }),
    await document({ control_refs: ['CC8.1', 'CC9.1'], expires_at: '2026-01-01T00:00:00Z' }),
  ];
  const newer = await document({ supersedes_id: one });
  const list = async (query: string): Promise<string[]> =>
    (await admin.get(`${org}/evidence?${query}`)).body.items.map(({ id }: { id: string }) => id);
  expect(await list('control_ref=CC8.1')).toEqual([other, one]);
  expect(await list('control_ref=CC8.1&stale=true')).toEqual([other]);
  expect(await list('control_ref=CC8.1&superseded=true')).toEqual([one]);
  expect((await list('status=verified&superseded=false')).slice(0, 2)).toEqual([newer, other]);
  expect(await list(`finding_id=${randomUUID()}`)).toEqual([]);
  expect((await admin.get(`${org}/evidence?status=available`)).status).toBe(422);
});

test('a download is noted, with who and what, and gives the bytes as they were named', async () => {
  const bytes = 'Reviewed by hand.';
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const object_key = `evidence/${tenant.org_id}/${sha256}`;
  await objects.store.put({ key: object_key, body: Buffer.from(bytes), content_type: 'text/html' });
  const { id } = await buildEvidence(api.database.db, tenant, bytes, { object_key });
  const { body } = await admin.get(`${org}/evidence/${id}/download-url`);
  expect(body).toMatchObject({ sha256, expires_in: 300 });
  const answer = await fetch(body.download_url);
  expect(await answer.text()).toBe(bytes);
  expect(answer.headers.get('content-type')).toBe('text/markdown');
  const [entry] = (await admin.get(`${org}/audit-log?resource=${id}`)).body.items;
  expect(entry).toMatchObject({ action: 'evidence.download', actor_id: tenant.actor_id, after: { sha256 } });
});

test('without a store it says so, and nothing is left behind', async () => {
  const bare = await startTestApi({}, api);
  try {
    const by = bare.as('admin@evidence.example');
    const id = await document();
    for (const answer of [
      await by.post(`${org}/evidence/upload-url`, WANTED),
      await by.get(`${org}/evidence/${id}/download-url`),
    ])
      expect([answer.status, answer.body.detail]).toEqual([503, expect.stringContaining('storage')]);
    expect((await by.get(`${org}/evidence/${id}`)).status).toBe(200);
    expect((await ask(WANTED)).headers.get('x-ratelimit-remaining')).toBe('49');
  } finally {
    await bare.stop();
  }
});
