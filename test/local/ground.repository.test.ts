import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../local/postgres/databases.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { connectTemporal, taskQueueFor, timeSkippingEnvironment } from '../support/temporal.js';

describe('the ground that tests stand on', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('gives a migrated database, and each role its own login', async () => {
    for (const [url, role] of [
      [database.owner_url, 'postgres'],
      [database.app_url, 'grc_app'],
      [database.reconcile_url, 'grc_reconcile'],
      [database.report_url, 'grc_report'],
    ] as const) {
      const { rows } = await withClient(url, (client) =>
        client.query<{ role: string; table: string | null }>(
          `select current_user as role, to_regclass('public.org')::text as table`,
        ),
      );
      expect(rows).toEqual([{ role, table: 'org' }]);
    }
  });

  it('keeps two databases apart', async () => {
    const other = await createTestDatabase();
    await withClient(other.owner_url, (client) => client.query('create table only_here ()'));
    const { rows } = await withClient(database.owner_url, (client) =>
      client.query(`select to_regclass('only_here') as found`),
    );
    expect(rows).toEqual([{ found: null }]);
    await other.drop();
  });

  it('has the search attributes of production on the Temporal server', async () => {
    const temporal = await connectTemporal();
    const { customAttributes } = await temporal.connection.operatorService.listSearchAttributes({
      namespace: temporal.namespace,
    });
    expect(Object.keys(customAttributes)).toEqual(
      expect.arrayContaining(['OrgId', 'ResourceId', 'Phase', 'SlaDueAt']),
    );
    await temporal.close();
  });

  it('names a queue by the title, never the same for two titles', () => {
    expect(taskQueueFor('A title!')).toMatch(/^test-a-title--[0-9a-f]{8}$/);
    expect(taskQueueFor('a')).not.toBe(taskQueueFor('b'));
  });

  it('lets ninety days pass at once', async () => {
    const environment = await timeSkippingEnvironment();
    const before = await environment.currentTimeMs();
    await environment.sleep('90 days');
    expect((await environment.currentTimeMs()) - before).toBeGreaterThanOrEqual(90 * 86_400_000);
    await environment.teardown();
  });
});
