// Refusing early beats answering everybody late: who comes too many is told when to come back, and probes are served.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/app.js';

let overloaded = false;
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({}, undefined, () => ({ edge: { isOverloaded: () => overloaded } }));
});
afterAll(() => api.stop());

test('an overloaded process refuses what can wait, before it looks at anything', async () => {
  const caller = api.as('crowd@people.example');
  expect((await caller.get('/orgs')).status).toBe(200);
  overloaded = true;
  const refused = await caller.post('/orgs', { name: 'Crowd', domain: 'crowd.example' });
  expect(refused).toMatchObject({ status: 503, body: { code: 'SERVICE_UNAVAILABLE' } });
  expect(refused.headers.get('retry-after')).toBe('2');
  expect(refused.headers.get('x-ratelimit-limit')).not.toBeNull();
  for (const probe of ['/livez', '/readyz', '/health', '/api/v1/health'])
    expect((await api.raw(probe)).body, probe).not.toMatchObject({ detail: expect.anything() });
  overloaded = false;
  expect((await caller.get('/orgs')).body.items).toEqual([]);
});
