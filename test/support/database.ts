import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { connect, type Database } from '../../db/connection.js';
import { appUrl, reconcileUrl, reportUrl } from '../../db/roles.js';
import { withClient } from '../../local/postgres/databases.js';

export interface TestDatabase {
  /** As superuser: what an attacker with the database would be. */
  owner_url: string;
  app_url: string;
  reconcile_url: string;
  report_url: string;
  /** Connected as the application. */
  db: Database;
  drop(): Promise<void>;
}

/** A database of one's own: migrated, with the built-in catalogues. */
export async function createTestDatabase(pool_max = 10): Promise<TestDatabase> {
  const admin_url = inject('postgres_admin_url');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await withClient(admin_url, (client) =>
    client.query(`create database ${name} template ${inject('template_database')} strategy file_copy`),
  );
  const url = new URL(admin_url);
  url.pathname = `/${name}`;
  const owner_url = url.toString();
  const db = connect({ url: appUrl(owner_url), pool_max, application_name: 'test' });
  return {
    owner_url,
    app_url: appUrl(owner_url),
    reconcile_url: reconcileUrl(owner_url),
    report_url: reportUrl(owner_url),
    db,
    async drop() {
      await db.destroy();
      await withClient(admin_url, async (client) => {
        await client.query(`drop database ${name} with (force)`);
      });
    },
  };
}
