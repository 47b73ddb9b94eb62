import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseResume, requestCommand } from '../../db/assessments/commands.js';
import { listOpenControls } from '../../db/assessments/controls.js';
import { getProgress } from '../../db/assessments/progress.js';
import { getAssessmentDetail, listAssessments, removeAssessment } from '../../db/assessments/repository.js';
import { endExecution, finishExecution, markPaused, markResumed } from '../../db/assessments/transitions.js';
import { refuseCommand } from '../../db/commands/repository.js';
import { connect, type Database } from '../../db/connection.js';
import { stepRun, type Step } from '../../db/findings/record.js';
import { getFinding, listFindings, updateFinding } from '../../db/findings/repository.js';
import { type TenantDb, withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildAssessment, buildExecution } from '../support/factories/assessments.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { verdictRecord } from '../support/factories/findings.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

let database: TestDatabase;
let db: Database;
let org: TestOrg;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 10, application_name: 'test' });
  org = await buildOrg(db);
});

afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const inOrg = <T>(work: (trx: TenantDb) => Promise<T>, of: TestOrg = org): Promise<T> =>
  withTenant(db, of.tenant, work);

async function running(of: TestOrg = org, limits = {}) {
  const { id: assessment_id } = await buildAssessment(db, of.tenant);
  const { execution_id } = await buildExecution(db, of.tenant, assessment_id, { limits });
  const run = { assessment_id, execution_id };
  const controls = await inOrg((trx) => listOpenControls(trx, execution_id, 0, 100), of);
  const step = (part: Partial<Step>) =>
    inOrg(
      (trx) => stepRun(trx, of.tenant, run, { verdicts: [], failures: [], releases: [], takes: [], ...part }),
      of,
    );
  return { run, ids: controls.map((control) => control.id), step };
}

async function audited(assessment_id: string, of: TestOrg = org): Promise<string[]> {
  return await inOrg(
    (trx) => trx('audit_log').where({ resource_id: assessment_id }).orderBy('seq').pluck('action'),
    of,
  );
}

