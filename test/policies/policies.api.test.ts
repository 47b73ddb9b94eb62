// Policies through HTTP: what ships, what replaces it, what is refused and where, what it was before, and who was it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BUILT_IN_POLICIES } from '../../db/seeds/policies/index.js';
import { OBLIGATION_TEMPLATES } from '../../domain/incidents/obligations.js';
import { startTestApi, type Caller, type TestApi } from '../support/app.js';

let api: TestApi;
let admin: Caller;
let org: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@policies.example');
  org = `/orgs/${(await admin.post('/orgs', { name: 'Policies', domain: 'policies.example' })).body.id}`;
});
afterAll(() => api.stop());

const STEP = 'playbook_step';
const path = (rest = '') => `${org}/policies/${STEP}${rest}`;
const ALLOW = 'package playbook_step\n\ndecision := {"decision": "allow", "reasons": ["ours"]}\n';

test('ships a policy for steps and one for duties; each answers its own example', async () => {
  const { body } = await admin.get(`${org}/policies`);
  expect(body.items.map(({ name }: { name: string }) => name)).toEqual(Object.keys(BUILT_IN_POLICIES));
  for (const { name, sha256 } of body.items) {
    const { body: shown } = await admin.get(`${org}/policies/${name}`);
    expect(shown).toMatchObject({ name, sha256, revision: 0, built_in: true, changed_by: null });
    const tried = await admin.post(`${org}/policies/${name}/test`, { input: shown.example_input });
    expect(tried).toMatchObject({ status: 200, body: { name, sha256, failure: null } });
    expect(tried.body.answer).not.toBeNull();
  }
  expect((await admin.get(`${org}/policies/none`)).status).toBe(404);
});

test('a policy is replaced, remembered, audited, and put back', async () => {
  const shipped = (await admin.get(path())).body;
  const replaced = await admin.put(path(), { source: ALLOW, notes: 'Trust us' });
  expect(replaced).toMatchObject({
    status: 200,
    body: { revision: 1, built_in: false, source: ALLOW, notes: 'Trust us' },
  });
  expect(replaced.body.sha256).not.toBe(shipped.sha256);
  const tried = await admin.post(path('/test'), { input: {} });
  expect(tried.body).toMatchObject({
    answer: { decision: 'allow' },
    decision: { decision: 'allow', reasons: ['ours'], revision: replaced.body.sha256 },
  });
  const back = await admin.post(path('/reset'), { notes: 'Better not' });
  expect(back.body).toMatchObject({ revision: 2, built_in: true, sha256: shipped.sha256 });
  const { body } = await admin.get(path('/revisions'));
  expect(body.items).toMatchObject([
    { revision: 2, built_in: true, source: shipped.source, notes: 'Better not' },
    { revision: 1, built_in: false, source: ALLOW, changed_by: replaced.body.changed_by },
  ]);
  const { body: log } = await admin.get(`${org}/audit-log?resource=policy`);
  const changes = log.items.filter(({ action }: { action: string }) => action !== 'policy.test');
  expect(changes).toMatchObject([
    { action: 'policy.reset', resource_id: STEP, after: { revision: 2 } },
    { action: 'policy.replace', before: { sha256: shipped.sha256 }, after: { sha256: replaced.body.sha256 } },
  ]);
});

test.each([
  [
    'an unknown function',
    'package playbook_step\n\ndecision := foo(1)\n',
    /^line 3, column 13: undefined function foo/,
  ],
  ['broken words', 'package playbook_step\ndecision := {\n', /^line \d+, column \d+: unexpected/],
  [
    'an unsafe variable',
    '# so\npackage playbook_step\ndecision := x if not x\n',
    /^line 3, column \d+: .*unsafe/,
  ],
  [
    'old Rego',
    'package playbook_step\ndecision = {"decision": "allow"} { input.x }\n',
    /^line 2, column \d+: /,
  ],
])('%s is refused with its place, and what is in force stays', async (_, source, says) => {
  const before = (await admin.get(path())).body;
  const refused = await admin.put(path(), { source });
  expect(refused).toMatchObject({ status: 422, body: { code: 'VALIDATION_ERROR', field: 'source' } });
  expect(refused.body.errors[0]).toMatchObject({ field: 'source', detail: expect.stringMatching(says) });
  expect((await admin.get(path())).body).toEqual(before);
});

