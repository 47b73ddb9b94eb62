import { created, type Ground, type Seeds } from './types.js';

const RISK = { title: 'Seeded', description: 'Seeded', category: 'cyber', likelihood: 4, impact: 4 };

/** Rules between fields are given by what is left out: pairs of residual levels, and an acceptance with its status. */
export async function seedRisks({ founder, org_id }: Ground): Promise<Seeds> {
  const path = `/orgs/${org_id}/risks`;
  const add = async (): Promise<string> =>
    await created(founder, path, { ...RISK, control_refs: ['SOC2_TYPE2:CC6.1'] });
  const someone = (await founder.get('/users/me')).body.id;
  return {
    '*': { risk_id: [await add(), await add()] },
    'risks.create': { owner_id: [someone], control_refs: ['SOC2_TYPE2:CC6.1', 'SOC2_TYPE2:CC6.2'] },
    'risks.update': {
      owner_id: [someone],
      control_refs: ['SOC2_TYPE2:CC6.1', 'SOC2_TYPE2:CC6.2'],
      status: ['open', 'mitigated', 'transferred'],
      acceptance: [],
      '+residual_likelihood': [1, 3],
      '+residual_impact': [2, 4],
    },
    'risks.delete': { risk_id: [await add(), await add()] },
  };
}
