// What a picky client sees: errors in one shape and in words, parameters by their names, methods and paths as they are.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type Answer, type Caller, type TestApi } from '../support/app.js';

let api: TestApi;
let admin: Caller;
let org: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@picky.example');
  org = (await admin.post('/orgs', { name: 'Picky', domain: 'picky.example' })).body.id;
});
afterAll(() => api.stop());

test.each([
  ['limit=0', 'limit', 'must be at least 1'],
  ['limit=201', 'limit', 'must be at most 200'],
  ['limit=abc', 'limit', 'must be a number'],
  ['limit=1e1', 'limit', 'must be a number'],
  ['limit=0x10', 'limit', 'must be a number'],
  ['limit=', 'limit', 'must be a number'],
  ['limit=1.5', 'limit', 'must be a whole number'],
  ['limit=1&limit=2', 'limit', 'given more than once'],
  ['role=boss', 'role', 'must be one of admin, auditor, analyst, viewer'],
  ['role=admin,boss', 'role', 'must be one of admin, auditor, analyst, viewer'],
  ['cursor=abc', 'cursor', 'not a cursor of this list'],
  ['colour=red', 'colour', 'unknown parameter'],
])('the query %s is refused by the name of its parameter', async (query, field, words) => {
  const { status, body } = await admin.get(`/orgs/${org}/users?${query}`);
  expect({ status, code: body.code, field: body.field }).toEqual({
    status: 422,
    code: 'VALIDATION_ERROR',
    field,
  });
  expect(body.detail).toContain(words);
});

test.each([
  [undefined, undefined, 'the body is required'],
  ['[]', undefined, 'the body must be an object'],
  ['{}', 'name', 'is required'],
  ['{"name":7}', 'name', 'must be text'],
  ['{"name":"  "}', 'name', 'must have at least 1 character'],
  ['{"name":"A","role":"king"}', 'role', 'must be one of'],
  ['{"name":"A","role":"viewer","email":"nobody"}', 'email', 'must be an e-mail address'],
  ['{"name":"A","role":"viewer"}', 'email', 'exactly one of'],
  ['{"name":"A","role":"viewer","email":"a@b.example","admin":true}', 'admin', 'unknown field'],
])('the body %s is refused in words', async (body, field, words) => {
  const answer = await send(body);
  expect(answer).toMatchObject({
    status: 422,
    body: { code: 'VALIDATION_ERROR', detail: expect.stringContaining(words) },
  });
  expect(answer.body.field).toBe(field);
  expect(JSON.stringify(answer.body)).not.toMatch(/Invalid input|expected|received|""/);
});

test('several wrong fields are all named, each once', async () => {
  const { body } = await send('{"name":7,"role":"king","extra":1}');
  expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['name', 'role', 'extra']);
});

test.each([
  ['risks', { category: 'cyber', likelihood: 1, impact: 1, control_refs: ['CC99.9'] }, 'control_refs.0'],
  ['kris', { green_threshold: 1, amber_threshold: 2, collection_method: 'steampipe' }, 'steampipe_query'],
  ['kris', { green_threshold: 1, amber_threshold: 2, steampipe_query: 'select 1' }, 'steampipe_query'],
])('what a rule refuses of %s names its field in the sentence too', async (resource, wrong, field) => {
  const { body } = await admin.post(`/orgs/${org}/${resource}`, { ...titled(resource), ...wrong });
  expect(body).toMatchObject({ code: 'VALIDATION_ERROR', field, errors: [{ field }] });
  expect(body.detail).toBe(`${field}: ${body.errors[0].detail}`);
});

function titled(resource: string): Record<string, string> {
  return resource === 'kris' ? { name: 'Wrong' } : { title: 'Wrong' };
}

function send(body: string | undefined): Promise<Answer> {
  return api.raw(`/api/v1/orgs/${org}/users`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${api.access.token('admin@picky.example')}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  });
}

test.each([
  ['/api/v1/docs/nothing.js', 404],
  ['/API/v1/health', 404],
  ['/api/v1/health', 200],
  ['/api/v1/orgs/nonsense', 401],
])('%s answers %i', async (path, status) => {
  expect((await api.raw(path)).status).toBe(status);
});
