// The heatmap over HTTP, as numbers and as a picture.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type Answer, type Caller, type TestApi } from '../support/app.js';

let api: TestApi;
let admin: Caller;
let org: string;

const EMAIL = 'admin@heat.example';
const RISK = { title: 'Breach', description: '', category: 'cyber', likelihood: 3, impact: 4 };

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as(EMAIL);
  org = await found('first.example');
});
afterAll(() => api.stop());

async function found(domain: string): Promise<string> {
  return `/orgs/${(await admin.post('/orgs', { name: domain, domain })).body.id}`;
}

const enter = async (more: object, where: string): Promise<Answer['body']> => {
  const { status, body } = await admin.post(`${where}/risks`, { ...RISK, ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};
const draw = (query = '', accept = 'image/svg+xml', where = org): Promise<Response> =>
  fetch(`${api.url}/api/v1${where}/risks/heatmap${query}`, {
    headers: { authorization: `Bearer ${api.access.token(EMAIL)}`, accept },
  });

test('the heatmap counts open risks by cell, before and after controls', async () => {
  const where = await found('heat.example');
  expect((await admin.get(`${where}/risks/heatmap`)).body).toEqual({
    inherent: [],
    residual: [],
    total: 0,
    bounds: { approaching: 25, exceeds: 50, critical: 75 },
  });
  await enter({ likelihood: 2, impact: 3 }, where);
  const { id } = await enter({ likelihood: 5, impact: 4 }, where);
  await enter({ likelihood: 5, impact: 4 }, where);
  const gone = await enter({ likelihood: 1, impact: 1 }, where);
  await admin.put(`${where}/risks/${id}`, { residual_likelihood: 2, residual_impact: 3 });
  await admin.put(`${where}/risks/${gone.id}`, { status: 'mitigated' });
  const map = (await admin.get(`${where}/risks/heatmap`)).body;
  expect(map).toMatchObject({
    inherent: [
      { likelihood: 5, impact: 4, count: 2 },
      { likelihood: 2, impact: 3, count: 1 },
    ],
    residual: [
      { likelihood: 5, impact: 4, count: 1 },
      { likelihood: 2, impact: 3, count: 2 },
    ],
    total: 3,
  });
  expect((await admin.get(`${where}/risks/heatmap?status=open,mitigated`)).body.total).toBe(4);
  await admin.put(where, { settings: { appetite: { approaching: 1, exceeds: 2, critical: 3 } } });
  expect((await admin.get(`${where}/risks/heatmap`)).body.bounds).toEqual({
    approaching: 1,
    exceeds: 2,
    critical: 3,
  });
  expect((await admin.get(`${where}/risks/${gone.id}`)).body.appetite).toBe('critical');
});

test('heatmap and recompute are no ids, whatever the method', async () => {
  for (const [name, method] of [
    ['heatmap', 'GET, HEAD'],
    ['recompute', 'POST'],
  ] as const) {
    const refused = await admin.put(`${org}/risks/${name}`, { title: 'x' });
    expect(refused).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
    expect(refused.headers.get('allow')).toBe(method);
    expect((await admin.delete(`${org}/risks/${name}`)).status).toBe(405);
  }
  expect((await admin.put(`${org}/risks/heat`, { title: 'x' })).status).toBe(400);
});

test('the heatmap is a picture for whoever asks for one', async () => {
  for (const [query, accept, type] of [
    ['', 'image/svg+xml', 'image/svg+xml'],
    ['', 'image/*;q=0.9, application/json;q=0.1', 'image/svg+xml'],
    ['?format=svg', 'application/json', 'image/svg+xml'],
    ['?format=svg&view=residual', '*/*', 'image/svg+xml'],
    ['?format=json', 'image/svg+xml', 'application/json'],
    ['', '*/*', 'application/json'],
    ['', 'text/html', 'application/json'],
  ] as const) {
    const answer = await draw(query, accept);
    expect([answer.status, answer.headers.get('content-type')?.split(';')[0]], `${query} ${accept}`).toEqual([
      200,
      type,
    ]);
    expect(answer.headers.get('vary')).toContain('Accept');
    const text = await answer.text();
    if (type === 'image/svg+xml') expect(text).toMatch(/^<svg [^]*<\/svg>\n$/);
  }
  const etag = async (where: string) => (await draw('', 'image/svg+xml', where)).headers.get('etag');
  expect(await etag(org)).not.toBe(await etag(await found('other.example')));
  expect((await draw('?format=png')).status).toBe(422);
});
