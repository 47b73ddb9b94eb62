// A finding that changes moves the risks of its control in the same transaction, whoever changes it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteAssessment } from '../../api/assessments/use-cases.js';
import { changeFinding } from '../../api/findings/use-cases.js';
import { changeRisk, recomputeRisks } from '../../api/risks/use-cases.js';
import { endExecution } from '../../db/assessments/transitions.js';
import { connect, type Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { withClient } from '../../local/postgres/databases.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openRegister, type Register } from './register.js';

let database: TestDatabase;
let db: Database;
let register: Register;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 4, application_name: 'test' });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  register = await openRegister(db);
});

test('a run moves a risk with each verdict, in the history and in the audit log', async () => {
  const { id } = await register.enter(['CC1.1', 'CC6.1']);
  const other = await register.enter(['CC9.2']);
  const run = await register.startRun();
  await run.judge({ 'CC1.1': 'pass' });
  expect(await register.look(id)).toMatchObject({
    effectiveness: 1,
    controls_judged: 1,
    residual_score: 20,
    appetite: 'within',
  });
  await run.judge({ 'CC6.1': 'fail', 'CC6.2': 'pass' });
  expect(await register.look(id)).toMatchObject({
    effectiveness: 0.5,
    controls_judged: 2,
    residual_score: 60,
    residual_cell: { likelihood: 3, impact: 4 },
    appetite: 'exceeds',
    controls: [{ finding_status: 'pass' }, { finding_status: 'fail' }],
  });
  expect(await register.look(other.id)).toEqual(other);
  const items = await register.history(id);
  expect(items).toMatchObject([
    {
      revision: 3,
      cause: 'finding_changed',
      control_refs: ['CC6.1'],
      actor_id: register.tenant.actor_id,
      changes: [
        { field: 'controls_judged', from: 1, to: 2 },
        { field: 'effectiveness', from: 1, to: 0.5 },
        { field: 'residual_score', from: 20, to: 60 },
      ],
    },
    { revision: 2, control_refs: ['CC1.1'], residual_score: 20 },
    { revision: 1, cause: 'created' },
  ]);
  const audited = await withTenant(db, register.tenant, (trx) =>
    trx('audit_log').where({ action: 'risk.recompute', resource_id: id }).count({ n: '*' }).first(),
  );
  expect(Number(audited?.n)).toBe(2);
});

test('a person’s verdict moves it too; one that leaves the status moves nothing', async () => {
  const { id } = await register.enter(['CC1.1']);
  const run = await register.startRun();
  await run.judge({ 'CC1.1': 'fail' });
  const finding = await run.finding('CC1.1');
  await changeFinding(register.deps, register.tenant, finding, { remediation_notes: 'Under way' });
  expect((await register.look(id)).revision).toBe(2);
  await changeFinding(register.deps, register.tenant, finding, { status: 'partial' });
  expect(await register.look(id)).toMatchObject({ revision: 3, effectiveness: 0.5, residual_score: 60 });
  await changeFinding(register.deps, register.tenant, finding, { status: 'not_applicable' });
  expect(await register.look(id)).toMatchObject({
    effectiveness: 0,
    controls_judged: 0,
    residual_score: 100,
  });
});

test('the latest verdict counts, whichever assessment it is of; gone with its assessment, the one before does', async () => {
  const { id } = await register.enter(['CC1.1']);
  const [older, newer] = [await register.startRun(), await register.startRun()];
  await older.judge({ 'CC1.1': 'fail' });
  await newer.judge({ 'CC1.1': 'pass' });
  expect((await register.look(id)).effectiveness).toBe(1);
  await changeFinding(register.deps, register.tenant, await older.finding('CC1.1'), { status: 'partial' });
  expect((await register.look(id)).effectiveness).toBe(0.5);
  for (const run of [older, newer])
    await withTenant(db, register.tenant, (trx) =>
      endExecution(trx, register.tenant, run, { status: 'completed' }),
    );
  const assessments = {
    ...register.deps,
    run_limits: { token_budget: null, concurrency: 1, unreachable_ms: 1 },
    web_ui: { url: '', namespace: '' },
    stopping: new AbortController().signal,
  };
  await deleteAssessment(assessments, register.tenant, older.assessment_id);
  expect((await register.look(id)).effectiveness).toBe(1);
  await deleteAssessment(assessments, register.tenant, newer.assessment_id);
  expect(await register.look(id)).toMatchObject({ effectiveness: 0, controls_judged: 0 });
});

test('a control that is linked later brings its verdict with it', async () => {
  const run = await register.startRun();
  await run.judge({ 'CC1.1': 'pass', 'CC6.1': 'partial' });
  expect(await register.enter(['CC1.1'])).toMatchObject({ effectiveness: 1, residual_score: 20 });
  const { id } = await register.enter([]);
  const linked = await changeRisk(register.deps, register.tenant, id, { control_refs: ['CC1.1', 'CC6.1'] });
  expect(linked).toMatchObject({ effectiveness: 0.75, residual_score: 40 });
  expect(await changeRisk(register.deps, register.tenant, id, { control_refs: ['CC6.1'] })).toMatchObject({
    effectiveness: 0.5,
  });
});

test('what was written by hand is set right by recomputing all, once', async () => {
  const run = await register.startRun();
  await run.judge({ 'CC1.1': 'pass' });
  const { id } = await register.enter(['CC1.1']);
  await register.enter([]);
  expect(await recomputeRisks(register.deps, register.tenant)).toEqual({
    risks: 2,
    changed: 0,
    complete: true,
  });
  const { org_id } = register.tenant;
  await withClient(database.owner_url, (owner) =>
    owner.query(`update finding set status = 'fail' where org_id = $1`, [org_id]),
  );
  expect((await register.look(id)).effectiveness).toBe(1);
  expect(await recomputeRisks(register.deps, register.tenant)).toEqual({
    risks: 2,
    changed: 1,
    complete: true,
  });
  expect(await register.look(id)).toMatchObject({ effectiveness: 0, controls_judged: 1 });
  const [last] = await register.history(id);
  expect(last).toMatchObject({ cause: 'recomputed', control_refs: ['CC1.1'] });
  expect(await recomputeRisks(register.deps, register.tenant)).toMatchObject({ changed: 0 });
});
