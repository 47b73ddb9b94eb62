// The end of an organization's rows: not before its time, none forgotten, no other organization touched.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteOrganization } from '../../api/orgs/use-cases.js';
import { listPurgeTables, finishPurge, purgeRows } from '../../db/orgs/purge.js';
import { purgeOrder } from '../../db/orgs/purge-order.js';
import { withTenant } from '../../db/tenancy.js';
import { exampleOf, TENANT_ROUTES } from '../security/routes.js';
import { buildEvidence } from '../support/factories/evidence.js';
import { createWorld, endOrg, type World, type WorldOrg } from '../support/world.js';

let world: World;
let owner: pg.Client;

beforeAll(async () => {
  world = await createWorld();
  owner = new pg.Client({ connectionString: world.api.database.owner_url });
  await owner.connect();
  for (const org of [world.ours, world.theirs]) await fill(org);
});
afterAll(async () => {
  await owner.end();
  await world.stop();
});

/** Everything that the routes can make, and what only operators and workflows write. */
async function fill(org: WorldOrg): Promise<void> {
  for (const spec of TENANT_ROUTES) await exampleOf(world, org, spec);
  let supersedes_id: string | null = null;
  for (let version = 0; version < 3; version += 1) {
    const { id } = await buildEvidence(world.db, org.tenant, `version ${version}`);
    await owner.query('update evidence set supersedes_id = $1 where id = $2', [supersedes_id, id]);
    supersedes_id = id;
  }
  await owner.query(
    `insert into steampipe_mapping (org_id, schema_name) values ($1, 'aws') on conflict do nothing`,
    [org.org_id],
  );
  await owner.query(
    `insert into org_key (org_id, kid, wrapped) values ($1, 'test', 'x') on conflict do nothing`,
    [org.org_id],
  );
  await owner.query(
    `insert into check_result (org_id, execution_id, name, sql, status)
       select org_id, id, 'check', 'select 1', 'pass' from assessment_execution where org_id = $1`,
    [org.org_id],
  );
  await owner.query(
    `insert into framework (id, org_id, key, name, version, description, source, licence_note, groups,
       control_count, content_hash) values ($1, $2, 'OWN', 'Own', '1', '', '', '', '[]', 1, 'h')`,
    [randomUUID(), org.org_id],
  );
  await owner.query(
    `insert into control (id, org_id, framework_id, position, ref, "group", title, description, question, guidance, kind)
       select $1, org_id, id, 0, 'X1', 'X', '', '', '', '', 'control' from framework where org_id = $2 and key = 'OWN'`,
    [randomUUID(), org.org_id],
  );
}

/** As nobody can hide them: by the superuser, of every table that has the column. */
async function rowsOf(org_id: string): Promise<Record<string, number>> {
  const { rows } = await owner.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'public' and column_name = 'org_id' order by 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of rows) {
    const found = await owner.query<{ n: number }>(
      `select count(*)::int as n from ${name} where org_id = $1`,
      [org_id],
    );
    counts[name] = found.rows[0]?.n ?? 0;
  }
  return counts;
}

async function purge(org: WorldOrg, batch: number, batches = Infinity): Promise<number> {
  const { org_id, tenant } = org;
  const tables = await withTenant(world.db, tenant, (trx) => listPurgeTables(trx));
  let done = 0;
  for (const table of tables) {
    while (done < batches) {
      const removed = await withTenant(world.db, tenant, (trx) => purgeRows(trx, org_id, table, batch));
      expect(removed).toBeLessThanOrEqual(batch);
      if (removed === 0) break;
      done += 1;
    }
  }
  return done;
}

const finish = ({ org_id, tenant }: WorldOrg): Promise<void> =>
  withTenant(world.db, tenant, (trx) => finishPurge(trx, org_id));
const TOO_EARLY = { code: '55000' };

