import { mapSteampipe } from '../../../db/orgs/steampipe.js';
import { created } from './people.js';
import type { Entries, Maker, World, WorldOrg } from './types.js';

const MANUAL = { name: 'Posted', green_threshold: 10, amber_threshold: 20 };
const COLLECTED = {
  ...MANUAL,
  collection_method: 'steampipe',
  steampipe_query: 'select count(*) from aws_s3_bucket',
};

const posted: Maker = async (world, org) => ({ kri_id: (await created(world, org, '/kris', MANUAL)).id });
const collected: Maker = async (world, org) => ({
  kri_id: (await created(world, org, '/kris', COLLECTED)).id,
});

async function mapped(world: World, org: WorldOrg): Promise<void> {
  const mapping = { org_id: org.org_id, schema: 'aws', role: null };
  await mapSteampipe(world.api.database.owner_url, mapping);
}

export const KRIS: Entries = {
  'kris.list': { may: 'read', object: posted },
  'kris.create': { may: 'write' },
  'kris.get': { may: 'read', object: collected },
  'kris.update': { may: 'write', object: collected },
  'kris.delete': { may: 'manage', object: collected },
  'kris.value.post': { may: 'write', object: posted },
  'kris.value.put': { may: 'write', object: posted },
  'kris.collect': { may: 'write', object: collected, before: mapped },
  'kris.history': { may: 'read', object: posted },
};
