import type { TenantDb } from '../tenancy.js';

/** The organization's data key as it is kept. */
export interface WrappedKey {
  /** Of the root key that wraps it. */
  kid: string;
  wrapped: Buffer;
}

export async function findOrgKey(trx: TenantDb): Promise<WrappedKey | undefined> {
  return await trx('org_key').select('kid', 'wrapped').first();
}

/**
 * @returns false when another process was first
 * @throws DomainError NOT_FOUND when there is no such organization
 */
export async function insertOrgKey(trx: TenantDb, org_id: string, key: WrappedKey): Promise<boolean> {
  const inserted = await trx('org_key')
    .insert({ org_id, ...key })
    .onConflict('org_id')
    .ignore()
    .returning('org_id');
  return inserted.length === 1;
}

/** The same key under another root key, unless somebody else has done so already. */
export async function rewrapOrgKey(trx: TenantDb, old_kid: string, key: WrappedKey): Promise<void> {
  await trx('org_key').where({ kid: old_kid }).update(key);
}
