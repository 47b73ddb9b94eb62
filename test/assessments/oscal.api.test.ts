// OSCAL assessment results of an assessment, held against OSCAL's official JSON Schema.
import type { ValidateFunction } from 'ajv';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOpenControls } from '../../db/assessments/controls.js';
import { endExecution } from '../../db/assessments/transitions.js';
import { stepRun, type VerdictRecord } from '../../db/findings/record.js';
import { withTenant } from '../../db/tenancy.js';
import type { TenantContext } from '../../domain/tenant.js';
import { type Answer, type Caller, startTestApi, type TestApi } from '../support/app.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { verdictRecord } from '../support/factories/findings.js';
import { officialValidator } from '../support/tools/oscal-schemas.js';

let api: TestApi;
let admin: Caller;
let tenant: TenantContext;
let official: ValidateFunction;

beforeAll(async () => {
  api = await startTestApi({ PUBLIC_URL: 'https://grc.example' });
  admin = api.as('admin@results.example');
  const org_id = (await admin.post('/orgs', { name: 'Results\tand more', domain: 'results.example' })).body
    .id;
  const actor_id = (await admin.get('/users/me')).body.id;
  tenant = { org_id, actor_id, request_id: 'test', role: 'admin', address: '127.0.0.1' };
  official = await officialValidator('assessment-results');
});
afterAll(() => api.stop());

type Item = Answer['body'];

async function exported(id: string): Promise<{ text: string; result: Item; document: Item }> {
  const answer = await admin.get(`/orgs/${tenant.org_id}/assessments/${id}/oscal`);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(official(answer.body), JSON.stringify(official.errors)).toBe(true);
  const document: Item = answer.body['assessment-results'];
  return { text: JSON.stringify(answer.body), result: document['results'][0], document };
}

async function judge(
  id: string,
  most: number,
  verdictOf: (control_id: string, ref: string) => VerdictRecord,
): Promise<string> {
  const { execution_id } = await buildExecution(api.database.db, tenant, id);
  await withTenant(api.database.db, tenant, async (trx) => {
    const controls = await listOpenControls(trx, execution_id, 0, most);
    const verdicts = controls.map((control) => verdictOf(control.id, control.ref));
    const step = { verdicts, failures: [], releases: [], takes: [] };
    await stepRun(trx, tenant, { assessment_id: id, execution_id }, step);
  });
  return execution_id;
}

