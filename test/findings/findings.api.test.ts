import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOpenControls } from '../../db/assessments/controls.js';
import { connect, type Database } from '../../db/connection.js';
import { stepRun } from '../../db/findings/record.js';
import { withTenant } from '../../db/tenancy.js';
import { insertUser } from '../../db/users/repository.js';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { verdictRecord } from '../support/factories/findings.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

let api: TestApi;
let db: Database;
let org: TestOrg;
let admin: Caller;
let findings: { id: string }[];

beforeAll(async () => {
  api = await startTestApi();
  db = connect({ url: api.database.app_url, pool_max: 4, application_name: 'test' });
  org = await buildOrg(db);
  const { tenant } = org;
  const { id: assessment_id } = await buildAssessment(db, tenant);
  const { execution_id } = await buildExecution(db, tenant, assessment_id);
  await withTenant(db, tenant, async (trx) => {
    const controls = await listOpenControls(trx, execution_id, 0, 10);
    const verdicts = controls.map((control) => verdictRecord(control.id));
    const run = { assessment_id, execution_id };
    await stepRun(trx, tenant, run, { verdicts, failures: [], releases: [], takes: [] });
  });
  // the factory's person has no token yet: an admin of the same organization has
  const email = 'second-admin@people.example';
  await withTenant(db, tenant, async (trx) => {
    await insertUser(trx, tenant.org_id, { email, name: 'Second', role: 'admin' });
  });
  admin = api.as(email);
  findings = (await admin.get(`${base()}?assessment_id=${assessment_id}`)).body.items;
});

afterAll(async () => {
  await db.destroy();
  await api.stop();
});

const base = (): string => `/orgs/${org.tenant.org_id}/findings`;
const NOBODY = '0198c0de-0000-7000-8000-000000000001';

test('are listed by filter and paged by cursor', async () => {
  expect(findings).toHaveLength(3);
  const first = await admin.get(`${base()}?status=pass&limit=2`);
  expect(first.body.items).toHaveLength(2);
  const rest = await admin.get(`${base()}?status=pass&limit=2&cursor=${first.body.next_cursor}`);
  expect(rest.body.items).toHaveLength(1);
  expect(rest.body.next_cursor).toBeNull();
  expect((await admin.get(`${base()}?severity=critical`)).body.items).toEqual([]);
  expect(await admin.get(`${base()}?status=good`)).toMatchObject({
    status: 422,
    body: { code: 'VALIDATION_ERROR' },
  });
});

test('a verdict set by a person carries the person and its history', async () => {
  const path = `${base()}/${findings[0]?.id ?? ''}`;
  const changed = await admin.patch(path, { status: 'fail', remediation_notes: 'No review took place.' });
  expect(changed).toMatchObject({ status: 200, body: { status: 'fail', evaluated_by: { kind: 'person' } } });
  const read = await admin.get(path);
  expect(read.body.history.map((entry: { status: string }) => entry.status)).toEqual(['pass', 'fail']);
  expect(read.body.remediation_notes).toBe('No review took place.');
});

test('wrong input is refused with its field', async () => {
  const path = `${base()}/${findings[1]?.id ?? ''}`;
  expect((await admin.patch(path, {})).status).toBe(422);
  expect((await admin.patch(path, { confidence: 1 })).body.field).toBe('confidence');
  expect((await admin.patch(path, { owner_id: NOBODY })).body).toMatchObject({ field: 'owner_id' });
  expect((await admin.patch(`${base()}/${NOBODY}`, { status: 'pass' })).status).toBe(404);
  expect((await admin.get(`${base()}/not-an-id`)).status).toBe(400);
});

test('strangers see nothing, and without a token there is no answer', async () => {
  const id = findings[0]?.id ?? '';
  expect((await api.raw(`/api/v1${base()}/${id}`)).status).toBe(401);
  const stranger = api.as('admin@elsewhere.example');
  const { id: of } = (await stranger.post('/orgs', { name: 'Else', domain: 'elsewhere.example' })).body;
  expect((await stranger.get(`${base()}/${id}`)).status).toBe(404);
  expect((await stranger.get(`/orgs/${of}/findings/${id}`)).status).toBe(404);
  expect((await stranger.patch(`/orgs/${of}/findings/${id}`, { status: 'pass' })).status).toBe(404);
});

test.each([
  ['viewer', 403],
  ['auditor', 200],
  ['analyst', 200],
])('a %s who changes one is answered %i', async (role, status) => {
  const email = `${role}@findings.example`;
  await admin.post(`/orgs/${org.tenant.org_id}/users`, { email, name: role, role });
  const answer = await api.as(email).patch(`${base()}/${findings[2]?.id ?? ''}`, { remediation_notes: role });
  expect(answer.status).toBe(status);
});
