// The end of an organization's rows. The database itself refuses all of it before the time has come.
import type { TenantDb } from '../tenancy.js';
import { purgeOrder, type Reference } from './purge-order.js';

/** Goes last, together with the organization's own row. */
const KEY_TABLE = 'org_key';

const TABLES = `select c.relname as name from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped
  where n.nspname = 'public' and c.relkind in ('r', 'p')`;

const REFERENCES = `select c.relname as child, p.relname as parent, k.confdeltype in ('c', 'n', 'd') as yields
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and k.contype = 'f'`;

/** Every table that has rows of organizations, as the catalogue knows them: a new one cannot be forgotten. */
export async function listPurgeTables(trx: TenantDb): Promise<string[]> {
  const { rows: tables } = await trx.raw<{ rows: { name: string }[] }>(TABLES);
  const { rows: references } = await trx.raw<{ rows: Reference[] }>(REFERENCES);
  const names = tables.map(({ name }) => name).filter((name) => name !== KEY_TABLE);
  return purgeOrder(names, references);
}

/** One batch; 0 when the table has no more. Repeatable, also after the end. */
export async function purgeRows(
  trx: TenantDb,
  org_id: string,
  table: string,
  limit: number,
): Promise<number> {
  const { rows } = await trx.raw<{ rows: { removed: number }[] }>('select purge_rows(?, ?, ?) as removed', [
    org_id,
    table,
    limit,
  ]);
  return rows[0]?.removed ?? 0;
}

/** Destroys the organization's key and its own row; refused while any other row is left. Repeatable. */
export async function finishPurge(trx: TenantDb, org_id: string): Promise<void> {
  await trx.raw('select finish_purge(?)', [org_id]);
}
