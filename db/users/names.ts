import type { SnapshotDb, TenantDb } from '../tenancy.js';

/** Names by user id, of people who have left too; who is not known is called by their id. */
export async function namesOf(
  trx: TenantDb | SnapshotDb,
  user_ids: readonly (string | null)[],
): Promise<(id: string) => string> {
  const wanted = [...new Set(user_ids.filter((id) => id !== null))];
  const rows: { user_id: string; name: string }[] =
    wanted.length === 0 ? [] : await trx('membership').whereIn('user_id', wanted).select('user_id', 'name');
  const names = new Map(rows.map(({ user_id, name }) => [user_id, name]));
  return (id) => names.get(id) ?? id;
}
