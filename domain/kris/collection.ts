import type { TenantRef } from '../tenant.js';

/** The argument of a collection's workflow: what rows of the outbox hold and what the workflow takes. */
export interface KriCollectionInput {
  tenant: TenantRef;
  kri_id: string;
  /** Null for what a schedule starts: each of its runs is a collection of its own. */
  collection_id: string | null;
}
