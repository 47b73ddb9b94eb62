// Who acts, and for which organization. Passed as an argument from the token down to the row.

export const ROLES = ['admin', 'auditor', 'analyst', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What travels in workflow inputs: ids only, because histories and the Web UI are readable.
 * `actor_id` is the person who caused the work, also when an activity's hand writes the row.
 */
export interface TenantRef {
  org_id: string;
  actor_id: string;
  request_id: string;
}

/** Made by `api/http/tenancy.ts` only, from a verified token, the path and the membership row. */
export interface TenantContext extends TenantRef {
  role: Role;
  /** Client address as the API saw it, for the audit log. */
  address: string;
}

export function toTenantRef(tenant: TenantContext): TenantRef {
  return { org_id: tenant.org_id, actor_id: tenant.actor_id, request_id: tenant.request_id };
}
