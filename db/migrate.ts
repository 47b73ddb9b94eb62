import knex from 'knex';
import pg from 'pg';
import { MIGRATIONS, type Migration } from './migrations/index.js';
import { ensureRoles } from './roles.js';

/** Any constant will do, as long as every process that migrates takes the same one. */
const MIGRATION_LOCK = 7_261_001;

/** Brings the database to the newest schema. Several processes may call it at once: one migrates, the rest wait. */
export async function migrate(database_url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await ensureRoles(client, database_url);
    return await runMigrations(database_url);
  } finally {
    await client.end();
  }
}

async function runMigrations(database_url: string): Promise<string[]> {
  const db = knex({ client: 'pg', connection: database_url, pool: { min: 0, max: 2 } });
  try {
    const [, applied] = (await db.migrate.latest({
      tableName: 'schema_migration',
      migrationSource: {
        getMigrations: () => Promise.resolve([...MIGRATIONS]),
        getMigrationName: (migration: Migration) => migration.name,
        getMigration: (migration: Migration) =>
          Promise.resolve({
            up: async (trx) => {
              await trx.raw('set local role grc_owner');
              await trx.raw(migration.up);
              await trx.raw('reset role');
            },
            down: () => Promise.reject(new Error('migrations only go forward')),
          }),
      },
    })) as [number, string[]];
    return applied;
  } finally {
    await db.destroy();
  }
}
