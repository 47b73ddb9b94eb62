// What the Web UI gets to see of payloads: admins of their organization read them, nobody else does, on the record; and
// no page but the Web UI's may ask with somebody's cookie.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Payloads } from '../../domain/codec/schema.js';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';
import { encryptedFor, TEST_PAYLOAD_KEYS } from '../support/codec.js';
import { createCodec } from '../../db/crypto/data-converter.js';
import { defaultPayloadConverter } from '@temporalio/common';
import { fromWire, toWire } from '../../api/codec/wire.js';

const UI = 'https://temporal.grc.example';
const PATH = '/api/v1/codec/decode';
const SECRET = { told: 'canary' };
let api: TestApi;
let admin: Caller;
let org_id: string;

beforeAll(async () => {
  api = await startTestApi({
    TEMPORAL_UI_URL: `${UI}/`,
    PUBLIC_URL: 'https://grc.example',
    RATE_LIMIT_PER_MINUTE: '100',
  });
  admin = api.as('admin@ours.example');
  org_id = await found(admin, 'ours');
});
afterAll(() => api.stop());

async function found(founder: Caller, name: string): Promise<string> {
  return (await founder.post('/orgs', { name, domain: `${name}.example` })).body.id;
}

const encrypted = (of: string): Promise<Payloads> => encryptedFor(api.database.db, of, SECRET);

function valuesOf({ payloads }: Payloads): unknown[] {
  return payloads.map((payload) => defaultPayloadConverter.fromPayload(fromWire(payload)));
}

async function auditOf(of: Caller, id: string): Promise<{ action: string; outcome: string }[]> {
  const { items } = (await of.get(`/orgs/${id}/audit-log?limit=200`)).body;
  return items.filter(({ action }: { action: string }) => action.startsWith('payload'));
}

test('an admin reads the organization’s payloads, in their order, and that is on record', async () => {
  const { payloads } = await encrypted(org_id);
  const answer = await admin.post('/codec/decode', { payloads: [...payloads, ...payloads] });
  expect(answer.status).toBe(200);
  expect(valuesOf(answer.body)).toEqual([SECRET, SECRET]);
  expect(await auditOf(admin, org_id)).toMatchObject([
    { action: 'payload.decode', outcome: 'done', resource_id: org_id, after: { for_seconds: 60 } },
  ]);
});

test('a page that asks for each payload by itself gets them all, with one entry on record', async () => {
  const reader = api.as('admin@page.example');
  const id = await found(reader, 'page');
  const body = await encrypted(id);
  // as a browser does, six at a time
  for (let wave = 0; wave < 42; wave += 1) {
    const asked = Array.from({ length: 6 }, () => reader.post('/codec/decode', body));
    for (const answer of await Promise.all(asked)) {
      expect(answer.status).toBe(200);
      expect(valuesOf(answer.body)).toEqual([SECRET]);
    }
  }
  expect(await auditOf(reader, id)).toHaveLength(1);
});

test('what is foreign, the platform’s, forged or plain comes back as it was', async () => {
  const stranger = api.as('admin@theirs.example');
  const theirs = await found(stranger, 'theirs');
  const [own] = (await encrypted(org_id)).payloads;
  const [platform] = await createCodec(api.database.db, TEST_PAYLOAD_KEYS).encode([
    defaultPayloadConverter.toPayload(SECRET),
  ]);
  const mixed = [
    ...(await encrypted(theirs)).payloads,
    toWire(platform ?? {}),
    { ...own, data: Buffer.alloc(64).toString('base64') },
    { ...own, metadata: { ...own?.metadata, kid: Buffer.from('other').toString('base64') } },
    toWire(defaultPayloadConverter.toPayload('plain')),
    {},
  ];
  const answer = await admin.post('/codec/decode', { payloads: [...mixed, own] });
  expect(answer.body.payloads.slice(0, -1)).toEqual(mixed);
  expect(valuesOf({ payloads: answer.body.payloads.slice(-1) })).toEqual([SECRET]);
  expect(await auditOf(stranger, theirs)).toEqual([]);
});

test.each(['auditor', 'analyst', 'viewer'])(
  'a member who is %s reads nothing, and that is on record',
  async (role) => {
    const founder = api.as(`admin@${role}.example`);
    const id = await found(founder, role);
    const email = `somebody@${role}.example`;
    await founder.post(`/orgs/${id}/users`, { email, name: 'Somebody', role });
    const body = await encrypted(id);
    const answer = await api.as(email).post('/codec/decode', body);
    expect(answer).toMatchObject({ status: 200, body });
    expect(await auditOf(founder, id)).toMatchObject([
      { action: 'payload:decode', outcome: 'refused', resource_id: 'codec.decode' },
    ]);
  },
);

test('nobody reads anything without signing in, or what is no payload', async () => {
  const body = JSON.stringify(await encrypted(org_id));
  const headers = { 'content-type': 'application/json' };
  expect((await api.raw(PATH, { method: 'POST', body, headers })).status).toBe(401);
  for (const wrong of [{ payloads: 'x' }, { payloads: [{ data: '%' }] }, { payloads: [{ other: '' }] }]) {
    expect((await admin.post('/codec/decode', wrong)).status).toBe(422);
  }
});

function preflight(origin: string, path = PATH) {
  return api.raw(path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-namespace',
    },
  });
}

async function withCookie(origin: string, path: string, body: unknown) {
  return await api.raw(path, {
    method: 'POST',
    headers: {
      origin,
      'sec-fetch-site': 'same-site',
      'content-type': 'application/json',
      'x-namespace': 'default',
      cookie: `CF_Authorization=${api.access.token('admin@ours.example')}`,
    },
    body: JSON.stringify(body),
  });
}

test('the Web UI’s pages may ask, with the cookie of their user', async () => {
  const asked = await preflight(UI);
  expect(asked.status).toBe(204);
  expect(Object.fromEntries(asked.headers)).toMatchObject({
    'access-control-allow-origin': UI,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type,x-namespace',
    vary: 'Origin',
  });
  const answer = await withCookie(UI, PATH, await encrypted(org_id));
  expect(answer.status).toBe(200);
  expect(answer.headers.get('access-control-allow-origin')).toBe(UI);
  expect(valuesOf(answer.body)).toEqual([SECRET]);
  // its page must be able to read why it was refused
  const refused = await api.raw(PATH, { method: 'POST', headers: { origin: UI } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('access-control-allow-origin')).toBe(UI);
});

test.each(['https://evil.example', `${UI}.evil.example`, 'http://temporal.grc.example', 'null'])(
  'a page of %s may not',
  async (origin) => {
    const asked = await preflight(origin);
    expect(asked.status).toBe(405);
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
    const answer = await withCookie(origin, PATH, await encrypted(org_id));
    expect(answer).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  },
);

test('the Web UI’s pages may call nothing else', async () => {
  expect((await preflight(UI, '/api/v1/orgs')).headers.get('access-control-allow-origin')).toBeNull();
  const answer = await withCookie(UI, '/api/v1/orgs', { name: 'Forged', domain: 'forged.example' });
  expect(answer.status).toBe(403);
});
