import { insertChange } from '../../../db/risks/repository.js';
import { withTenant } from '../../../db/tenancy.js';
import { created } from './people.js';
import type { Entries, Maker } from './types.js';

const RISK = {
  title: 'Third-party data breach',
  description: 'A vendor loses what we gave it.',
  category: 'third_party',
  likelihood: 3,
  impact: 4,
  treatment: 'mitigate',
  control_refs: ['CC9.2'],
};

const entered: Maker = async (world, org) => ({
  risk_id: (await created(world, org, '/risks', RISK)).id,
});

const several: Maker = async (world, org) => {
  await entered(world, org);
  return await entered(world, org);
};

const changed: Maker = async (world, org) => {
  const params = await entered(world, org);
  const changes = [{ field: 'title', from: 'Breach', to: RISK.title }];
  await withTenant(world.db, org.tenant, (trx) =>
    insertChange(trx, params['risk_id'] ?? '', { actor_id: org.tenant.actor_id, cause: 'updated', changes }),
  );
  return params;
};

export const RISKS: Entries = {
  'risks.list': { may: 'read', object: several },
  'risks.create': { may: 'write', body: () => RISK },
  'risks.heatmap': { may: 'read', object: entered },
  'risks.recompute': { may: 'write', object: entered },
  'risks.get': { may: 'read', object: entered },
  'risks.update': {
    may: 'write',
    object: entered,
    body: () => ({ status: 'accepted', acceptance: { reason: 'Insured' } }),
  },
  'risks.delete': { may: 'manage', object: entered },
  'risks.history': { may: 'read', object: changed },
};
