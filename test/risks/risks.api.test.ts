// The register over HTTP: entered, listed, changed, removed, drawn; each change with its history.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type Answer, type Caller, type TestApi } from '../support/app.js';
import { buildCatalog } from '../support/factories/oscal.js';

let api: TestApi;
let admin: Caller;
let org: string;
let me: string;

const EMAIL = 'admin@risks.example';
const NOBODY = '0198c0de-0000-7000-8000-000000000001';
const RISK = {
  title: 'Third-party data breach',
  description: 'Risk of vendor experiencing data breach affecting our data',
  category: 'third_party',
  likelihood: 3,
  impact: 4,
  treatment: 'mitigate',
};

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as(EMAIL);
  org = await found('risks.example');
  me = (await admin.get('/users/me')).body.id;
});
afterAll(() => api.stop());

async function found(domain: string): Promise<string> {
  return `/orgs/${(await admin.post('/orgs', { name: domain, domain })).body.id}`;
}

const enter = async (more: object = {}, where = org): Promise<Answer['body']> => {
  const { status, body } = await admin.post(`${where}/risks`, { ...RISK, ...more });
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
};

test('a risk is entered with its scores, its reference and its controls', async () => {
  const risk = await enter({ owner_id: me, control_refs: ['CC9.2', 'SOC2_TYPE2:CC6.1', 'CC9.2'] });
  expect(risk).toMatchObject({
    ...RISK,
    ref: expect.stringMatching(/^RISK-\d+$/),
    status: 'open',
    inherent_score: 60,
    residual_score: 60,
    residual_source: 'computed',
    residual_cell: { likelihood: 3, impact: 4 },
    effectiveness: 0,
    controls_judged: 0,
    appetite: 'exceeds',
    owner_id: me,
    control_refs: ['CC6.1', 'CC9.2'],
    acceptance: null,
    revision: 1,
  });
  expect(risk.controls).toMatchObject([
    { ref: 'CC6.1', framework: 'SOC2_TYPE2', finding_id: null, finding_status: null },
    { ref: 'CC9.2' },
  ]);
  expect((await admin.get(`${org}/risks/${risk.id}`)).body).toEqual(risk);
  const next = await enter();
  expect(Number(next.ref.slice(5))).toBe(Number(risk.ref.slice(5)) + 1);
});

