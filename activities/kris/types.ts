// What a collection asks of its activities.
import type { TenantRef } from '../../domain/tenant.js';

export interface CollectionRef {
  tenant: TenantRef;
  kri_id: string;
  collection_id: string;
}

/** `skipped`: there is nothing to collect any more. */
export interface CollectionResult {
  outcome: 'measured' | 'failed' | 'skipped';
}

/** On the Steampipe queue. */
export interface KriCollecting {
  /**
   * Guards the query, runs it, records what it says, or why it says nothing. Repeatable: one value for one collection.
   * @throws an outage when the inventory does not answer
   */
  collectKri: (input: CollectionRef & { by_schedule: boolean }) => Promise<CollectionResult>;
}

export interface KriActivities {
  /** Nobody tries this collection any more. */
  failKriCollection: (input: CollectionRef & { reason: 'unreachable' | 'error' }) => Promise<void>;
}
