import { insertPolicyRevision } from '../../../db/policies/repository.js';
import { BUILT_IN_POLICIES } from '../../../db/seeds/policies/index.js';
import { withTenant } from '../../../db/tenancy.js';
import { created } from './people.js';
import type { Entries, Maker } from './types.js';

const { source, example_input } = BUILT_IN_POLICIES.playbook_step;

/** Each organization has its own of that name. */
const policy: Maker = () => Promise.resolve({ name: 'playbook_step' });

const changed: Maker = async (world, org) => {
  const revision = { name: 'playbook_step', source: null, notes: null } as const;
  for (let times = 0; times < 2; times += 1)
    await withTenant(world.db, org.tenant, (trx) => insertPolicyRevision(trx, org.tenant, revision));
  return await policy(world, org);
};

const reported: Maker = async (world, org) => ({
  incident_id: (
    await created(world, org, '/incidents', {
      title: 'Found',
      description: 'So',
      category: 'data_breach',
      severity: 'high',
    })
  ).id,
});

export const POLICIES: Entries = {
  'policies.list': { may: 'read' },
  'policies.get': { may: 'read', object: policy },
  'policies.replace': { may: 'manage', object: policy, body: () => ({ source: `${source}# ours\n` }) },
  'policies.reset': { may: 'manage', object: policy },
  'policies.test': { may: 'write', object: policy, body: () => ({ input: example_input }) },
  'policies.revisions.list': { may: 'read', object: changed },
  'kill_switch.get': { may: 'read' },
  'kill_switch.set': { may: 'manage', body: () => ({ engaged: false, reason: 'As it was' }) },
  'incidents.obligations.suggest': { may: 'read', object: reported },
};
