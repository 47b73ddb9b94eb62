import pg from 'pg';
import { askInventory } from '../connection.js';
import { translated } from '../errors.js';
import type { TenantDb } from '../tenancy.js';

const WAIT_MS = 5_000;

export interface SteampipeMapping {
  schema_name: string;
  role_name: string | null;
}

/** Which Steampipe schema the organization may read; undefined: none, and nothing else is ever assumed. */
export async function findSteampipe(trx: TenantDb): Promise<SteampipeMapping | undefined> {
  return await trx('steampipe_mapping').select('schema_name', 'role_name').first();
}

/** Asks the inventory itself. @throws Error when it does not answer */
export async function hasSchema(inventory_url: string, schema: string): Promise<boolean> {
  return await askInventory(inventory_url, WAIT_MS, async (client) => {
    const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema]);
    return rowCount === 1;
  });
}

/**
 * The operator's word, given on the migrating connection: the application's role may not write the mapping.
 * Throws NOT_FOUND when there is no such organization.
 */
export async function mapSteampipe(
  database_url: string,
  mapping: { org_id: string; schema: string; role: string | null },
): Promise<void> {
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query('set local role grc_owner');
    await client.query(`select set_config('app.org_id', $1, true)`, [mapping.org_id]);
    await translated(() =>
      client.query(
        `insert into steampipe_mapping (org_id, schema_name, role_name) values ($1, $2, $3)
         on conflict (org_id) do update set schema_name = excluded.schema_name, role_name = excluded.role_name`,
        [mapping.org_id, mapping.schema, mapping.role],
      ),
    );
    await client.query('commit');
  } finally {
    await client.end();
  }
}
