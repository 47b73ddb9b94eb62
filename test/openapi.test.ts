// S25: the document is what the routes are, whole and without loose ends.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACTIONS } from '../domain/permissions.js';
import { startTestApi, type TestApi } from './support/app.js';

let api: TestApi;
let document: any; // oxlint-disable-line typescript/no-explicit-any -- read as a client without types does

beforeAll(async () => {
  api = await startTestApi();
  document = (await api.raw('/api/v1/openapi.json')).body;
});
afterAll(() => api.stop());

interface Operation {
  operationId: string;
  security: unknown[];
  responses: Record<
    string,
    { $ref?: string; headers: object; links?: Record<string, { operationId: string }> }
  >;
}

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

const operations = (): [string, string, Operation][] =>
  Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      path,
      method,
      operation,
    ]),
  );

test('every reference and every link leads somewhere', () => {
  expect(document.openapi).toBe('3.0.3');
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
    (match) => match[1],
  );
  expect(refs.length).toBeGreaterThan(50);
  expect(refs.filter((name) => !(name !== undefined && name in document.components.schemas))).toEqual([]);
  const ids = operations().map(([, , operation]) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const targets = operations().flatMap(([, , operation]) =>
    Object.values(operation.responses).flatMap((response) => Object.values(response.links ?? {})),
  );
  expect(targets.filter((link) => !ids.includes(link.operationId))).toEqual([]);
});

test('every answer of every operation declares the rate limit headers', () => {
  for (const [path, method, operation] of operations()) {
    for (const [status, given] of Object.entries(operation.responses)) {
      const response = given.$ref === undefined ? given : document.components.responses[nameOf(given.$ref)];
      const names = Object.keys(response.headers);
      expect(names, `${method} ${path} ${status}`).toEqual(
        expect.arrayContaining(['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']),
      );
    }
  }
});

test('whatever the document secures answers 401 without a token, with the headers it declares', async () => {
  const secured = operations().filter(([, , operation]) => operation.security.length > 0);
  expect(secured.length).toBeGreaterThan(20);
  for (const [path, method] of secured) {
    const concrete = path.replaceAll(/\{\w+\}/g, '0198c0de-0000-7000-8000-000000000001');
    const answer = await api.raw(concrete, { method: method.toUpperCase() });
    expect(answer.status, `${method} ${path}`).toBe(401);
    expect(answer.body, `${method} ${path}`).toMatchObject({
      code: 'UNAUTHORIZED',
      request_id: expect.any(String),
    });
    expect(answer.headers.get('x-ratelimit-limit'), `${method} ${path}`).not.toBeNull();
  }
});

test('the paths of the reference are there', () => {
  const paths = Object.keys(document.paths);
  const org = '/api/v1/orgs/{org_id}';
  expect(paths).toEqual(
    expect.arrayContaining([
      '/api/v1/frameworks',
      '/api/v1/frameworks/{framework_id}/controls',
      '/api/v1/orgs',
      '/api/v1/users/me',
      `${org}/users/{user_id}`,
      ...['execute', 'pause', 'resume', 'cancel', 'status', 'events', 'bundle'].map(
        (verb) => `${org}/assessments/{assessment_id}/${verb}`,
      ),
      `${org}/findings/{finding_id}`,
      `${org}/audit-log`,
      '/health',
    ]),
  );
  expect(ACTIONS.length).toBeGreaterThan(15);
});

test('unknown routes and methods answer in the one shape', async () => {
  expect(await api.raw('/api/v1/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  const wrong = await api.raw('/api/v1/frameworks', { method: 'DELETE' });
  expect(wrong).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
  expect(wrong.headers.get('allow')).toContain('GET');
});

test('with a real team, the document and its viewer are for people who are signed in', async () => {
  const production = await startTestApi({ ACCESS_TEAM_DOMAIN: 'https://127.0.0.1:1' });
  try {
    for (const path of ['/api/v1/openapi.json', '/api/v1/docs', '/api/v1/docs/swagger-ui.css']) {
      expect((await production.raw(path)).status, path).toBe(401);
    }
    expect((await production.raw('/health')).status).toBe(200);
  } finally {
    await production.stop();
  }
});