test('a finished one says what was found, by whom, on what, and which risks it bears on', async () => {
  const evidence = await buildEvidence(api.database.db, tenant, 'Access is reviewed.');
  const { id } = await buildAssessment(api.database.db, tenant, {
    name: 'Quarter\n one',
    control_refs: ['CC1.1', 'CC6.1', 'CC6.2', 'SD-1'],
  });
  const risk = await admin.post(`/orgs/${tenant.org_id}/risks`, {
    title: 'Intruders',
    description: 'Somebody walks in.',
    category: 'cyber',
    likelihood: 4,
    impact: 5,
    treatment: 'mitigate',
    control_refs: ['CC6.1', 'CC1.1'],
  });
  expect(risk.status, JSON.stringify(risk.body)).toBe(201);
  const statuses = { 'CC1.1': 'pass', 'CC6.1': 'fail', 'CC6.2': 'partial', 'SD-1': 'pass' } as const;
  const execution_id = await judge(id, 10, (control_id, ref) => {
    const status = Object.entries(statuses).find(([name]) => name === ref)?.[1] ?? 'pass';
    const quotes = ref === 'CC1.1' ? ['Access is reviewed.', 'Access'] : [];
    const citations = quotes.map((quote) => ({ evidence_id: evidence.id, sha256: evidence.sha256, quote }));
    const record = verdictRecord(control_id, {
      status,
      citations,
      gaps: ['no door'],
      remediation: 'Build one.',
    });
    const check = { name: 'aws_users_have_mfa', sql: 'select 1', status: 'fail' as const, rows_sha256: 'ab' };
    return { ...record, checks: ref === 'CC6.1' ? [check] : [] };
  });
  expect((await exported(id)).result).not.toHaveProperty('end');
  await withTenant(api.database.db, tenant, (trx) =>
    endExecution(trx, tenant, { assessment_id: id, execution_id }, { status: 'completed' }),
  );
  const listed = (await admin.get(`/orgs/${tenant.org_id}/findings?assessment_id=${id}`)).body.items;
  const person = listed.find((one: { control: { ref: string } }) => one.control.ref === 'SD-1');
  await admin.patch(`/orgs/${tenant.org_id}/findings/${person.id}`, { status: 'not_applicable' });

  const { result, document, text } = await exported(id);
  expect(document).toMatchObject({ metadata: { title: 'Quarter one' } });
  expect(result).toMatchObject({ title: 'Quarter one', end: expect.any(String) });
  const [selection] = result['reviewed-controls']['control-selections'];
  expect(selection['include-controls'].map((one: Item) => one['control-id'])).toEqual(Object.keys(statuses));
  const targets = result['findings'].map(({ target }: Item) => [
    target['target-id'],
    target.status.state,
    target.status.reason,
    target['implementation-status']?.state,
  ]);
  expect(targets).toEqual([
    ['CC1.1_smt', 'satisfied', 'pass', 'implemented'],
    ['CC6.1_smt', 'not-satisfied', 'fail', undefined],
    ['CC6.2_smt', 'not-satisfied', 'other', 'partial'],
    ['SD-1_smt', 'satisfied', 'other', 'not-applicable'],
  ]);
  const [met, missed, , waived] = result['findings'];
  const observations = new Map<string, Item>(result['observations'].map((one: Item) => [one.uuid, one]));
  const seen = (finding: Item): Item[] =>
    (finding['related-observations'] ?? []).map((one: Item) => observations.get(one['observation-uuid']));
  const resources: Item[] = document['back-matter'].resources;
  const [examined] = seen(met);
  expect(examined).toMatchObject({ methods: ['EXAMINE'] });
  const [first, second] = examined['relevant-evidence'];
  expect([first.description, second.description]).toEqual(['Access is reviewed.', 'Access']);
  const file = resources.find(({ uuid }) => first.href === `#${uuid}`);
  expect(file['rlinks']).toEqual([
    {
      href: `https://grc.example/api/v1/orgs/${tenant.org_id}/evidence/${evidence.id}/download-url`,
      'media-type': 'text/markdown',
      hashes: [{ algorithm: 'SHA-256', value: evidence.sha256 }],
    },
  ]);
  expect(seen(missed)).toMatchObject([{ methods: ['TEST'], title: 'aws_users_have_mfa' }]);
  // a risk of a control that is in order is none of these results
  expect(result['risks']).toMatchObject([{ title: 'Intruders', status: 'open' }]);
  expect(missed['related-risks']).toEqual([{ 'risk-uuid': result['risks'][0].uuid }]);
  expect(met).not.toHaveProperty('related-risks');
  const [{ actors }] = waived.origins;
  expect(actors[0].type).toBe('party');
  expect(document['metadata'].parties.map(({ uuid }: Item) => uuid)).toContain(actors[0]['actor-uuid']);
  expect(resources.map(({ uuid }) => `#${uuid}`)).toContain(document['import-ap'].href);
  expect((await exported(id)).text).toBe(text);
});

test('there are no results before the first run; then they begin empty', async () => {
  const { id } = await buildAssessment(api.database.db, tenant);
  expect((await admin.get(`/orgs/${tenant.org_id}/assessments/${id}/oscal`)).status).toBe(409);
  await buildExecution(api.database.db, tenant, id);
  const { result } = await exported(id);
  expect(result).not.toHaveProperty('findings');
  expect(result['reviewed-controls']['control-selections'][0]).toHaveProperty('include-all');
});

test('all 1,014 controls of SP 800-53, each by the id that OSCAL knows', async () => {
  const { items } = (await admin.get('/frameworks?limit=200')).body;
  const framework_id = items.find(({ key }: { key: string }) => key === 'NIST_800_53_R5').id;
  const { id } = await buildAssessment(api.database.db, tenant, { framework_id, control_refs: undefined });
  await judge(id, 2_000, (control_id) => verdictRecord(control_id, { rationale: 'Because. '.repeat(200) }));
  const { result } = await exported(id);
  const found: string[] = result['findings'].map(({ target }: Item) => target['target-id']);
  expect(new Set(found).size).toBe(1_014);
  expect(found.slice(0, 4)).toEqual(['ac-1_smt', 'ac-2_smt', 'ac-2.1_smt', 'ac-2.2_smt']);
});
