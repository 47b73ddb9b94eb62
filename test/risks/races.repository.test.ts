// The database counts as the rules do, for any risk, and also when runs, people and links come all at once.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { changeFinding } from '../../api/findings/use-cases.js';
import { changeRisk, recomputeRisks } from '../../api/risks/use-cases.js';
import { FINDING_STATUSES } from '../../domain/findings/rules.js';
import {
  appetiteOf,
  assuranceOf,
  effectivenessOf,
  inherentScore,
  residualCell,
  residualScore,
} from '../../domain/risks/rules.js';
import type { RiskDetail } from '../../domain/risks/schema.js';
import { connect, type Database } from '../../db/connection.js';
import { getRisk, listRisks } from '../../db/risks/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { throwDice } from '../faults/random.js';
import { each } from '../security/routes.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { openRegister, REFS, type Register } from './register.js';

const BOUNDS = { approaching: 25, exceeds: 50, critical: 75 };

let database: TestDatabase;
let db: Database;
let register: Register;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 12, application_name: 'test' });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  register = await openRegister(db);
});

/** Draws from a list; the same again with FAULT_SEED set. */
function drawer(what: string): <T>(items: readonly T[]) => T {
  const dice = throwDice(what);
  return (items) => {
    const item = items[dice.between(0, items.length)];
    if (item === undefined) throw new Error('nothing to draw from');
    return item;
  };
}

/** As the rules have it, from what stands in the findings. */
function expectRight(risk: RiskDetail): void {
  const assurance = assuranceOf(risk.controls.map(({ finding_status }) => finding_status));
  const manual =
    risk.residual_likelihood === null || risk.residual_impact === null
      ? null
      : { likelihood: risk.residual_likelihood, impact: risk.residual_impact };
  const score = residualScore(risk, assurance, manual);
  expect(risk).toMatchObject({
    inherent_score: inherentScore(risk),
    controls_judged: assurance.of,
    effectiveness: effectivenessOf(assurance),
    residual_score: score,
    residual_source: manual === null ? 'computed' : 'manual',
    residual_cell: residualCell(risk, assurance, manual),
    appetite: appetiteOf(score, BOUNDS),
  });
}

async function everyRisk(): Promise<RiskDetail[]> {
  return await withTenant(db, register.tenant, async (trx) => {
    const { items } = await listRisks(trx, {}, { limit: 200 });
    const details: RiskDetail[] = [];
    for (const { id } of items) details.push(await getRisk(trx, id));
    return details;
  });
}

test('the database counts as the rules do, for any risk and any verdicts', async () => {
  const choose = drawer('any risk');
  const run = await register.startRun();
  await run.judge(Object.fromEntries(REFS.map((ref, index) => [ref, FINDING_STATUSES[index % 4] ?? 'pass'])));
  for (let count = 0; count < 60; count += 1) {
    const refs = REFS.filter(() => choose([true, false]));
    const [likelihood, impact] = [choose([1, 2, 3, 4, 5]), choose([1, 2, 3, 4, 5])];
    const { id } = await register.enter(refs, { likelihood, impact });
    if (count % 4 === 0)
      await changeRisk(register.deps, register.tenant, id, {
        residual_likelihood: choose([1, 3, 5]),
        residual_impact: choose([1, 3, 5]),
      });
  }
  const all = await everyRisk();
  expect(all).toHaveLength(60);
  expect(new Set(all.map(({ residual_score }) => residual_score)).size).toBeGreaterThan(15);
  all.forEach(expectRight);
});

test.each([1, 2, 3])(
  'runs, people and links at once leave every risk right, and none in each other’s way (%d)',
  async (round) => {
    const choose = drawer(`all at once ${String(round)}`);
    const runs = [await register.startRun(), await register.startRun(), await register.startRun()];
    const first = Object.fromEntries(REFS.map((ref) => [ref, 'fail' as const]));
    for (const run of runs) await run.judge(first);
    const ids: string[] = [];
    for (let count = 0; count < 8; count += 1) ids.push((await register.enter([choose(REFS)])).id);
    const [one, two] = [await register.startRun(), await register.startRun()];
    const people: (() => Promise<unknown>)[] = [];
    for (let count = 0; count < 40; count += 1) {
      const finding = await choose(runs).finding(choose(REFS));
      const status = choose(FINDING_STATUSES);
      people.push(() => changeFinding(register.deps, register.tenant, finding, { status }));
      const [id, refs] = [choose(ids), REFS.filter(() => choose([true, false]))];
      people.push(() => changeRisk(register.deps, register.tenant, id, { control_refs: refs }));
    }
    const machines = [one, two].map((run) => async () => {
      for (const ref of choose([REFS, REFS.toReversed()]))
        await run.judge({ [ref]: choose(FINDING_STATUSES) });
    });
    const acts = [
      ...machines,
      ...people,
      () => register.enter(REFS),
      () => recomputeRisks(register.deps, register.tenant),
    ];
    await each(acts, async (act) => void (await act()));
    const all = await everyRisk();
    expect(all).toHaveLength(9);
    all.forEach(expectRight);
    expect(await recomputeRisks(register.deps, register.tenant)).toMatchObject({ changed: 0 });
    for (const { id, revision, residual_score } of all) {
      const items = await register.history(id);
      expect(items.map((item) => item.revision)).toEqual(
        Array.from({ length: revision }, (_, at) => revision - at),
      );
      expect(items[0]?.residual_score).toBe(residual_score);
    }
  },
);