describe('a start', () => {
  test('gives exactly five of 200 concurrent ones a slot and changes nothing for the others', async () => {
    const crowd = await buildOrg(db);
    const ids: string[] = [];
    for (let i = 0; i < 40; i += 1) ids.push((await buildAssessment(db, crowd.tenant)).id);
    const attempts = Array.from({ length: 200 }, (_, i) => ids[i % 40] ?? '');
    const patient = connect({
      url: database.app_url,
      pool_max: 10,
      application_name: 'crowd',
      query_timeout_ms: 20_000,
    });
    patient.client.pool.acquireTimeoutMillis = 60_000;
    const results = await Promise.allSettled(
      attempts.map((id) => buildExecution(patient, crowd.tenant, id, { running: false })),
    );
    await patient.destroy();
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(5);
    const codes = results.flatMap((r) => (r.status === 'rejected' ? [r.reason.code] : []));
    expect(new Set(codes)).toEqual(new Set(['RATE_LIMITED', 'CONFLICT']));
    const rows = await inOrg((trx) => trx('assessment_execution').select('slot'), crowd);
    expect(rows.map((row) => Number(row.slot)).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    expect(await inOrg((trx) => trx('outbox').select('id'), crowd)).toHaveLength(5);
  });

  test('freezes the controls in order and the verified evidence of each', async () => {
    const assessment = await buildAssessment(db, org.tenant);
    const mine = await buildEvidence(db, org.tenant, 'access policy', { control_refs: ['CC6.1', 'CC9.9'] });
    const whole = await buildEvidence(db, org.tenant, 'overview', { assessment_id: assessment.id });
    await buildEvidence(db, org.tenant, 'of another control', { control_refs: ['CC2.1'] });
    const newer = await buildEvidence(db, org.tenant, 'access policy 2', {
      control_refs: ['CC6.1'],
      supersedes_id: mine.id,
    });
    const { execution_id } = await buildExecution(db, org.tenant, assessment.id);
    const frozen = await inOrg((trx) =>
      trx('execution_evidence').where({ execution_id }).select('evidence_id', 'control_ref', 'sha256'),
    );
    expect(frozen).toHaveLength(2);
    expect(frozen).toContainEqual({ evidence_id: newer.id, control_ref: 'CC6.1', sha256: newer.sha256 });
    expect(frozen).toContainEqual({ evidence_id: whole.id, control_ref: null, sha256: whole.sha256 });
    const controls = await inOrg((trx) => listOpenControls(trx, execution_id, 0, 2));
    expect(controls.map((control) => control.ref)).toEqual(['CC1.1', 'CC6.1']);
    await inOrg((trx) =>
      endExecution(trx, org.tenant, { assessment_id: assessment.id, execution_id }, { status: 'cancelled' }),
    );
  });

  test('refuses a second one while the first lives', async () => {
    const { run } = await running();
    await expect(buildExecution(db, org.tenant, run.assessment_id)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await inOrg((trx) => endExecution(trx, org.tenant, run, { status: 'failed', reason: 'test' }));
  });
});

describe('a step', () => {
  test('has its effect once, however often it is repeated', async () => {
    const { run, ids, step } = await running();
    const [first = ''] = ids;
    expect((await step({ takes: ids })).taken.size).toBe(3);
    await step({ verdicts: [verdictRecord(first)] });
    await step({ verdicts: [verdictRecord(first, { status: 'fail' })] });
    const page = await inOrg((trx) =>
      listFindings(trx, { assessment_id: [run.assessment_id] }, { limit: 10 }),
    );
    expect(page.items.map((item) => item.status)).toEqual(['pass']);
    const detail = await inOrg((trx) => getFinding(trx, page.items[0]?.id ?? ''));
    expect(detail.history).toHaveLength(1);
    const { progress } = await inOrg((trx) => getProgress(trx, run.assessment_id));
    expect(progress).toMatchObject({ controls_evaluated: 1, controls_total: 3, progress: 33 });
    expect(progress.in_flight).toHaveLength(2);
    expect(await audited(detail.id)).toEqual(['finding.evaluate']);
    await inOrg((trx) => finishExecution(trx, org.tenant, run));
    expect(await inOrg((trx) => getAssessmentDetail(trx, run.assessment_id))).toMatchObject({
      status: 'completed',
      score: 100,
      summary: { pass: 1 },
      cost: { tokens_in: 3, tokens_out: 2 },
    });
  });

  test('writes nothing after the run was cancelled', async () => {
    const { run, ids, step } = await running();
    await step({ takes: ids });
    await inOrg((trx) => endExecution(trx, org.tenant, run, { status: 'cancelled' }));
    expect(await step({ verdicts: ids.map((id) => verdictRecord(id)) })).toMatchObject({
      status: 'cancelled',
    });
    const page = await inOrg((trx) =>
      listFindings(trx, { assessment_id: [run.assessment_id] }, { limit: 10 }),
    );
    expect(page.items).toEqual([]);
  });

  test('leaves what a person has set, also on restart', async () => {
    const { run, ids, step } = await running();
    await step({ verdicts: ids.map((id) => verdictRecord(id)) });
    await inOrg((trx) => finishExecution(trx, org.tenant, run));
    const page = await inOrg((trx) =>
      listFindings(trx, { assessment_id: [run.assessment_id] }, { limit: 10 }),
    );
    const set = page.items[0]?.id ?? '';
    await inOrg((trx) => updateFinding(trx, org.tenant, set, { status: 'fail', remediation_notes: 'No.' }));
    const { execution_id } = await buildExecution(db, org.tenant, run.assessment_id, { restart: true });
    const open = await inOrg((trx) => listOpenControls(trx, execution_id, 0, 100));
    expect(open).toHaveLength(2);
    const again = { ...run, execution_id };
    await inOrg((trx) =>
      stepRun(trx, org.tenant, again, {
        verdicts: open.map((control) => verdictRecord(control.id, { status: 'partial' })),
        failures: [],
        releases: [],
        takes: [],
      }),
    );
    await inOrg((trx) => finishExecution(trx, org.tenant, again));
    const after = await inOrg((trx) => getFinding(trx, set));
    expect(after).toMatchObject({
      status: 'fail',
      evaluated_by: { kind: 'person', user_id: org.tenant.actor_id },
    });
    expect(after.history.map((entry) => entry.status)).toEqual(['pass', 'fail']);
  });

  test('stops taking when the budget is spent, and goes on after a resume', async () => {
    const { run, ids, step } = await running(org, { token_budget: 5 });
    const [first = '', second = ''] = ids;
    await step({ takes: [first] });
    const spent = await step({ verdicts: [verdictRecord(first)], takes: [second] });
    expect(spent.budget_spent).toBe(true);
    expect(spent.taken.size).toBe(0);
    await inOrg((trx) =>
      markPaused(trx, org.tenant, run, { command_id: null, cause: 'budget', reason: 'spent' }),
    );
    const { command_id } = await inOrg((trx) => requestCommand(trx, org.tenant, run.assessment_id, 'resume'));
    await inOrg((trx) => markResumed(trx, org.tenant, run, { command_id, retry: [] }));
    expect((await step({ takes: [second] })).taken.size).toBe(1);
    await inOrg((trx) => endExecution(trx, org.tenant, run, { status: 'cancelled' }));
  });
});

describe('commands', () => {
  test('are joined when repeated, and refused in the wrong state', async () => {
    const { run } = await running();
    const first = await inOrg((trx) => requestCommand(trx, org.tenant, run.assessment_id, 'pause'));
    const second = await inOrg((trx) => requestCommand(trx, org.tenant, run.assessment_id, 'pause'));
    expect(second).toEqual({ command_id: first.command_id, outbox_id: null });
    await expect(
      inOrg((trx) => requestCommand(trx, org.tenant, run.assessment_id, 'resume')),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    const pause = { command_id: first.command_id, cause: 'requested', reason: 'asked for' };
    await inOrg((trx) => markPaused(trx, org.tenant, run, pause));
    await inOrg((trx) => markPaused(trx, org.tenant, run, pause));
    expect((await inOrg((trx) => getProgress(trx, run.assessment_id))).progress).toMatchObject({
      status: 'paused',
      paused_reason: 'asked for',
    });
    expect(await audited(run.assessment_id)).toEqual([
      'assessment.execute',
      'assessment.pause',
      'assessment.paused',
    ]);
    await inOrg((trx) => endExecution(trx, org.tenant, run, { status: 'cancelled' }));
  });

  test('a refused resume gives its slot back', async () => {
    const { run } = await running();
    await inOrg((trx) =>
      markPaused(trx, org.tenant, run, { command_id: null, cause: 'requested', reason: 'x' }),
    );
    const { command_id } = await inOrg((trx) => requestCommand(trx, org.tenant, run.assessment_id, 'resume'));
    const slot = () =>
      inOrg((trx) => trx('assessment_execution').where({ id: run.execution_id }).first('status', 'slot'));
    expect(await slot()).toMatchObject({ status: 'starting' });
    await inOrg(async (trx) => {
      await releaseResume(trx, command_id);
      await refuseCommand(trx, command_id, 'no');
    });
    expect(await slot()).toEqual({ status: 'paused', slot: null });
    await inOrg((trx) => endExecution(trx, org.tenant, run, { status: 'cancelled' }));
  });

  test('a resume without a free slot is refused', async () => {
    const busy = await buildOrg(db);
    const { run } = await running(busy);
    await inOrg(
      (trx) => markPaused(trx, busy.tenant, run, { command_id: null, cause: 'requested', reason: 'x' }),
      busy,
    );
    for (let i = 0; i < 5; i += 1) await running(busy);
    await expect(
      inOrg((trx) => requestCommand(trx, busy.tenant, run.assessment_id, 'resume'), busy),
    ).rejects.toMatchObject({ code: 'RATE_LIMITED', extras: { retry_after_s: 60 } });
  });
});

test('an unknown control is refused by its place in the list', async () => {
  await expect(buildAssessment(db, org.tenant, { control_refs: ['CC1.1', 'XX9'] })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
    extras: { field: 'control_refs.1' },
  });
});

test('another organization neither sees, lists nor removes it', async () => {
  const other = await buildOrg(db);
  const { id } = await buildAssessment(db, org.tenant);
  await expect(inOrg((trx) => getAssessmentDetail(trx, id), other)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(inOrg((trx) => removeAssessment(trx, id), other)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect((await inOrg((trx) => listAssessments(trx, {}, { limit: 10 }), other)).items).toEqual([]);
});
