import { DomainError } from '../../domain/errors.js';
import type { TenantContext } from '../../domain/tenant.js';
import type { User, UserCreate, UserUpdate } from '../../domain/users/schema.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { type TenantDb, withTenant } from '../../db/tenancy.js';
import * as users from '../../db/users/repository.js';

interface Deps {
  db: Database;
}

/** @throws DomainError CONFLICT when the person is a member already. */
export async function addUser(deps: Deps, tenant: TenantContext, body: UserCreate): Promise<User> {
  return await withTenant(deps.db, tenant, async (trx) => {
    const added = await users.insertUser(trx, tenant.org_id, body);
    await appendAudit(trx, tenant, {
      action: 'user.create',
      resource_type: 'user',
      resource_id: added.id,
      after: { role: added.role },
      personal: {
        subject_id: added.id,
        data: { email: added.email, service_token_id: added.service_token_id, name: added.name },
      },
    });
    return added;
  });
}

/** @throws DomainError CONFLICT when the organization would be left without an admin. */
export async function changeUser(
  deps: Deps,
  tenant: TenantContext,
  user_id: string,
  body: UserUpdate,
): Promise<User> {
  return await withTenant(deps.db, tenant, async (trx) => {
    if (body.role !== undefined && body.role !== 'admin') await refuseLastAdmin(trx, user_id, 'demoted');
    const before = await users.getUser(trx, user_id);
    const after = await users.updateUser(trx, user_id, body);
    await appendAudit(trx, tenant, {
      action: 'user.update',
      resource_type: 'user',
      resource_id: user_id,
      before: { role: before.role },
      after: { role: after.role },
      personal: { subject_id: user_id, data: { name: after.name } },
    });
    return after;
  });
}

/** @throws DomainError CONFLICT when the organization would be left without an admin. */
export async function removeUser(
  deps: Deps,
  tenant: TenantContext,
  user_id: string,
): Promise<{ id: string; deleted: true }> {
  await withTenant(deps.db, tenant, async (trx) => {
    await refuseLastAdmin(trx, user_id, 'removed');
    const before = await users.getUser(trx, user_id);
    await users.removeUser(trx, user_id);
    await appendAudit(trx, tenant, {
      action: 'user.delete',
      resource_type: 'user',
      resource_id: user_id,
      before: { role: before.role },
    });
  });
  return { id: user_id, deleted: true };
}

async function refuseLastAdmin(trx: TenantDb, user_id: string, verb: string): Promise<void> {
  const admins = await users.lockAdmins(trx);
  if (admins.length === 1 && admins[0] === user_id) {
    throw new DomainError('CONFLICT', `the last admin of an organization cannot be ${verb}`);
  }
}
