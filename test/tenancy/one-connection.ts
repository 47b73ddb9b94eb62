// Two organizations over a single connection, so that each statement meets what another has left on it.
import { connect, type Database } from '../../db/connection.js';
import { createTestDatabase } from '../support/database.js';
import { buildOrg, type TestOrg } from '../support/factories/orgs.js';

export interface OneConnection {
  db: Database;
  ours: TestOrg;
  theirs: TestOrg;
  close: () => Promise<void>;
}

export async function openOneConnection(): Promise<OneConnection> {
  const database = await createTestDatabase();
  const db = connect({ url: database.app_url, pool_max: 1, application_name: 'test' });
  return {
    db,
    ours: await buildOrg(db),
    theirs: await buildOrg(db),
    async close() {
      await db.destroy();
      await database.drop();
    },
  };
}
