// Are the tables there that a query names? Asked of the inventory when a query is written, only to warn.
import pg from 'pg';
import { askInventory } from '../connection.js';
import type { SteampipeMapping } from '../orgs/steampipe.js';

/** A request waits for this, so briefly. */
const WAIT_MS = 700;
const NOT_ASKED = 'the inventory does not answer: whether it has these tables is not known';

/** Outside any transaction of ours. Never throws: who cannot be asked is a warning too. */
export async function tableWarnings(
  url: string | undefined,
  mapping: SteampipeMapping | undefined,
  tables: readonly string[],
): Promise<string[]> {
  if (url === undefined || mapping === undefined)
    return ['no inventory is configured for the organization: nothing is collected until there is one'];
  if (tables.length === 0) return [];
  try {
    return await askInventory(url, WAIT_MS, async (client) => {
      await client.query('begin read only');
      await client.query(`select set_config('search_path', $1, true)`, [
        pg.escapeIdentifier(mapping.schema_name),
      ]);
      const { rows } = await client.query<{ name: string }>(
        `select name from unnest($1::text[]) as name where to_regclass(name) is null order by name`,
        [tables],
      );
      return rows.map(
        ({ name }) => `the inventory has no table ${name} yet: collections fail until there is one`,
      );
    });
  } catch {
    return [NOT_ASKED];
  }
}
