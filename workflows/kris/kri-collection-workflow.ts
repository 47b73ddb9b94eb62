// One collection of one indicator, by its schedule or because somebody asked. The schedule skips a run while the one
// before it is still at work.
import * as wf from '@temporalio/workflow';
import type { CollectionResult, KriActivities, KriCollecting } from '../../activities/kris/types.js';
import type { KriCollectionInput } from '../../domain/kris/collection.js';
import { OUTAGES, SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE, queryOptions } from '../activity-options.js';
import { causeOf } from '../failures.js';

const inventory = wf.proxyActivities<KriCollecting>(queryOptions());
const rows = wf.proxyActivities<KriActivities>(DATABASE);

export async function kriCollectionWorkflow(input: KriCollectionInput): Promise<CollectionResult> {
  const { tenant, kri_id } = input;
  const by_schedule = input.collection_id === null;
  const ref = { tenant, kri_id, collection_id: input.collection_id ?? wf.workflowInfo().runId };
  wf.upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: 'collecting' }]);
  try {
    return await inventory.collectKri({ ...ref, by_schedule });
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    const reason = causeOf(error).code === OUTAGES.steampipe ? 'unreachable' : 'error';
    await rows.failKriCollection({ ...ref, reason });
    return { outcome: 'failed' };
  }
}
