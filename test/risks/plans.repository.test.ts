// S8: the register at 200,000 risks of 200 organizations: pages, the heatmap and what a finding moves are index reads.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg } from '../support/factories/orgs.js';

const ORGS = 200;
const RISKS_PER_ORG = 1_000;
const ASSESSMENTS_PER_ORG = 2;

let database: TestDatabase;
let owner: pg.Client;
let db: Database;
let org_id: string;
let actor_id: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 2, application_name: 'test' });
  owner = new pg.Client({ connectionString: database.owner_url });
  await owner.connect();
  ({ org_id, actor_id } = (await buildOrg(db)).tenant);
  await fill();
}, 120_000);
afterAll(async () => {
  await owner.end();
  await db.destroy();
  await database.drop();
});

async function fill(): Promise<void> {
  await owner.query(
    `insert into org (id, name, domain, settings)
       select gen_random_uuid(), 'o' || n, 'o' || n || '.example', '{}' from generate_series(1, $1::int - 1) n`,
    [ORGS],
  );
  await owner.query(
    `insert into membership (org_id, user_id, name, role) select id, $1, 'x', 'admin' from org where id <> $2`,
    [actor_id, org_id],
  );
  await owner.query(
    `insert into risk (org_id, id, number, title, description, category, treatment, status, likelihood, impact,
       owner_id, created_by)
     select o.id, gen_random_uuid(), n, 'Risk', '', (array['cyber', 'financial', 'strategic'])[1 + n % 3], 'mitigate',
       (array['open', 'open', 'mitigated', 'accepted'])[1 + n % 4], 1 + n % 5, 1 + n / 5 % 5, $1, $1
     from org o, generate_series(1, $2::int) n`,
    [actor_id, RISKS_PER_ORG],
  );
  await owner.query(
    `insert into risk_control (org_id, risk_id, control_id)
     select r.org_id, r.id, c.id from risk r join control c on c.org_id is null and c.ref = $1
       and c.framework_id = (select id from framework where key = 'SOC2_TYPE2')`,
    ['CC1.1'],
  );
  await owner.query(
    `insert into risk_history (org_id, risk_id, revision, cause, changes, status, inherent_score, residual_score)
     select org_id, id, 1, 'created', '[]', status, inherent_score, residual_score from risk`,
  );
  await owner.query(
    `insert into assessment (org_id, id, framework_id, name, scope, created_by)
     select o.id, gen_random_uuid(), f.id, 'a' || n, 's', $1
     from org o, framework f, generate_series(1, $2::int) n where f.key = 'SOC2_TYPE2'`,
    [actor_id, ASSESSMENTS_PER_ORG],
  );
  await owner.query(
    `insert into finding (org_id, id, assessment_id, control_id, status, severity, confidence, rationale, evaluated_by)
     select a.org_id, gen_random_uuid(), a.id, c.id, 'fail', 'high', 0.9, 'because', '{}'
     from assessment a join control c on c.framework_id = a.framework_id`,
  );
  await owner.query('vacuum analyze');
}

async function plan(sql: string, bindings: readonly unknown[] = []): Promise<string> {
  return await withTenant(db, { org_id }, async (trx) => {
    const { rows } = await trx.raw<{ rows: Record<'QUERY PLAN', string>[] }>(
      `explain ${sql}`,
      bindings as string[],
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
}

test.each([
  ['a page', 'select id from risk order by id desc limit 51'],
  ['a page by status', `select id from risk where status in ('accepted') order by id desc limit 51`],
  ['a page by category', `select id from risk where category in ('cyber') order by id desc limit 51`],
  ['a page by score', 'select id from risk where residual_score >= 100 order by id desc limit 51'],
  ['the inherent cells', `select likelihood, impact, count(*) from risk where status = 'open' group by 1, 2`],
  [
    'the residual cells',
    `select cell_likelihood, cell_impact, count(*) from risk where status = 'open' group by 1, 2`,
  ],
])('%s is read by an index that starts with the organization', async (_, sql) => {
  const text = await plan(sql);
  expect(text).not.toMatch(/Seq Scan on risk/);
  expect(text).toMatch(/Index Cond: .*org_id/);
});

test('the cells are counted by their indexes alone', async () => {
  const counted = (columns: string): Promise<string> =>
    plan(`select ${columns}, count(*) from risk where status = 'open' group by ${columns}`);
  expect(await counted('likelihood, impact')).toMatch(/Index Only Scan using risk_inherent_cell/);
  expect(await counted('cell_likelihood, cell_impact')).toMatch(/Index Only Scan using risk_residual_cell/);
});

test('what a finding moves, and the history of a risk, are found by their keys', async () => {
  const { rows } = await owner.query<{ risk_id: string; control_id: string }>(
    'select risk_id, control_id from risk_control where org_id = $1 limit 1',
    [org_id],
  );
  const { risk_id, control_id } = rows[0] ?? {};
  const linked = await plan('select distinct risk_id from risk_control where control_id = ?', [control_id]);
  expect(linked).not.toMatch(/Seq Scan/);
  const latest = await plan(
    'select status from finding where control_id = ? order by judged_at desc, id desc limit 1',
    [control_id],
  );
  expect(latest).toMatch(/finding_latest/);
  const history = await plan('select * from risk_history where risk_id = ? order by revision desc limit 51', [
    risk_id,
  ]);
  expect(history).not.toMatch(/Seq Scan|Sort/);
});
