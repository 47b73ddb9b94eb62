import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type Answer, type Caller, type TestApi } from '../support/app.js';
import { findSoc2 } from '../support/soc2.js';

let api: TestApi;
let admin: Caller;
let org: string;
let framework_id: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@assess.example');
  org = (await admin.post('/orgs', { name: 'Assess', domain: 'assess.example' })).body.id;
  framework_id = (await findSoc2(admin)).id;
});

afterAll(async () => {
  await api.stop();
});

const base = (): string => `/orgs/${org}/assessments`;
const NOBODY = '0198c0de-0000-7000-8000-000000000001';

async function created(caller = admin, of = org): Promise<string> {
  const body = { framework_id, name: 'Q1', scope: 'Production', control_refs: ['CC6.1', 'CC1.1'] };
  const answer = await caller.post(`/orgs/${of}/assessments`, body);
  expect(answer.status).toBe(201);
  return answer.body.id;
}

describe('assessments', () => {
  test('are created, read, listed by filter and deleted', async () => {
    const id = await created();
    const read = await admin.get(`${base()}/${id}`);
    expect(read.body).toMatchObject({
      status: 'pending',
      score: null,
      workflow: null,
      control_refs: ['CC6.1', 'CC1.1'],
    });
    expect(
      (await admin.get(`${base()}?status=pending,failed&framework_id=${framework_id}`)).body.items,
    ).toHaveLength(1);
    expect((await admin.get(`${base()}?status=completed`)).body.items).toEqual([]);
    expect((await admin.delete(`${base()}/${id}`)).body).toEqual({ id, deleted: true });
    expect((await admin.get(`${base()}/${id}`)).status).toBe(404);
  });

  test.each([
    ['an unknown framework', { framework_id: NOBODY }, 'framework_id'],
    ['an unknown control', { control_refs: ['CC6.1', 'XX1'] }, 'control_refs.1'],
    ['an empty name', { name: ' ' }, 'name'],
    ['a field that is not writable', { status: 'completed' }, 'status'],
  ])('%s is refused with its field', async (_what, change, field) => {
    const answer = await admin.post(base(), { framework_id, name: 'Q1', scope: 'All', ...change });
    expect(answer).toMatchObject({ status: 422, body: { code: 'VALIDATION_ERROR', field } });
  });

  test('execute starts once, is refused while running, and its command waits for a worker', async () => {
    const id = await created();
    const started = await admin.post(`${base()}/${id}/execute`);
    expect(started).toMatchObject({ status: 200, body: { assessment_id: id, status: 'in_progress' } });
    expect((await admin.post(`${base()}/${id}/execute`)).status).toBe(409);
    expect((await admin.delete(`${base()}/${id}`)).status).toBe(409);
    expect((await admin.get(`${base()}/${id}/bundle`)).status).toBe(409);
    expect((await admin.get(`${base()}/${id}/status`)).body).toMatchObject({
      status: 'in_progress',
      progress: 0,
      controls_total: 2,
      source: 'row',
    });
    expect((await admin.post(`${base()}/${id}/resume`)).status).toBe(409);
    expect((await admin.post(`${base()}/${id}/pause`)).body).toMatchObject({
      status: 'in_progress',
      requested: 'pause',
    });
  });

  test('the sixth run at once is refused, and says when to come back', async () => {
    const busy = api.as('admin@busy.example');
    const { id: of } = (await busy.post('/orgs', { name: 'Busy', domain: 'busy.example' })).body;
    const answers: Answer[] = [];
    for (let i = 0; i < 6; i += 1) {
      answers.push(await busy.post(`/orgs/${of}/assessments/${await created(busy, of)}/execute`));
    }
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200, 429]);
    expect(answers[5]?.headers.get('retry-after')).toBe('60');
    expect(answers[5]?.headers.get('x-ratelimit-remaining')).toBe('0');
  });

  test('the bundle is one document with the hash of each file', async () => {
    const id = await created();
    const { status, body } = await admin.get(`${base()}/${id}/bundle`);
    expect(status).toBe(200);
    expect(Object.keys(body.files)).toEqual(['assessment.json']);
    expect(body.manifest.files['assessment.json']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('events begin with the present state', async () => {
    const id = await created();
    const response = await fetch(`${api.url}/api/v1${base()}/${id}/events`, {
      headers: { authorization: `Bearer ${api.access.token('admin@assess.example')}` },
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('"status":"pending"')) text += (await reader?.read())?.value ?? '';
    expect(text).toContain('event: progress');
    await reader?.cancel();
  });
});

describe('who may', () => {
  test('every path answers 401 without a token, 404 to strangers and for unknown ids', async () => {
    const id = await created();
    const paths = ['', '/status', '/events', '/bundle'];
    for (const path of paths) {
      expect((await api.raw(`/api/v1${base()}/${id}${path}`)).status).toBe(401);
      expect((await api.as('stranger@else.example').get(`${base()}/${id}${path}`)).status).toBe(404);
      expect((await admin.get(`${base()}/${NOBODY}${path}`)).status).toBe(404);
    }
    for (const verb of ['execute', 'pause', 'resume', 'cancel']) {
      expect((await admin.post(`${base()}/${NOBODY}/${verb}`)).status).toBe(404);
      expect((await api.as('stranger@else.example').post(`${base()}/${id}/${verb}`)).status).toBe(404);
    }
  });

  test.each([
    ['viewer', [403, 403, 403, 403]],
    ['auditor', [403, 403, 403, 200]],
    ['analyst', [201, 200, 403, 200]],
  ])('a %s', async (role, [create, execute, remove, download]) => {
    const email = `${role}@assess.example`;
    await admin.post(`/orgs/${org}/users`, { email, name: role, role });
    const member = api.as(email);
    const id = await created();
    expect((await member.get(`${base()}/${id}`)).status).toBe(200);
    expect((await member.post(base(), { framework_id, name: 'Mine', scope: 'All' })).status).toBe(create);
    expect((await member.delete(`${base()}/${id}`)).status).toBe(remove);
    expect((await member.get(`${base()}/${id}/bundle`)).status).toBe(download);
    expect((await member.post(`${base()}/${id}/execute`)).status).toBe(execute);
  });

  test('an id of another organization names nothing', async () => {
    const other = api.as('admin@other.example');
    const { id: of } = (await other.post('/orgs', { name: 'Other', domain: 'other.example' })).body;
    const id = await created();
    expect((await other.get(`/orgs/${of}/assessments/${id}`)).status).toBe(404);
    expect((await other.post(`/orgs/${of}/assessments/${id}/execute`)).status).toBe(404);
    expect((await other.delete(`/orgs/${of}/assessments/${id}`)).status).toBe(404);
    expect((await other.get(`/orgs/${of}/findings?assessment_id=${id}`)).body.items).toEqual([]);
  });
});
