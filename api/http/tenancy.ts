// The only producer of a TenantContext: verified token + organization in the path + membership row.
import { DomainError, notFound } from '../../domain/errors.js';
import { isAllowed, type Action } from '../../domain/permissions.js';
import type { TenantContext } from '../../domain/tenant.js';
import type { VerifiedToken } from './access-token.js';
import type { Edge, EdgeContext } from './edge.js';
import { toDomainError } from './errors.js';
import type { Caller, Identified } from './identity.js';

export interface Entered {
  caller: Caller;
  tenant: TenantContext | undefined;
}

/**
 * @throws DomainError UNAUTHORIZED for an unregistered machine or a revoked session, FORBIDDEN when the address is
 * bound to another `sub`, NOT_FOUND when the caller is not a member: who may not see it must not learn that it exists.
 */
export async function enter(
  edge: Edge,
  ctx: EdgeContext,
  token: VerifiedToken,
  org_id: string | undefined,
): Promise<Entered> {
  const found = await edge.identity.identify(token, org_id);
  if (found === undefined) throw new DomainError('UNAUTHORIZED', 'sign-in is required');
  ctx.state.user_id = found.caller.user_id;
  await refuseRebound(edge, ctx, token, found, org_id);
  if (
    found.sessions_revoked_at !== null &&
    Date.parse(token.issued_at) < Date.parse(found.sessions_revoked_at)
  ) {
    throw new DomainError('UNAUTHORIZED', 'sign-in is required');
  }
  if (org_id === undefined) return { caller: found.caller, tenant: undefined };
  if (found.role === undefined) throw notFound('organization');
  const tenant: TenantContext = Object.freeze({
    org_id,
    actor_id: found.caller.user_id,
    request_id: ctx.state.request_id,
    role: found.role,
    address: ctx.state.address,
  });
  return { caller: found.caller, tenant };
}

async function refuseRebound(
  edge: Edge,
  ctx: EdgeContext,
  token: VerifiedToken,
  found: Identified,
  org_id: string | undefined,
): Promise<void> {
  const { principal } = token;
  if (principal.kind === 'service' || found.access_sub === null) return;
  if (principal.sub === found.access_sub) return;
  const { request_id, address } = ctx.state;
  await edge.audit.bindingMismatch({
    user_id: found.caller.user_id,
    org_id: found.role === undefined ? undefined : org_id,
    request_id,
    address,
  });
  throw new DomainError(
    'FORBIDDEN',
    'this address is bound to another identity; the operator must rebind it',
  );
}

/**
 * Does what the role allows. A refusal is on record before it is told, also one that comes from the matter itself,
 * e.g. that another person has to confirm.
 * @throws DomainError FORBIDDEN
 */
export async function asAllowed<T>(
  edge: Edge,
  tenant: TenantContext,
  { permission: action, name: route }: { permission: Action; name: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    if (isAllowed(tenant.role, action)) return await work();
    throw new DomainError('FORBIDDEN', `the role ${tenant.role} may not do this (${action})`);
  } catch (error) {
    if (toDomainError(error).code === 'FORBIDDEN') await edge.audit.forbidden(tenant, { action, route });
    throw error;
  }
}
