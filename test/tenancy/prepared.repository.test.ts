// What comes again is planned once a connection, and whoever asks by that plan sees what is theirs.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Database } from '../../db/connection.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

let database: TestDatabase;
let db: Database;
let orgs: TestOrg[];

beforeAll(async () => {
  database = await createTestDatabase();
  // one connection, so that each asks by what another has prepared
  db = connect({ url: database.app_url, pool_max: 1, application_name: 'test' });
  orgs = [await buildOrg(db), await buildOrg(db)];
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** What each of them sees of these. */
async function seenBy(mark: string, ids: readonly string[]): Promise<string[]> {
  const seen: string[] = [];
  for (const { tenant } of orgs)
    seen.push(
      ...(await withTenant(db, tenant, (trx) =>
        trx('org').whereIn('id', ids).whereNot('name', mark).pluck('id'),
      )),
    );
  return seen;
}

async function preparedWith(values: number): Promise<number> {
  const { rows } = await db.raw<{ rows: { parameter_types: string[] }[] }>(
    `select parameter_types::text[] as parameter_types from pg_prepared_statements
     where statement like 'select "id" from "org"%'`,
  );
  return rows.filter(({ parameter_types }) => parameter_types.length === values).length;
}

test('a statement of two organizations has one plan, and answers each with its own', async () => {
  const ids = orgs.map(({ tenant }) => tenant.org_id);
  for (let round = 0; round < 12; round += 1) expect(await seenBy(randomUUID(), ids)).toEqual(ids);
  expect(await preparedWith(3)).toBe(1);
});

test('what is asked once, and long lists, are not kept', async () => {
  const ids = Array.from({ length: 40 }, () => randomUUID());
  for (let round = 0; round < 6; round += 1) await seenBy('', ids);
  expect(await preparedWith(41)).toBe(0);
  await withTenant(db, { org_id: randomUUID() }, (trx) => trx('org').where({ name: 'once' }).pluck('id'));
  expect(await preparedWith(1)).toBe(0);
});