test('is listed by filter, newest first, a page at a time', async () => {
  const where = await found('list.example');
  const ids: string[] = [];
  for (const likelihood of [1, 2, 3, 4, 5]) ids.unshift((await enter({ likelihood, impact: 4 }, where)).id);
  await admin.put(`${where}/risks/${ids[0] ?? ''}`, {
    status: 'transferred',
    category: 'cyber',
    owner_id: me,
  });
  const listed = async (query: string): Promise<string[]> => {
    const { status, body } = await admin.get(`${where}/risks?${query}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body.items.map(({ id }: { id: string }) => id);
  };
  expect(await listed('')).toEqual(ids);
  expect(await listed('status=open')).toEqual(ids.slice(1));
  expect(await listed('status=open,transferred')).toEqual(ids);
  expect(await listed(`owner_id=${me}`)).toEqual(ids.slice(0, 1));
  expect(await listed('category=cyber')).toEqual(ids.slice(0, 1));
  expect(await listed('min_score=60')).toEqual(ids.slice(0, 3));
  expect(await listed('min_score=60.01')).toEqual(ids.slice(0, 2));
  const first = (await admin.get(`${where}/risks?limit=2`)).body;
  const rest = (await admin.get(`${where}/risks?limit=200&cursor=${first.next_cursor}`)).body;
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
  for (const wrong of ['status=closed', 'category=war', 'min_score=126', 'min_score=1e1', 'sort=score'])
    expect((await admin.get(`${where}/risks?${wrong}`)).status, wrong).toBe(422);
});

test('PUT merges; residual levels come together and can be taken back', async () => {
  const { id } = await enter();
  const put = (body: object): Promise<Answer> => admin.put(`${org}/risks/${id}`, body);
  expect(await put({ status: 'mitigated', residual_likelihood: 2, residual_impact: 3 })).toMatchObject({
    status: 200,
    body: {
      title: RISK.title,
      status: 'mitigated',
      residual_score: 30,
      residual_source: 'manual',
      residual_cell: { likelihood: 2, impact: 3 },
      appetite: 'approaching',
    },
  });
  for (const half of [{ residual_likelihood: 2 }, { residual_likelihood: 2, residual_impact: null }])
    expect(await put(half)).toMatchObject({ status: 422, body: { field: 'residual_impact' } });
  expect(await put({ residual_impact: 2 })).toMatchObject({
    status: 422,
    body: { field: 'residual_likelihood' },
  });
  expect((await put({ residual_likelihood: null, residual_impact: null })).body).toMatchObject({
    residual_score: 60,
    residual_source: 'computed',
    residual_likelihood: null,
  });
  expect((await put({ likelihood: 5, impact: 5 })).body).toMatchObject({
    inherent_score: 125,
    appetite: 'critical',
  });
  expect((await put({ control_refs: ['CC1.1'] })).body.control_refs).toEqual(['CC1.1']);
  expect((await put({ control_refs: [] })).body.controls).toEqual([]);
});

test('wrong input is refused with its field', async () => {
  const { id } = await enter();
  const post = (more: object): Promise<Answer> => admin.post(`${org}/risks`, { ...RISK, ...more });
  expect((await post({ likelihood: 6 })).body).toMatchObject({ field: 'likelihood' });
  expect((await post({ impact: 2.5 })).body).toMatchObject({ field: 'impact' });
  expect((await post({ category: 'war' })).body).toMatchObject({ field: 'category' });
  expect((await post({ owner_id: NOBODY })).body).toMatchObject({ field: 'owner_id' });
  expect((await post({ control_refs: ['CC1.1', 'CC99.1'] })).body).toMatchObject({ field: 'control_refs.1' });
  expect((await post({ inherent_score: 5 })).body).toMatchObject({ field: 'inherent_score' });
  expect((await admin.put(`${org}/risks/${id}`, {})).status).toBe(422);
  expect((await admin.put(`${org}/risks/${NOBODY}`, { title: 'x' })).status).toBe(404);
  expect((await admin.get(`${org}/risks/not-an-id`)).status).toBe(400);
  expect((await admin.get(`${org}/risks/${NOBODY}/history`)).status).toBe(404);
  expect((await api.as('stranger@risks.example').get(`${org}/risks`)).status).toBe(404);
  expect((await api.raw(`/api/v1${org}/risks`)).status).toBe(401);
});

test('a reference that several frameworks have is asked for by its framework', async () => {
  for (const key of ['ONE', 'TWO']) {
    const { status, body } = await admin.post(`${org}/frameworks/import`, { key, catalog: buildCatalog() });
    expect(status, JSON.stringify(body)).toBe(201);
  }
  const frameworks = (await admin.get('/frameworks')).body.items;
  const { id } = frameworks.find(({ key }: { key: string }) => key === 'ONE');
  const { ref } = (await admin.get(`/frameworks/${id}/controls`)).body.items[0];
  const refused = await admin.post(`${org}/risks`, { ...RISK, control_refs: [ref] });
  expect(refused).toMatchObject({ status: 422, body: { field: 'control_refs.0' } });
  expect(refused.body.detail).toContain(`ONE:${ref}`);
  expect((await enter({ control_refs: [`TWO:${ref}`] })).controls).toMatchObject([{ ref, framework: 'TWO' }]);
});

test('every change is in the history, with what moved and who', async () => {
  const { id } = await enter();
  await admin.put(`${org}/risks/${id}`, { likelihood: 5 });
  await admin.put(`${org}/risks/${id}`, { likelihood: 5 }); // changes nothing, tells nothing
  await admin.put(`${org}/risks/${id}`, { status: 'accepted', acceptance: { reason: 'Insured' } });
  const { body } = await admin.get(`${org}/risks/${id}/history`);
  expect(body.items).toMatchObject([
    {
      revision: 3,
      cause: 'updated',
      status: 'accepted',
      changes: [
        { field: 'status', from: 'open', to: 'accepted' },
        { field: 'acceptance', from: null, to: { reason: 'Insured', expires_at: null } },
      ],
    },
    {
      revision: 2,
      actor_id: me,
      inherent_score: 100,
      changes: [
        { field: 'likelihood', from: 3, to: 5 },
        { field: 'inherent_score', from: 60, to: 100 },
        { field: 'residual_score', from: 60, to: 100 },
      ],
    },
    { revision: 1, cause: 'created', inherent_score: 60, residual_score: 60, changes: [] },
  ]);
  const page = (await admin.get(`${org}/risks/${id}/history?limit=2`)).body;
  const rest = (await admin.get(`${org}/risks/${id}/history?limit=2&cursor=${page.next_cursor}`)).body;
  expect(rest.items.map(({ revision }: { revision: number }) => revision)).toEqual([1]);
});

test('accepted needs a reason; another status ends it', async () => {
  const { id } = await enter();
  const put = (body: object): Promise<Answer> => admin.put(`${org}/risks/${id}`, body);
  expect(await put({ status: 'accepted' })).toMatchObject({ status: 422, body: { field: 'acceptance' } });
  expect(await put({ status: 'accepted', acceptance: { reason: ' ' } })).toMatchObject({
    status: 422,
    body: { field: 'acceptance.reason' },
  });
  expect(
    await put({ status: 'accepted', acceptance: { reason: 'x', expires_at: '2020-01-01T00:00:00Z' } }),
  ).toMatchObject({ status: 422, body: { field: 'acceptance.expires_at' } });
  expect(await put({ acceptance: { reason: 'x' } })).toMatchObject({
    status: 422,
    body: { field: 'acceptance' },
  });
  const expires_at = new Date(Date.now() + 86_400_000).toISOString();
  expect(
    (await put({ status: 'accepted', acceptance: { reason: 'Insured', expires_at } })).body,
  ).toMatchObject({
    status: 'accepted',
    acceptance: {
      reason: 'Insured',
      expires_at: expect.stringContaining(expires_at.slice(0, 23)),
      accepted_by: me,
    },
  });
  expect((await put({ status: 'open' })).body).toMatchObject({ status: 'open', acceptance: null });
});

test('is removed with all that belongs to it, and stays in the audit log', async () => {
  const { id, ref } = await enter({ control_refs: ['CC1.1'] });
  await admin.put(`${org}/risks/${id}`, { status: 'accepted', acceptance: { reason: 'Insured' } });
  expect((await admin.delete(`${org}/risks/${id}`)).body).toEqual({ id, deleted: true });
  expect((await admin.get(`${org}/risks/${id}`)).status).toBe(404);
  expect((await admin.delete(`${org}/risks/${id}`)).status).toBe(404);
  const { body } = await admin.get(`${org}/audit-log?resource=${id}`);
  expect(body.items[0]).toMatchObject({ action: 'risk.delete', before: { ref, status: 'accepted' } });
});

test('who has seen an older risk does not overwrite a newer one', async () => {
  const { id } = await enter();
  const seen = (await admin.get(`${org}/risks/${id}`)).headers.get('etag') ?? '';
  await admin.put(`${org}/risks/${id}`, { title: 'Newer' });
  const late = await api.raw(`/api/v1${org}/risks/${id}`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${api.access.token(EMAIL)}`,
      'content-type': 'application/json',
      'if-match': seen,
    },
    body: JSON.stringify({ title: 'Older' }),
  });
  expect(late.status).toBe(412);
});