test.each([
  ['decides nothing', 'package playbook_step\nother := 1\n', 'has no value'],
  ['decides in other words', 'package playbook_step\ndecision := "allow"\n', 'is not an object'],
])('a policy that %s is refused', async (_, source, says) => {
  const refused = await admin.put(path(), { source });
  expect(refused).toMatchObject({ status: 422, body: { field: 'source' } });
  expect(refused.body.detail).toContain(says);
});

test('a draft is tried without being taken', async () => {
  const before = (await admin.get(path())).body;
  const tried = await admin.post(path('/test'), { source: ALLOW, input: {} });
  expect(tried.body.decision).toMatchObject({ decision: 'allow', reasons: ['ours'] });
  const silent = await admin.post(path('/test'), { source: 'package playbook_step\nx := 1\n', input: {} });
  expect(silent.body).toMatchObject({ answer: null, decision: { decision: 'deny' } });
  expect((await admin.get(path())).body).toEqual(before);
});

const incident = async (affected_records: number | null, severity = 'high') => {
  const body = { title: 'Leak', description: 'A bucket', category: 'data_breach', severity };
  const { id } = (
    await admin.post(`${org}/incidents`, {
      ...body,
      ...(affected_records !== null && { affected_records }),
    })
  ).body;
  const answer = await admin.get(`${org}/incidents/${id}/obligations/suggestions`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body;
};
const appliesOf = (body: { items: { code: string; applies: string }[] }) =>
  Object.fromEntries(body.items.map(({ code, applies }) => [code, applies]));
const bind = (regulation: object) => admin.put(org, { settings: { regulation } });

test('suggests duties by where the organization is bound and what happened; what is not settled stays undecided', async () => {
  const nowhere = await incident(1000);
  expect(nowhere.notice).toBe('decision aid, not legal advice');
  expect(new Set(Object.values(appliesOf(nowhere)))).toEqual(new Set(['undecided']));
  expect(Object.keys(appliesOf(nowhere))).toEqual(OBLIGATION_TEMPLATES.map(({ code }) => code));

  await bind({ jurisdictions: ['EU'], sectors: ['financial'], personal_data: true });
  expect(appliesOf(await incident(1000))).toMatchObject({
    gdpr_33: 'required',
    uk_gdpr_33: 'not_required',
    nis2_early_warning: 'not_required',
    dora_initial: 'required',
    sec_8k_105: 'not_required',
    contract_notice: 'undecided',
  });
  expect(appliesOf(await incident(0, 'low'))).toMatchObject({
    gdpr_33: 'not_required',
    dora_initial: 'undecided',
  });
  expect(appliesOf(await incident(null))).toMatchObject({ gdpr_33: 'undecided' });

  await bind({ jurisdictions: ['US'], sectors: ['health', 'listed'], personal_data: true });
  expect(appliesOf(await incident(400))).toMatchObject({
    hipaa_individuals: 'required',
    hipaa_media: 'not_required',
    hipaa_hhs: 'required',
    sec_8k_105: 'undecided',
  });
  expect(appliesOf(await incident(501))).toMatchObject({ hipaa_media: 'required' });
});

test('an own policy for duties decides, line by line; without an engine all is undecided', async () => {
  const source =
    'package incident_obligations\n\nduties := {"gdpr_33": {"applies": "required", "reason": "always"}, "sec_8k_105": 7}\n';
  expect((await admin.put(`${org}/policies/incident_obligations`, { source })).status).toBe(200);
  const body = await incident(0);
  expect(body.items[0]).toMatchObject({ code: 'gdpr_33', applies: 'required', reason: 'always' });
  expect(appliesOf(body)).toMatchObject({ sec_8k_105: 'undecided', hipaa_hhs: 'undecided' });
  const bare = await startTestApi({ OPA_URL: '' }, api);
  try {
    const answer = await bare
      .as('admin@policies.example')
      .get(`${org}/incidents/${body.incident_id}/obligations/suggestions`);
    expect(answer).toMatchObject({ status: 200, body: { policy_revision: null } });
    expect(new Set(Object.values(appliesOf(answer.body)))).toEqual(new Set(['undecided']));
  } finally {
    await bare.stop();
  }
});
