// Which cloud inventory an organization reads is the operator's word, nobody else's.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSteampipe, mapSteampipe } from '../../db/orgs/steampipe.js';
import { withTenant } from '../../db/tenancy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';
import { createTestInventory } from '../support/inventory.js';
import { operate } from '../support/operator-command.js';

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

async function command(schema: string, inventory_url: string): Promise<string> {
  const env = { DATABASE_URL: database.owner_url, STEAMPIPE_DATABASE_URL: inventory_url };
  const words = ['org-steampipe', '--org', other.tenant.org_id, '--schema', schema];
  return (await operate(env, ...words)).output.trim();
}

test("the operator's command maps a schema that the inventory has, and no other", async () => {
  const inventory = await createTestInventory('select 1');
  try {
    expect(await command('awss', inventory.url)).toBe('--schema: the inventory has no schema awss');
    const away = await command('aws', 'postgres://reader@127.0.0.1:1/inventory');
    expect(away).toMatch(/^STEAMPIPE_DATABASE_URL: the inventory does not answer: .*ECONNREFUSED/u);
    expect(await mappingOf(other)).toBeUndefined();
    expect(await command('aws', inventory.url)).toContain('reads the Steampipe schema aws');
    expect(await mappingOf(other)).toEqual({ schema_name: 'aws', role_name: null });
    const unknown = await command('aws', '');
    expect(unknown).toContain('whether it has the schema is not known');
  } finally {
    await inventory.drop();
  }
});
