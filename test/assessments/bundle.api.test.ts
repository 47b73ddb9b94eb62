// The bundle of a run that has ended: each file's hash is right, and a verdict stands in it with all it rests on.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listOpenControls } from '../../db/assessments/controls.js';
import { endExecution } from '../../db/assessments/transitions.js';
import { stepRun } from '../../db/findings/record.js';
import { withTenant } from '../../db/tenancy.js';
import type { TenantContext } from '../../domain/tenant.js';
import { type Caller, startTestApi, type TestApi } from '../support/app.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { verdictRecord } from '../support/factories/findings.js';

let api: TestApi;
let admin: Caller;
let tenant: TenantContext;

beforeAll(async () => {
  api = await startTestApi();
  admin = api.as('admin@bundle.example');
  const org_id = (await admin.post('/orgs', { name: 'Bundle', domain: 'bundle.example' })).body.id;
  const actor_id = (await admin.get('/users/me')).body.id;
  tenant = { org_id, actor_id, request_id: 'test', role: 'admin', address: '127.0.0.1' };
});
afterAll(() => api.stop());

const sha256 = (content: unknown): string =>
  createHash('sha256')
    .update(canonicalize(content) ?? '')
    .digest('hex');

test('each file is there once with its hash, times are in the wire’s form, and nothing tells the row', async () => {
  const evidence = await buildEvidence(
    api.database.db,
    tenant,
    'Access is reviewed since 2026-01-01T00:00:00+00:00.',
  );
  const { id } = await buildAssessment(api.database.db, tenant, { control_refs: ['CC6.1'] });
  const { execution_id } = await buildExecution(api.database.db, tenant, id);
  await withTenant(api.database.db, tenant, async (trx) => {
    const [control] = await listOpenControls(trx, execution_id, 0, 1);
    const quoted = [{ evidence_id: evidence.id, sha256: evidence.sha256, quote: 'Access is reviewed' }];
    const verdicts = [
      verdictRecord(control?.id ?? '', { status: 'fail', severity: 'high', citations: quoted }),
    ];
    await stepRun(
      trx,
      tenant,
      { assessment_id: id, execution_id },
      { verdicts, failures: [], releases: [], takes: [] },
    );
    await endExecution(trx, tenant, { assessment_id: id, execution_id }, { status: 'completed' });
  });

  const { status, body } = await admin.get(`/orgs/${tenant.org_id}/assessments/${id}/bundle`);
  expect(status).toBe(200);
  const hashes = Object.fromEntries(
    Object.entries(body.files).map(([path, content]) => [path, sha256(content)]),
  );
  expect(body.manifest).toMatchObject({ files: hashes, sha256: sha256(hashes) });
  expect(Object.keys(hashes)).toEqual(
    expect.arrayContaining(['assessment.json', `executions/${execution_id}.json`, 'controls/CC6.1.json']),
  );

  const { finding, history } = body.files['controls/CC6.1.json'];
  expect(finding).toMatchObject({ status: 'fail', citations: [{ sha256: evidence.sha256 }] });
  const MOMENT = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  expect(finding).toMatchObject({
    created_at: MOMENT,
    updated_at: MOMENT,
    judged_at: MOMENT,
    review_reminded_at: null,
  });
  expect(history).toEqual([expect.objectContaining({ status: 'fail', at: MOMENT })]);
  const told = JSON.stringify(body.files['controls/CC6.1.json']);
  expect(told).not.toContain('org_id');
  expect(told).not.toContain('finding_id');
  expect(told).not.toContain('+00:00');
});
