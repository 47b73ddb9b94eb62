// An organization that was deleted: its workflows end now, everything else after the time for which it is kept.
import * as wf from '@temporalio/workflow';
import type { OrgActivities } from '../../activities/orgs/types.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { PURGE } from '../activity-options.js';
import {
  type DeletionPhase,
  deletionQuery,
  type OrgDeletionInput,
  type OrgDeletionOutcome,
} from './messages.js';

const steps = wf.proxyActivities<OrgActivities>(PURGE);

export async function orgDeletionWorkflow(input: OrgDeletionInput): Promise<OrgDeletionOutcome> {
  const { tenant, purge_at } = input;
  let phase: DeletionPhase = 'cancelling';
  wf.setHandler(deletionQuery, () => ({ phase, purge_at }));
  const show = (next: DeletionPhase): void => {
    phase = next;
    wf.upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: next }]);
    wf.setCurrentDetails(`**${next}**\n\nto be purged at ${purge_at}`);
  };

  show('cancelling');
  await steps.cancelOrgWorkflows({ tenant });
  show('waiting');
  const left_ms = Date.parse(purge_at) - Date.now();
  if (left_ms > 0) await wf.sleep(left_ms);
  show('purging');
  const { removed: workflows } = await steps.removeOrgWorkflows({ tenant });
  const { removed: rows } = await steps.purgeOrgRows({ tenant });
  const { removed: objects } = await steps.removeOrgObjects({ tenant });
  await steps.destroyOrgKey({ tenant });
  show('purged');
  return { status: 'purged', rows, objects, workflows };
}
