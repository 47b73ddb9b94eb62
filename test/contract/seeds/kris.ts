import { mapSteampipe } from '../../../db/orgs/steampipe.js';
import { created, type Ground, type Seeds } from './types.js';

const QUERY = 'select count(*) from aws_s3_bucket where not versioning_enabled';
const PAST = '2026-01-27T10:05:00Z';

/** A collected one; what is drawn as text is neither a query nor a schedule. */
export async function seedKris({ api, founder, org_id }: Ground): Promise<Seeds> {
  await mapSteampipe(api.database.owner_url, { org_id, schema: 'aws', role: null });
  const path = `/orgs/${org_id}/kris`;
  const kri = { name: 'Seeded', green_threshold: 1, amber_threshold: 5 };
  const [collected, gone] = [
    await created(founder, path, { ...kri, collection_method: 'steampipe', steampipe_query: QUERY }),
    await created(founder, path, kri),
  ];
  await founder.post(`${path}/${collected}/value`, { value: 3, measured_at: PAST });
  const timing = { schedule: ['0 * * * *', '@daily'] };
  const asked = { '+collection_method': ['steampipe'], '+steampipe_query': [QUERY], ...timing };
  return {
    '*': { kri_id: [collected] },
    'kris.create': asked,
    'kris.update': asked,
    'kris.delete': { kri_id: [gone] },
    'kris.value.post': { measured_at: [PAST] },
    'kris.value.put': { measured_at: [PAST] },
    'kris.history': { since: [PAST], until: ['2026-11-01T00:00:00Z'] },
  };
}
