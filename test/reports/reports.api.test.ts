// Reports over HTTP: asking, counting, downloading, deleting. What a workflow does is done by hand here.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TenantContext } from '../../domain/tenant.js';
import { reportKey } from '../../domain/reports/rules.js';
import { failReport } from '../../db/reports/transitions.js';
import { withTenant } from '../../db/tenancy.js';
import { withClient } from '../../local/postgres/databases.js';
import { type Answer, type Caller, startTestApi, type TestApi } from '../support/app.js';
import { buildAssessment } from '../support/factories/assessments.js';
import { buildCompletedReport, buildReport } from '../support/factories/reports.js';
import { acceptingGate } from '../support/fakes/temporal-gate.js';
import { startEmbeddedStore, type TestStore } from '../support/object-stores.js';
import { startStoreGate, type StoreGate } from './store-gate.js';

const BYTES = Buffer.from('%PDF-1.7 a report');
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const RISKS = { type: 'risk_register', format: 'pdf' } as const;

let storage: TestStore;
let gate: StoreGate;
let api: TestApi;

beforeAll(async () => {
  storage = await startEmbeddedStore();
  gate = await startStoreGate(storage.url);
  api = await startTestApi({ ...storage.env, S3_ENDPOINT: gate.url }, undefined, ({ routes }) => ({
    routes: { temporal: acceptingGate(routes.db) },
    edge: { isOverloaded: () => false },
  }));
});
afterAll(async () => {
  await api.stop();
  await gate.stop();
  await storage.stop();
});

interface Org {
  tenant: TenantContext;
  admin: Caller;
  token: string;
  path: string;
}

let orgs = 0;
async function newOrg(): Promise<Org> {
  orgs += 1;
  const domain = `reports-${String(orgs)}.example`;
  const admin = api.as(`admin@${domain}`);
  const { id: org_id } = (await admin.post('/orgs', { name: domain, domain })).body;
  const { id: actor_id } = (await admin.get('/users/me')).body;
  const tenant = { org_id, actor_id, request_id: 'test', role: 'admin' as const, address: '127.0.0.1' };
  return { tenant, admin, token: api.access.token(`admin@${domain}`), path: `/orgs/${org_id}/reports` };
}

async function completed({ tenant }: Org, kept = true): Promise<string> {
  const made = { sha256: SHA256, size: BYTES.length };
  const { id } = await buildCompletedReport(api.database.db, tenant, made, RISKS);
  const key = reportKey(tenant.org_id, id, SHA256);
  if (kept) await storage.store.put({ key, body: BYTES, content_type: 'application/pdf' });
  return id;
}

async function fetchBytes({ token, path }: Org, more: string): Promise<Response> {
  return await fetch(`${api.url}/api/v1${path}/${more}`, {
    headers: { authorization: `Bearer ${token}` },
    redirect: 'manual',
  });
}

