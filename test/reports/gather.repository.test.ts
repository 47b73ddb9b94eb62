// What reports say, held against what is there: of the right organization, of one instant, always the same.
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { REPORT_TYPES, type ReportType } from '../../domain/reports/documents.js';
import { gatherDocument } from '../../db/reports/gather.js';
import { getWork } from '../../db/reports/transitions.js';
import { withSnapshot, withTenant } from '../../db/tenancy.js';
import { openRegister, type Register, type Run } from '../risks/register.js';
import { buildReport, wanted } from '../support/factories/reports.js';
import { type Gathering, openGathering } from './gathering.js';

let its: Gathering;
let ours: Register;
let theirs: Register;
let run: Run;
let foreign: Run;

beforeAll(async () => {
  its = await openGathering();
  ({ ours, theirs } = its);
  await its.complete(ours, await its.assess(ours, { 'CC1.1': 'fail', 'CC1.2': 'partial', 'CC6.1': 'pass' }));
  run = await its.assess(ours, {
    'CC1.1': 'pass',
    'CC1.2': 'fail',
    'CC6.1': 'partial',
    'CC6.2': 'not_applicable',
  });
  await its.complete(ours, run);
  foreign = await its.assess(theirs, { 'CC1.1': 'fail' });
});
afterAll(() => its.close());

const gather = <T extends ReportType>(register: Register, type: T, assessment_id = run.assessment_id) =>
  its.gather(register, type, assessment_id);

test('begins with who asked, for whom, and the instant that it speaks of', async () => {
  const before = Date.now();
  const { organization, generated_by, generated_at, as_of, assessment, framework } = await gather(
    ours,
    'gap_analysis',
  );
  expect(organization).toEqual({ id: ours.tenant.org_id, name: 'Organization' });
  expect(generated_by?.id).toBe(ours.tenant.actor_id);
  expect(generated_by?.name).toMatch(/^admin-/);
  expect(Date.parse(as_of)).toBeGreaterThanOrEqual(before - 1_000);
  expect(Date.parse(as_of)).toBeGreaterThanOrEqual(Date.parse(generated_at));
  expect(assessment).toMatchObject({ id: run.assessment_id, status: 'completed', name: 'Assessment' });
  expect(framework?.key).toBe('SOC2_TYPE2');
});

describe('a compliance summary', () => {
  test('counts findings, groups, and what has changed since the assessment before', async () => {
    const { summary, matrix, groups, findings, trend, previous, notes } = await gather(
      ours,
      'compliance_summary',
    );
    expect(summary).toEqual({
      controls_total: 6,
      controls_judged: 4,
      score: 50,
      status: { pass: 1, fail: 1, partial: 1, not_applicable: 1 },
      severity: { critical: 0, high: 0, medium: 0, low: 2, info: 0 },
      needs_review: 0,
    });
    expect(matrix.map(({ status, severity, count }) => [status, severity, count])).toEqual([
      ['pass', 'low', 1],
      ['fail', 'low', 1],
      ['partial', 'low', 1],
      ['not_applicable', 'low', 1],
    ]);
    expect(groups.map(({ controls_total }) => controls_total).reduce((sum, each) => sum + each)).toBe(6);
    expect(groups.every(({ key, title }) => title !== '' && title !== key)).toBe(true);
    expect(findings.map(({ control }) => control.ref)).toEqual(['CC1.1', 'CC1.2', 'CC6.1', 'CC6.2']);
    expect(trend.map(({ score }) => score)).toEqual([50, 50]);
    expect(trend.at(-1)?.assessment_id).toBe(run.assessment_id);
    expect(previous).toMatchObject({ score: 50, score_change: 0 });
    expect(previous?.changes.map(({ control, from, to }) => [control.ref, from, to])).toEqual([
      ['CC1.1', 'fail', 'pass'],
      ['CC1.2', 'partial', 'fail'],
      ['CC6.1', 'pass', 'partial'],
    ]);
    expect(notes).toEqual([expect.stringMatching(/^2 of 6 controls in scope have no finding yet/)]);
  });

  test('of the first assessment has nothing to compare with, and says that it is not finished', async () => {
    const { previous, trend, notes } = await gather(theirs, 'compliance_summary', foreign.assessment_id);
    expect(previous).toBeNull();
    expect(trend).toHaveLength(1);
    expect(notes[0]).toBe('The assessment is in progress: its figures may still change.');
  });
});

