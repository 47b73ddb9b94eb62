// S8: lists stay index reads under row-level security, at 200,000 rows. And db/schema.sql is what migrations make.
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connection.js';
import { dumpSchema } from '../../db/schema-dump.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg } from '../support/factories/orgs.js';

const ORGS = 200;
const FINDINGS_PER_ORG = 1000;
const CONTROLS = 64;

let database: TestDatabase;
let owner: pg.Client;
let db: Database;
let org_id: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.app_url, pool_max: 2, application_name: 'test' });
  owner = new pg.Client({ connectionString: database.owner_url });
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await db.destroy();
  await database.drop();
});

test('db/schema.sql is the schema that the migrations make', async () => {
  // `npx vitest run test/schema -u` writes it
  await expect(`${await dumpSchema(owner)}\n`).toMatchFileSnapshot('../../db/schema.sql');
});

/** Rows by the bulk, behind the wall: what 200 organizations leave after some years. */
async function fill(founder: { org_id: string; actor_id: string }): Promise<void> {
  await owner.query(
    `insert into org (id, name, domain, settings)
       select gen_random_uuid(), 'o' || n, 'o' || n || '.example', '{}' from generate_series(1, $1::int - 1) n`,
    [ORGS],
  );
  await owner.query(
    `insert into membership (org_id, user_id, name, role)
       select id, $1, 'x', 'admin' from org where id <> $2`,
    [founder.actor_id, founder.org_id],
  );
  const runs = Math.ceil(FINDINGS_PER_ORG / CONTROLS);
  await owner.query(
    `insert into assessment (org_id, id, framework_id, name, scope, created_by)
       select o.id, gen_random_uuid(), f.id, 'a' || n, 's', $1
       from org o, (select id from framework limit 1) f, generate_series(1, $2::int) n`,
    [founder.actor_id, runs],
  );
  await owner.query(
    `insert into finding (org_id, id, assessment_id, control_id, status, severity, confidence, rationale, evaluated_by)
       select a.org_id, gen_random_uuid(), a.id, c.id,
         (array['pass', 'fail', 'partial', 'not_applicable'])[1 + (c.position + ascii(a.name)) % 4],
         (array['critical', 'high', 'medium', 'low', 'info'])[1 + c.position % 5], 0.9, 'because', '{}'
       from assessment a join control c on c.framework_id = a.framework_id`,
  );
  await owner.query(
    `insert into audit_log (org_id, seq, at, action, resource_type, body, hash)
       select id, n, now(), 'a', 'r', '{}', 'h' from org, generate_series(1, 200) n`,
  );
  await owner.query('analyze');
}

async function plan(sql: string, bindings: unknown[]): Promise<string> {
  return await withTenant(db, { org_id }, async (trx) => {
    const { rows } = await trx.raw<{ rows: Record<'QUERY PLAN', string>[] }>(
      `explain ${sql}`,
      bindings as string[],
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
}

test(
  'a page of findings is read by an index that starts with the organization',
  { timeout: 90_000 },
  async () => {
    const { tenant } = await buildOrg(db);
    org_id = tenant.org_id;
    await fill(tenant);
    const { rows } = await owner.query<{ n: string }>('select count(*) as n from finding');
    expect(Number(rows[0]?.n)).toBeGreaterThanOrEqual(200_000);
    const assessment = await owner.query<{ id: string }>(
      'select id from assessment where org_id = $1 limit 1',
      [org_id],
    );
    const queries: [string, unknown[]][] = [
      ['select id from finding order by id desc limit 51', []],
      [`select id from finding where status in ('fail') order by id desc limit 51`, []],
      [`select id from finding where severity in ('critical') order by id desc limit 51`, []],
      ['select id from finding where assessment_id = ? order by id desc limit 51', [assessment.rows[0]?.id]],
      ['select id from assessment order by id desc limit 51', []],
      ['select seq from audit_log order by seq desc limit 51', []],
    ];
    for (const [sql, bindings] of queries) {
      const text = await plan(sql, bindings);
      expect(text, sql).not.toMatch(/Seq Scan on (finding|assessment|audit_log)/);
      expect(text, sql).toMatch(/Index Cond: .*org_id/);
    }
  },
);
