// Which cloud inventory an organization reads is the operator's word, nobody else's.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSteampipe, mapSteampipe } from '../../db/orgs/steampipe.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

let database: TestDatabase;
let org: TestOrg;
let other: TestOrg;

beforeAll(async () => {
  database = await createTestDatabase(2);
  [org, other] = [await buildOrg(database.db), await buildOrg(database.db)];
});

afterAll(async () => {
  await database.drop();
});

const mappingOf = ({ tenant }: TestOrg) => withTenant(database.db, tenant, (trx) => findSteampipe(trx));

test('one organization is mapped, and mapped anew; every other one has none', async () => {
  const { org_id } = org.tenant;
  await mapSteampipe(database.owner_url, { org_id, schema: 'all_accounts', role: 'reader' });
  expect(await mappingOf(org)).toEqual({ schema_name: 'all_accounts', role_name: 'reader' });
  await mapSteampipe(database.owner_url, { org_id, schema: 'aws', role: null });
  expect(await mappingOf(org)).toEqual({ schema_name: 'aws', role_name: null });
  expect(await mappingOf(other)).toBeUndefined();
});

test('an organization that does not exist is refused in words', async () => {
  const unknown = mapSteampipe(database.owner_url, { org_id: randomUUID(), schema: 'aws', role: null });
  await expect(unknown).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'there is no organization with this id',
  });
});

test('the application cannot map anything', async () => {
  const { org_id } = other.tenant;
  const attempt = withTenant(database.db, other.tenant, (trx) =>
    trx('steampipe_mapping').insert({ org_id, schema_name: 'aws' }),
  );
  await expect(attempt).rejects.toThrow(/permission denied/u);
});
