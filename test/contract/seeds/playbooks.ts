import { buildPlaybook, manual } from '../../support/factories/playbook.js';
import type { Seeds } from './types.js';

/** A document that can be run; what is drawn from the schema alone cannot. */
export function seedPlaybooks(): Promise<Seeds> {
  const { document } = buildPlaybook('one', { one: manual('end') });
  return Promise.resolve({
    '*': { playbook_id: ['ransomware'] },
    'playbooks.import': { playbook_id: ['drawn'], document: [document] },
  });
}
