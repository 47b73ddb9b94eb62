import { randomUUID } from 'node:crypto';
import { buildPlaybook, manual } from '../factories/playbook.js';
import { created } from './people.js';
import type { Entries, Maker, World, WorldOrg } from './types.js';

const { document: DOCUMENT } = buildPlaybook('one', { one: manual('end') });

async function imported(world: World, org: WorldOrg): Promise<string> {
  const playbook_id = `p${randomUUID()}`;
  await created(world, org, '/playbooks', { playbook_id, document: DOCUMENT });
  return playbook_id;
}

const owned: Maker = async (world, org) => ({ playbook_id: await imported(world, org) });
const shipped: Maker = () => Promise.resolve({ playbook_id: 'ransomware' });

export const PLAYBOOKS: Entries = {
  'playbooks.library.list': { may: 'signed-in', object: shipped },
  'playbooks.library.get': { may: 'signed-in', object: shipped },
  'playbooks.list': { may: 'read', object: owned },
  'playbooks.import': { may: 'write' },
  'playbooks.get': { may: 'read', object: owned },
};
