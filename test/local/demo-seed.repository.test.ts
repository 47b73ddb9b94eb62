import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSteampipe } from '../../db/orgs/steampipe.js';
import { withTenant } from '../../db/tenancy.js';
import { DEMO_INVENTORY } from '../../local/demo/inventory/fill.js';
import { seedDemo, type DemoDocument } from '../../local/demo/seed.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { buildOrg } from '../support/factories/orgs.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase(2);
});

afterAll(async () => {
  await database.drop();
});

const rendered: string[] = [];
const documents: DemoDocument[] = ['one.md', 'two.md'].map((filename) => ({
  meta: {
    filename,
    content_type: 'text/markdown',
    control_refs: ['CC1.1'],
    age_days: 3,
    expires_in_days: null,
  },
  render: () => {
    rendered.push(filename);
    return Promise.resolve(Buffer.from(`# ${filename}`));
  },
}));

const seed = () =>
  seedDemo({
    database_url: database.owner_url,
    inventory: DEMO_INVENTORY,
    documents,
    store: { put: () => Promise.resolve() },
    subject_of: (email) => `subject-of-${email}`,
  });

test('only the demo organization reads the demo inventory, however often it is seeded', async () => {
  const other = await buildOrg(database.db);
  const first = await seed();
  const second = await seed();
  expect(first.added_documents).toBe(2);
  expect(second).toEqual({ org_id: first.org_id, added_documents: 0 });
  expect(rendered).toEqual(['one.md', 'two.md']);
  const demo = { ...other.tenant, org_id: first.org_id };
  expect(await withTenant(database.db, demo, (trx) => findSteampipe(trx))).toEqual({
    schema_name: DEMO_INVENTORY.schema,
    role_name: DEMO_INVENTORY.role,
  });
  expect(await withTenant(database.db, other.tenant, (trx) => findSteampipe(trx))).toBeUndefined();
});