test('a gap analysis has every fail and partial, the gravest first, with what was seen', async () => {
  const { tenant } = ours;
  const grave = await run.finding('CC6.1');
  const citation = {
    evidence_id: '0198c0de-0000-7000-8000-00000000dead',
    sha256: 'a'.repeat(64),
    quote: 'Yearly.',
  };
  const check = { name: 'mfa', sql: 'select 1', status: 'fail', rows_sha256: 'b'.repeat(64) };
  await withTenant(its.database.db, tenant, (trx) =>
    trx('finding')
      .where({ id: grave })
      .update({
        severity: 'critical',
        gaps: JSON.stringify(['No review']),
        citations: JSON.stringify([citation]),
        checks: JSON.stringify([check]),
        owner_id: tenant.actor_id,
        due_date: '2026-01-01',
      }),
  );
  const { gaps, summary } = await gather(ours, 'gap_analysis');
  expect(gaps.map(({ control, status, severity }) => [control.ref, status, severity])).toEqual([
    ['CC6.1', 'partial', 'critical'],
    ['CC1.2', 'fail', 'low'],
  ]);
  expect(gaps[0]).toMatchObject({ gaps: ['No review'], overdue: true, owner: { id: tenant.actor_id } });
  expect(gaps[0]?.evidence.map(({ kind, name, quote, result }) => [kind, name, quote, result])).toEqual([
    ['citation', citation.evidence_id, 'Yearly.', null],
    ['check', 'mfa', null, 'fail'],
  ]);
  expect(summary).toMatchObject({ fail: 1, partial: 1, overdue: 1, without_owner: 1, without_due_date: 1 });
});

test('a business impact analysis says that there is nothing to analyse yet', async () => {
  const { processes, notes } = await gather(ours, 'bcm_impact_analysis');
  expect(processes).toEqual([]);
  expect(notes).toEqual(['No business processes are recorded yet: there is nothing to analyse.']);
});

test.each(REPORT_TYPES)('%s never shows another organization', async (type) => {
  const text = JSON.stringify(await gather(ours, type));
  expect(text).not.toContain(theirs.tenant.org_id);
  expect(text).not.toContain(foreign.assessment_id);
});

test('an assessment that is gone is said to be', async () => {
  await expect(gather(ours, 'gap_analysis', run.assessment_id).then(() => 'made')).resolves.toBe('made');
  const { id } = await buildReport(
    its.database.db,
    theirs.tenant,
    wanted('gap_analysis', 'json', foreign.assessment_id),
  );
  const work = await withTenant(its.database.db, theirs.tenant, (trx) => getWork(trx, id));
  await expect(
    gatherDocument(its.report_db, theirs.tenant, { ...work, assessment_id: run.assessment_id }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND', detail: expect.stringContaining('was deleted') });
});

test('a snapshot does not see what is written meanwhile, writes nothing, and waits longer than a request', async () => {
  const { tenant } = ours;
  const counts = await withSnapshot(its.report_db, tenant, async (trx) => {
    const count = async (): Promise<number> => (await trx('risk').select('id')).length;
    const before = await count();
    await ours.enter([]);
    return [before, await count()];
  });
  expect(counts[1]).toBe(counts[0]);
  const write = withSnapshot(its.report_db, tenant, (trx) => trx('risk').update({ title: 'x' }));
  await expect(write).rejects.toMatchObject({
    code: expect.stringMatching(/^(25006|42501)$|SERVICE_UNAVAILABLE/),
  });
  const { rows } = await its.report_db.raw<{ rows: { statement_timeout: string }[] }>(
    'show statement_timeout',
  );
  expect(rows[0]?.statement_timeout).toBe('1min');
});

test('the number of statements does not grow with the rows', async () => {
  const statements = async (register: Register, type: ReportType, assessment_id: string): Promise<number> => {
    const queries = vi.spyOn(pg.Client.prototype, 'query');
    try {
      const { id } = await buildReport(its.database.db, register.tenant, wanted(type, 'json', assessment_id));
      const work = await withTenant(its.database.db, register.tenant, (trx) => getWork(trx, id));
      queries.mockClear();
      await gatherDocument(its.report_db, register.tenant, work);
      return queries.mock.calls.length;
    } finally {
      queries.mockRestore();
    }
  };
  const empty = await openRegister(its.database.db);
  const little = await empty.startRun();
  for (const type of REPORT_TYPES) {
    const [few, many] = [
      await statements(empty, type, little.assessment_id),
      await statements(ours, type, run.assessment_id),
    ];
    // names are asked for only where there are any, and a comparison needs something to compare with
    expect(many - few, type).toBeLessThanOrEqual(1);
    expect(many, type).toBeLessThanOrEqual(9);
  }
});
