// What the clock of an acceptance asks of its activities.
import type { TenantRef } from '../../domain/tenant.js';

export interface AcceptanceRef {
  tenant: TenantRef;
  acceptance_id: string;
}

export interface RiskActivities {
  /** Opens the risk again if its time has come; answers when to ask again otherwise. */
  expireAcceptance: (
    input: AcceptanceRef,
  ) => Promise<{ status: 'expired' | 'ended' } | { status: 'waiting'; expires_at: string }>;
}
