import { randomUUID } from 'node:crypto';
import { DEFAULT_SETTINGS } from '../../../domain/orgs/rules.js';
import type { Role, TenantContext } from '../../../domain/tenant.js';
import type { Database } from '../../../db/connection.js';
import { createOrg } from '../../../db/orgs/repository.js';
import { withTenant } from '../../../db/tenancy.js';
import { identifyUser, insertUser } from '../../../db/users/repository.js';

export interface TestOrg {
  tenant: TenantContext;
  admin_email: string;
}

/** Somebody who has signed in once. */
export async function buildPerson(db: Database, email = `p-${randomUUID()}@people.example`): Promise<string> {
  const account = await identifyUser(db, { kind: 'person', email, access_sub: `sub-${email}` }, undefined);
  if (!account) throw new Error('a person is always identified');
  return account.user_id;
}

/** An organization with its admin. */
export async function buildOrg(db: Database, overrides: { name?: string } = {}): Promise<TestOrg> {
  const admin_email = `admin-${randomUUID()}@people.example`;
  const actor_id = await buildPerson(db, admin_email);
  const body = { name: overrides.name ?? 'Organization', domain: `${randomUUID()}.example` };
  const org = await createOrg(db, actor_id, body, DEFAULT_SETTINGS, () => Promise.resolve());
  const tenant = {
    org_id: org.id,
    actor_id,
    request_id: 'test',
    role: 'admin' as const,
    address: '127.0.0.1',
  };
  return { tenant, admin_email };
}

/** A member of the organization, as the one who acts. */
export async function buildMember(
  db: Database,
  org: TestOrg,
  role: Role,
): Promise<TenantContext & { email: string }> {
  const email = `${role}-${randomUUID()}@people.example`;
  await buildPerson(db, email);
  const user = await withTenant(db, org.tenant, (trx) =>
    insertUser(trx, org.tenant.org_id, { email, name: role, role }),
  );
  return { ...org.tenant, actor_id: user.id, role, email };
}
