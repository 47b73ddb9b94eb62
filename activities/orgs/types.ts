// What the deletion of an organization asks of its activities.
import type { TenantRef } from '../../domain/tenant.js';

export interface OrgRef {
  tenant: TenantRef;
}

export interface OrgActivities {
  /** Asks every open workflow of the organization to end, and removes its schedules. */
  cancelOrgWorkflows: (input: OrgRef) => Promise<{ asked: number }>;
  /** After them nothing runs for the organization and Temporal holds no history of it but the deletion's own. */
  removeOrgWorkflows: (input: OrgRef) => Promise<{ removed: number }>;
  /** All rows but the organization's own and its key; heartbeats, and goes on where it was. */
  purgeOrgRows: (input: OrgRef) => Promise<{ removed: number }>;
  removeOrgObjects: (input: OrgRef) => Promise<{ removed: number }>;
  /** The last act: what was missed, in backups too, cannot be read from then on. */
  destroyOrgKey: (input: OrgRef) => Promise<void>;
}
