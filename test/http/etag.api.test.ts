// What a client has seen: tags, changes that insist on them, and the document, which says so of every route.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, startTestApi, type TestApi } from '../support/app.js';

const ADMIN = 'admin@people.example';
const NO_ID = '0198c0de-0000-7000-8000-000000000001';
let api: TestApi;
let org: string;

beforeAll(async () => {
  // this is about tags; how busy the machine is, others ask
  api = await startTestApi();
  const founded = await api.as(ADMIN).post('/orgs', { name: 'Tags', domain: 'tags.example' });
  org = `/orgs/${String(founded.body.id)}`;
}, 60_000);
afterAll(() => api.stop());

// oxlint-disable-next-line typescript/no-explicit-any -- read as a client without types does
type Methods = Record<string, any>;

function send(method: string, path: string, headers: Record<string, string>, body?: object): Promise<Answer> {
  return api.raw(path.startsWith('/api') ? path : `/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${api.access.token(ADMIN)}`,
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
}

const tagOf = (answer: Answer): string => answer.headers.get('etag') ?? '';

test('a change insists on what was seen; the state it makes has a tag of its own', async () => {
  const seen = tagOf(await send('GET', org, {}));
  expect(seen).toMatch(/^"[\w-]{27}"$/);
  const changed = await send('PUT', org, { 'if-match': seen }, { name: 'Changed' });
  expect(changed.status).toBe(200);
  expect(tagOf(changed)).toBe(tagOf(await send('GET', org, {})));
  expect(tagOf(changed)).not.toBe(seen);
  const refused = await send('PUT', org, { 'if-match': seen }, { name: 'Lost' });
  expect(refused).toMatchObject({ status: 412, body: { code: 'PRECONDITION_FAILED' } });
  expect((await send('GET', org, {})).body.name).toBe('Changed');
  const now = tagOf(changed);
  expect((await send('PUT', org, { 'if-match': `W/${now}` }, { name: 'Weak' })).status).toBe(412);
  expect((await send('PUT', org, { 'if-match': `"x", ${now}` }, { name: 'One of two' })).status).toBe(200);
  expect((await send('PUT', org, { 'if-match': '*' }, { name: 'Any' })).status).toBe(200);
  expect((await send('PUT', org, { 'if-match': 'x' }, { name: 'None' })).status).toBe(400);
});

test('of two who have seen the same, one wins', async () => {
  for (let round = 0; round < 10; round += 1) {
    const seen = tagOf(await send('GET', org, {}));
    const names = ['a', 'b', 'c', 'd'].map((name) => `${name}${String(round)}`);
    const answers = await Promise.all(names.map((name) => send('PUT', org, { 'if-match': seen }, { name })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
    const won = answers.findIndex(({ status }) => status === 200);
    expect((await send('GET', org, {})).body.name).toBe(names[won]);
  }
}, 60_000);

test('who holds it already is spared the bytes', async () => {
  const seen = tagOf(await send('GET', org, {}));
  const spared = await send('GET', org, { 'if-none-match': `W/${seen}` });
  expect([spared.status, tagOf(spared), spared.body]).toEqual([304, seen, undefined]);
  expect((await send('GET', org, { 'if-none-match': '"other"' })).status).toBe(200);
});

test('a second that passes is no change of an incident; its parts and verbs answer to its tag', async () => {
  const incident = { title: 'Tagged', severity: 'high', category: 'phishing', description: 'x' };
  const made = await api.as(ADMIN).post(`${org}/incidents`, incident);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const path = `${org}/incidents/${String(made.body.id)}`;
  const seen = tagOf(await send('GET', path, {}));
  const state = (tag: string): string | undefined => tag.slice(1).split('.')[0];
  await expect.poll(async () => tagOf(await send('GET', path, {})), { timeout: 20_000 }).not.toBe(seen);
  expect(state(tagOf(await send('GET', path, {})))).toBe(state(seen));
  const task = await api.as(ADMIN).post(`${path}/tasks`, { title: 'Look' });
  expect(task.status).toBe(201);
  expect((await send('PATCH', path, { 'if-match': seen }, { title: 'Lost' })).status).toBe(412);
  const own = `${path}/tasks/${String(task.body.id)}`;
  expect((await send('PATCH', own, { 'if-match': seen }, { title: 'Lost' })).status).toBe(412);
  const now = tagOf(await send('GET', path, {}));
  expect((await send('PATCH', own, { 'if-match': now }, { title: 'Found' })).status).toBe(200);
}, 60_000);

test('every POST takes a key, every resource has a tag, every change answers to one', async () => {
  const { body: document } = await api.raw('/api/v1/openapi.json');
  const seen = { post: 0, get: 0, change: 0 };
  for (const [path, methods] of Object.entries<Methods>(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const headers: string[] = operation.parameters
        .filter((each: { in: string }) => each.in === 'header')
        .map((each: { name: string }) => each.name);
      const what = `${method} ${path}`;
      if (operation.security.length === 0) continue;
      if (method === 'post') {
        seen.post += 1;
        expect(headers, what).toContain('Idempotency-Key');
        const refused = await send(
          'POST',
          path.replaceAll(/\{\w+\}/g, NO_ID),
          { 'idempotency-key': 'a b' },
          {},
        );
        expect([refused.status, refused.body.field], what).toEqual([422, 'Idempotency-Key']);
      } else if (method === 'get') {
        const json = operation.responses['200'].content?.['application/json']?.schema;
        // lists and files have none
        if (json === undefined || /\/(bundle|download|export|oscal)$/.test(path)) continue;
        const schema = json.$ref ? document.components.schemas[json.$ref.split('/').at(-1)] : json;
        if (schema.properties?.next_cursor) continue;
        seen.get += 1;
        expect(operation.responses['200'].headers, what).toHaveProperty('ETag');
        expect(operation.responses, what).toHaveProperty('304');
      } else {
        seen.change += 1;
        expect(headers, what).toContain('If-Match');
        expect(operation.responses, what).toHaveProperty('412');
      }
    }
  }
  expect(seen.post).toBeGreaterThan(20);
  expect(seen.get).toBeGreaterThan(8);
  expect(seen.change).toBeGreaterThan(5);
});
