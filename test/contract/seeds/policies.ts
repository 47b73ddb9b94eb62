import { BUILT_IN_POLICIES } from '../../../db/seeds/policies/index.js';
import type { Seeds } from './types.js';

/** A policy that compiles; what is drawn as text does not. */
export function seedPolicies(): Promise<Seeds> {
  const { source, example_input } = BUILT_IN_POLICIES.playbook_step;
  return Promise.resolve({
    'policies.get': { name: ['playbook_step', 'incident_obligations'] },
    'policies.reset': { name: ['playbook_step', 'incident_obligations'] },
    'policies.revisions.list': { name: ['playbook_step'] },
    'policies.replace': { name: ['playbook_step'], '+source': [source] },
    'policies.test': { name: ['playbook_step'], '+source': [source], input: [example_input] },
  });
}
