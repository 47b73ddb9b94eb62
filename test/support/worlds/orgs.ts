import { randomUUID } from 'node:crypto';
import { withTenant } from '../../../db/tenancy.js';
import { insertUser } from '../../../db/users/repository.js';
import type { Entries, Maker, References, World, WorldOrg } from './types.js';

const domain = (): string => `${randomUUID()}.example`;

const member: Maker = async (world, org) => {
  const body = { email: `member@${domain()}`, name: 'Member', role: 'viewer' as const };
  const user = await withTenant(world.db, org.tenant, (trx) => insertUser(trx, org.org_id, body));
  return { user_id: user.id };
};

const memberOf = async (world: World, org: WorldOrg): Promise<string> =>
  (await member(world, org))['user_id'] ?? '';

export const ORGS: Entries = {
  'orgs.list': { may: 'signed-in' },
  'orgs.create': { may: 'signed-in', body: () => ({ name: 'New', domain: domain() }) },
  'orgs.get': { may: 'read' },
  'orgs.update': { may: 'manage', body: () => ({ name: `Renamed ${randomUUID()}` }) },
  'orgs.delete': { may: 'manage', disposable: true },
  'users.me': { may: 'signed-in' },
  'users.list': { may: 'read', object: member },
  'users.create': {
    may: 'manage',
    body: () => ({ email: `new@${domain()}`, name: 'New', role: 'analyst' }),
  },
  'users.get': { may: 'read', object: member },
  'users.update': { may: 'manage', object: member, body: () => ({ role: 'auditor' }) },
  'users.delete': { may: 'manage', object: member },
};

/** Fields of bodies that name a member. */
export const PEOPLE_FIELDS: readonly string[] = ['user_id', 'owner_id', 'commander_id', 'assignee_id'];

export const ORG_REFERENCES: References = {
  ...Object.fromEntries(PEOPLE_FIELDS.map((field) => [field, memberOf])),
  actor: memberOf,
};