describe('asking for a report', () => {
  test('answers the whole of it, to be followed', async () => {
    const org = await newOrg();
    const { id: assessment_id } = await buildAssessment(api.database.db, org.tenant);
    const body = { type: 'compliance_summary', format: 'xlsx', assessment_id };
    const asked = await org.admin.post(`${org.path}/generate`, body);
    expect(asked).toMatchObject({
      status: 201,
      body: {
        ...body,
        status: 'pending',
        requested_by: org.tenant.actor_id,
        failure: null,
        as_of: null,
        filename: null,
        content_type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        size: null,
        sha256: null,
        workflow: { id: `report:${org.tenant.org_id}:${asked.body.id}` },
      },
    });
    expect((await org.admin.get(`${org.path}/${asked.body.id}`)).body).toEqual(asked.body);
  });

  const UNKNOWN = '0198c0de-0000-7000-8000-00000000dead';
  test.each([
    [{ type: 'compliance_summary', format: 'pdf' }, 'assessment_id', 'assessment_id: is required'],
    [{ type: 'gap_analysis', format: 'pdf', assessment_id: null }, 'assessment_id', /must be text/],
    [{ type: 'gap_analysis', format: 'pdf', assessment_id: 'x' }, 'assessment_id', /must be a UUID/],
    [{ type: 'gap_analysis', format: 'pdf', assessment_id: UNKNOWN }, 'assessment_id', /no such assessment/],
    [{ ...RISKS, assessment_id: UNKNOWN }, 'assessment_id', 'assessment_id: unknown field'],
    [{ type: 'risk_register' }, 'format', 'format: must be one of pdf, xlsx, json'],
    [{ ...RISKS, format: 'docx' }, 'format', 'format: must be one of pdf, xlsx, json'],
    [{ format: 'pdf' }, 'type', /must be one of compliance_summary, gap_analysis, risk_register/],
    [{ type: 'everything', format: 'pdf' }, 'type', /must be one of compliance_summary/],
    [{ ...RISKS, language: 'de' }, 'language', 'language: unknown field'],
  ])('refuses %j', async (body, field, detail) => {
    const org = await newOrg();
    const { status, body: refused } = await org.admin.post(`${org.path}/generate`, body);
    expect([status, refused.code, refused.field]).toEqual([422, 'VALIDATION_ERROR', field]);
    expect(refused.detail).toMatch(detail);
    expect((await org.admin.get(org.path)).body.items).toEqual([]);
  });

  test('of an assessment of another organization is refused as if it were not there', async () => {
    const [org, other] = [await newOrg(), await newOrg()];
    const { id: assessment_id } = await buildAssessment(api.database.db, other.tenant);
    const answer = await org.admin.post(`${org.path}/generate`, {
      type: 'gap_analysis',
      format: 'pdf',
      assessment_id,
    });
    expect(answer).toMatchObject({ status: 422, body: { field: 'assessment_id' } });
  });

  test('ten in an hour pass of thirty at once, and no eleventh before the first is an hour old', async () => {
    const org = await newOrg();
    const ask = async (): Promise<Answer> => {
      for (;;) {
        const answer = await org.admin.post(`${org.path}/generate`, RISKS);
        // the pool of a busy machine, not the limit
        if (answer.status !== 503) return answer;
      }
    };
    const answers = await Promise.all(Array.from({ length: 30 }, ask));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(10);
    const left = made.map(({ headers }) => Number(headers.get('x-ratelimit-remaining')));
    expect(left.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(made.every(({ headers }) => headers.get('x-ratelimit-limit') === '10')).toBe(true);
    for (const { status, body, headers } of answers.filter((answer) => !made.includes(answer))) {
      expect([status, body.code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(3_400);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(3_600);
      expect(headers.get('x-ratelimit-remaining')).toBe('0');
    }
    expect((await org.admin.get(`${org.path}?limit=200`)).body.items).toHaveLength(10);

    // deleting gives nothing back, failing neither
    const [first] = made;
    await withTenant(api.database.db, org.tenant, (trx) =>
      failReport(trx, org.tenant, first?.body.id, { failure: 'It was cancelled.', cancelled: true }),
    );
    expect((await org.admin.delete(`${org.path}/${first?.body.id}`)).status).toBe(200);
    expect((await ask()).status).toBe(429);

    await withClient(api.database.owner_url, (client) =>
      client.query(`update report set created_at = created_at - interval '61 minutes' where id = $1`, [
        first?.body.id,
      ]),
    );
    expect((await ask()).status).toBe(201);
    expect((await ask()).status).toBe(429);
  });
});

test('lists what is asked for, newest first, page by page', async () => {
  const org = await newOrg();
  const { db } = api.database;
  const ids = [
    await completed(org),
    (await buildReport(db, org.tenant, { type: 'incident_summary', format: 'json' })).id,
    (await buildReport(db, org.tenant, { type: 'risk_register', format: 'xlsx' })).id,
  ].toReversed();
  const list = async (query = ''): Promise<string[]> =>
    (await org.admin.get(`${org.path}${query}`)).body.items.map(({ id }: { id: string }) => id);
  expect(await list()).toEqual(ids);
  expect(await list('?status=completed')).toEqual([ids[2]]);
  expect(await list('?type=risk_register')).toEqual([ids[0], ids[2]]);
  expect(await list('?format=json,xlsx')).toEqual([ids[0], ids[1]]);
  const first = await org.admin.get(`${org.path}?limit=2`);
  const rest = await list(`?limit=2&cursor=${first.body.next_cursor}`);
  expect(rest).toEqual([ids[2]]);
  for (const query of ['?type=pdf', '?status=done', '?colour=red', '?limit=0'])
    expect((await org.admin.get(`${org.path}${query}`)).status, query).toBe(422);
});

describe('a download', () => {
  test('gives the bytes with their type, name, length and hash, and is audited', async () => {
    const org = await newOrg();
    const id = await completed(org);
    const response = await fetchBytes(org, `${id}/download`);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(BYTES);
    const day = new Date().toISOString().slice(0, 10);
    const name = `risk-register-${day}.pdf`;
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(BYTES.length),
      'content-disposition': `attachment; filename="${name}"; filename*=UTF-8''${name}`,
      'repr-digest': `sha-256=:${createHash('sha256').update(BYTES).digest('base64')}:`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const log = await org.admin.get(`/orgs/${org.tenant.org_id}/audit-log?resource=${id}`);
    const downloads = log.body.items.filter(({ action }: { action: string }) => action === 'report.download');
    expect(downloads).toMatchObject([{ after: { sha256: SHA256 }, actor_id: org.tenant.actor_id }]);
  });

  test('may send to where the bytes are, without a token and under the same name', async () => {
    const org = await newOrg();
    const id = await completed(org);
    const response = await fetchBytes(org, `${id}/download?redirect=true`);
    expect(response.status).toBe(302);
    const location = response.headers.get('location') ?? '';
    expect(await response.json()).toEqual({ download_url: location, expires_in: 300, sha256: SHA256 });
    const direct = await fetch(location);
    expect(Buffer.from(await direct.arrayBuffer())).toEqual(BYTES);
    expect(direct.headers.get('content-type')).toBe('application/pdf');
    expect(direct.headers.get('content-disposition')).toContain('risk-register-');
    expect((await fetchBytes(org, `${id}/download?redirect=yes`)).status).toBe(422);
  });

  test('is refused until it is made, and where it failed', async () => {
    const org = await newOrg();
    const { id } = await buildReport(api.database.db, org.tenant);
    const early = await org.admin.get(`${org.path}/${id}/download`);
    expect(early).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', detail: 'cannot download a report that is pending; allowed now: cancel' },
    });
    await withTenant(api.database.db, org.tenant, (trx) =>
      failReport(trx, org.tenant, id, { failure: 'Too much.', cancelled: false }),
    );
    expect((await org.admin.get(`${org.path}/${id}`)).body).toMatchObject({
      status: 'failed',
      failure: 'Too much.',
    });
    expect((await org.admin.get(`${org.path}/${id}/download`)).status).toBe(409);
  });

  test('says so when the store is away, or has lost the bytes', async () => {
    const org = await newOrg();
    const lost = await completed(org, false);
    expect(await org.admin.get(`${org.path}/${lost}/download`)).toMatchObject({
      status: 503,
      body: { code: 'SERVICE_UNAVAILABLE', detail: expect.stringContaining('has lost its bytes') },
    });
    const id = await completed(org);
    gate.away = true;
    try {
      expect(await org.admin.get(`${org.path}/${id}/download`)).toMatchObject({
        status: 503,
        body: { code: 'SERVICE_UNAVAILABLE' },
      });
    } finally {
      gate.away = false;
    }
    expect((await fetchBytes(org, `${id}/download`)).status).toBe(200);
  });
});

test('a deleted report is gone for everybody, one that is made cannot be deleted', async () => {
  const org = await newOrg();
  const { id: waiting } = await buildReport(api.database.db, org.tenant);
  expect(await org.admin.delete(`${org.path}/${waiting}`)).toMatchObject({
    status: 409,
    body: { detail: 'cannot delete a report that is pending; allowed now: cancel' },
  });
  const id = await completed(org);
  expect(await org.admin.delete(`${org.path}/${id}`)).toMatchObject({
    status: 200,
    body: { id, deleted: true },
  });
  for (const path of [id, `${id}/download`])
    expect((await org.admin.get(`${org.path}/${path}`)).status, path).toBe(404);
  expect((await org.admin.delete(`${org.path}/${id}`)).status).toBe(404);
  expect((await org.admin.post(`${org.path}/${id}/cancel`)).status).toBe(404);
});

test('a cancellation is asked for once, and not of what is over', async () => {
  const org = await newOrg();
  const { id } = await buildReport(api.database.db, org.tenant);
  const cancelled = await org.admin.post(`${org.path}/${id}/cancel`);
  expect(cancelled).toMatchObject({ status: 200, body: { id, requested: null } });
  const over = await completed(org);
  expect(await org.admin.post(`${org.path}/${over}/cancel`)).toMatchObject({
    status: 409,
    body: { detail: 'cannot cancel a report that is completed; allowed now: download, delete' },
  });
});
