// Who is behind a request: what the token says (Principal) and what our rows say (Caller).
import type { Role, TenantContext } from '../../domain/tenant.js';

/** What a verified Access token proves. A service token has no address and none is invented for it. */
export type Principal =
  { kind: 'person'; email: string; sub: string } | { kind: 'service'; common_name: string };

export interface Caller {
  kind: Principal['kind'];
  user_id: string;
  /** Local part of the address, or a machine's `common_name`: what a new membership starts with. */
  name: string;
}

export interface Identified {
  caller: Caller;
  /** The `sub` bound to the person at the first sign-in; null for machines. */
  access_sub: string | null;
  /** Tokens issued before this moment are no longer accepted. */
  sessions_revoked_at: string | null;
  /** The role in the organization asked for; undefined when not a member, or when none was asked for. */
  role: Role | undefined;
}

/** Read on every request, so that a removal works at once although the token lives on. */
export interface Identity {
  /**
   * Finds the caller's row, makes a person's at the first request, and reads the membership in `org_id`.
   * Undefined for a machine that nobody registered, and for a token that its person's rebinding has ended.
   */
  identify(
    token: { principal: Principal; issued_at: string },
    org_id: string | undefined,
  ): Promise<Identified | undefined>;
}

/** Refusals that leave a trace beyond the log. */
export interface RefusalAudit {
  /** A member asked for something that the role does not allow. */
  forbidden(tenant: TenantContext, refusal: { action: string; route: string }): Promise<void>;
  /** A token with another `sub` than the one bound to this address; with the organization it is a member of. */
  bindingMismatch(refusal: {
    user_id: string;
    org_id: string | undefined;
    request_id: string;
    address: string;
  }): Promise<void>;
}
