// The same race over HTTP with If-Match, where each write works on one snapshot of the database: whoever has seen an
// older control or risk looks again, and every risk ends as its findings are.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FINDING_STATUSES } from '../../domain/findings/rules.js';
import type { TenantContext } from '../../domain/tenant.js';
import { stepRun } from '../../db/findings/record.js';
import { withTenant } from '../../db/tenancy.js';
import { startTestApi, type Answer, type Caller, type TestApi } from '../support/app.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { verdictRecord } from '../support/factories/findings.js';
import { each } from '../security/routes.js';

const EMAIL = 'admin@seen.example';
const REFS = ['CC1.1', 'CC6.1', 'CC9.2'];
const RISK = { title: 'Risk', category: 'cyber', likelihood: 5, impact: 5 };

let api: TestApi;
let admin: Caller;
let tenant: TenantContext;
let org: string;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as(EMAIL);
  const { id: org_id } = (await admin.post('/orgs', { name: 'Seen', domain: 'seen.example' })).body;
  const { id: actor_id } = (await admin.get('/users/me')).body;
  tenant = { org_id, actor_id, request_id: 'test', role: 'admin', address: '127.0.0.1' };
  org = `/orgs/${String(org_id)}`;
});
afterAll(() => api.stop());

const write = (method: string, path: string, body: object): Promise<Answer> =>
  api.raw(`/api/v1${org}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${api.access.token(EMAIL)}`,
      'content-type': 'application/json',
      'if-match': '*',
    },
    body: JSON.stringify(body),
  });

/** @returns ids of its findings */
async function judgeAll(): Promise<string[]> {
  const { db } = api.database;
  const { id: assessment_id } = await buildAssessment(db, tenant, { control_refs: REFS });
  const { execution_id } = await buildExecution(db, tenant, assessment_id);
  return await withTenant(db, tenant, async (trx) => {
    const controls: string[] = await trx('control').whereIn('ref', REFS).whereNull('org_id').pluck('id');
    const verdicts = controls.map((id) => verdictRecord(id, { status: 'fail' }));
    const run = { assessment_id, execution_id };
    await stepRun(trx, tenant, run, { verdicts, failures: [], releases: [], takes: [] });
    return await trx('finding').where({ assessment_id }).orderBy('id').pluck('id');
  });
}

test('writers who insist on what they have seen leave every risk right', { timeout: 120_000 }, async () => {
  const findings = [...(await judgeAll()), ...(await judgeAll())];
  const risks: string[] = [];
  for (const ref of REFS)
    risks.push((await admin.post(`${org}/risks`, { ...RISK, control_refs: [ref] })).body.id);
  const acts = Array.from({ length: 60 }, (_, turn) => async (): Promise<Answer> => {
    const status = FINDING_STATUSES[turn % FINDING_STATUSES.length];
    const control_refs = REFS.filter((_ref, index) => (turn >> index) % 2 === 1);
    return turn % 2 === 0
      ? await write('PATCH', `/findings/${findings[turn % findings.length] ?? ''}`, { status })
      : await write('PUT', `/risks/${risks[turn % risks.length] ?? ''}`, { control_refs });
  });
  const statuses: number[] = [];
  const warnings: string[] = [];
  const warned = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', warned);
  await each(acts, async (act) => void statuses.push((await act()).status));
  process.off('warning', warned);
  // what a request listens to is set up once, however often its work is tried again
  expect(warnings).toEqual([]);
  // whoever was overtaken too often is told to come again, and has changed nothing
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(40);
  expect((await admin.post(`${org}/risks/recompute`)).body).toEqual({ risks: 3, changed: 0, complete: true });
});