test('nothing of an organization is purged while it is alive, or before its time', async () => {
  const { theirs } = world;
  const before = await rowsOf(theirs.org_id);
  await expect(purge(theirs, 10)).rejects.toMatchObject(TOO_EARLY);
  await expect(finish(theirs)).rejects.toMatchObject(TOO_EARLY);

  const deleted = await world.found();
  await endOrg(world, deleted);
  const { rows } = await owner.query<{ days: number }>(
    `select extract(epoch from purge_at - deleted_at)::float8 / 86400 as days from org where id = $1`,
    [deleted.org_id],
  );
  expect(rows[0]?.days).toBeCloseTo(30, 4);
  await expect(purge(deleted, 10)).rejects.toMatchObject(TOO_EARLY);
  expect(await rowsOf(theirs.org_id)).toEqual(before);
});

test('a deletion cannot be moved to another day, and final rows stay final until then', async () => {
  const org = await world.found();
  await deleteOrganization({ db: world.db }, org.tenant, 60_000);
  const moved = withTenant(world.db, org.tenant, (trx) =>
    trx('org').update({ purge_at: trx.raw('clock_timestamp()') }),
  );
  await expect(moved).rejects.toMatchObject({ code: '42501' });
  await owner.query('begin');
  await owner.query('set local role grc_owner');
  await owner.query(`select set_config('app.org_id', $1, true)`, [org.org_id]);
  await expect(owner.query('delete from audit_log')).rejects.toMatchObject({ code: '42501' });
  await owner.query('rollback');
});

test('after its time every row goes, in bounded batches that may be cut short, and no row of anybody else', async () => {
  const { ours, theirs } = world;
  const [mine, before] = [await rowsOf(ours.org_id), await rowsOf(theirs.org_id)];
  const filled = Object.keys(mine).filter((table) => (mine[table] ?? 0) > 0);
  expect(filled).toEqual(expect.arrayContaining(['audit_log', 'control', 'evidence', 'finding', 'timeline']));
  expect(filled.length).toBeGreaterThanOrEqual(25);

  const { hash, seq } = (
    await owner.query<{ hash: string; seq: string }>('select hash, seq from audit_head where org_id = $1', [
      ours.org_id,
    ])
  ).rows[0] ?? { hash: '', seq: '' };
  await deleteOrganization({ db: world.db }, ours.tenant, 1);
  expect(await purge(ours, 3, 5)).toBe(5);
  // with rows left there is no end
  await expect(finish(ours)).rejects.toMatchObject({ code: '23503' });
  await purge(ours, 7);
  await finish(ours);

  const left = await rowsOf(ours.org_id);
  expect(Object.keys(left).filter((table) => left[table] !== 0)).toEqual([]);
  expect((await owner.query('select from org where id = $1', [ours.org_id])).rowCount).toBe(0);
  expect(await rowsOf(theirs.org_id)).toEqual(before);
  const proof = await owner.query('select * from org_purge where id = $1', [ours.org_id]);
  expect(proof.rows[0]).toMatchObject({ purged_at: expect.any(String) });
  // of the chain as the deletion itself left it, one entry on
  expect(Number(proof.rows[0]?.audit_seq)).toBe(Number(seq) + 1);
  expect(proof.rows[0]?.audit_hash).not.toBe(hash);

  expect(await purge(ours, 7)).toBe(0);
  await finish(ours);
});

test('every table of the catalogue has its place in the order, children before parents', async () => {
  const { tenant } = world.theirs;
  const tables = await withTenant(world.db, tenant, (trx) => listPurgeTables(trx));
  const known = Object.keys(await rowsOf(world.theirs.org_id)).filter((table) => table !== 'org_key');
  expect(tables.toSorted()).toEqual(known.toSorted());
  expect(tables.indexOf('finding_history')).toBeLessThan(tables.indexOf('finding'));
  expect(tables.indexOf('finding')).toBeLessThan(tables.indexOf('assessment'));
});

test('a circle is opened at a foreign key that lets go, and refused when none does', () => {
  const circle = (yields: boolean) => [
    { child: 'run', parent: 'plan', yields },
    { child: 'plan', parent: 'run', yields: false },
    { child: 'step', parent: 'run', yields: true },
    { child: 'step', parent: 'step', yields: false },
  ];
  expect(purgeOrder(['plan', 'run', 'step'], circle(true))).toEqual(['step', 'plan', 'run']);
  expect(() => purgeOrder(['plan', 'run', 'step'], circle(false))).toThrow('plan, run');
});
