// S8: a page of reports is an index read at 100,000 reports of 200 organizations, whatever is asked for.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg } from '../support/factories/orgs.js';

const ORGS = 200;
const REPORTS_PER_ORG = 500;

let database: TestDatabase;
let owner: pg.Client;
let org_id: string;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.owner_url });
  await owner.connect();
  const { tenant } = await buildOrg(database.db);
  ({ org_id } = tenant);
  await owner.query(
    `insert into org (id, name, domain, settings)
       select gen_random_uuid(), 'o' || n, 'o' || n || '.example', '{}' from generate_series(1, $1::int - 1) n`,
    [ORGS],
  );
  await owner.query(
    `insert into membership (org_id, user_id, name, role) select id, $1, 'x', 'admin' from org where id <> $2`,
    [tenant.actor_id, org_id],
  );
  await owner.query(
    `insert into report (org_id, id, type, format, status, failure, ended_at, requested_by, created_at)
     select o.id, gen_random_uuid(), (array['risk_register', 'incident_summary'])[1 + n % 2], 'pdf', 'failed', 'x',
       now(), $1, now() - n * interval '1 hour'
     from org o, generate_series(1, $2::int) n`,
    [tenant.actor_id, REPORTS_PER_ORG],
  );
  await owner.query('analyze report');
}, 120_000);
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const PAGE = 'order by id desc limit 51';

test.each([
  `select id from report where deleted_at is null ${PAGE}`,
  `select id from report where deleted_at is null and type in ('risk_register') ${PAGE}`,
  `select id from report where deleted_at is null and status in ('pending') ${PAGE}`,
  `select count(*), min(created_at) from report where created_at > clock_timestamp() - interval '1 hour'`,
])('%s', async (sql) => {
  const text = await withTenant(database.db, { org_id }, async (trx) => {
    const { rows } = await trx.raw<{ rows: Record<'QUERY PLAN', string>[] }>(`explain ${sql}`);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
  expect(text).not.toMatch(/Seq Scan/);
  expect(text).toMatch(/Index Cond: .*org_id/);
});
