// Reminders of the findings of one run that a person has to look at. The run itself waits for nobody.
import * as wf from '@temporalio/workflow';
import type { ReviewActivities } from '../../activities/findings/types.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE } from '../activity-options.js';
import { isLong } from '../history.js';
import { type ReviewInput, remindersQuery } from './messages.js';

/** The database's clock decides what is due; where it is behind ours it is asked again, but not in a hurry. */
const SHORTEST_WAIT_MS = 500;

const rows = wf.proxyActivities<ReviewActivities>(DATABASE);

export async function reviewWorkflow(input: ReviewInput): Promise<{ status: 'over' }> {
  const { tenant, execution_id, remind_before_ms } = input;
  let next_at: string | null = null;
  wf.setHandler(remindersQuery, () => ({ next_at }));

  for (;;) {
    ({ next_at } = await rows.remindReviewers({ tenant, execution_id, remind_before_ms }));
    if (next_at === null) break;
    wf.upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.phase, value: 'waiting' },
      { key: SEARCH_ATTRIBUTES.slaDueAt, value: new Date(next_at) },
    ]);
    wf.setCurrentDetails(`next reminder at ${next_at}`);
    await wf.sleep(Math.max(SHORTEST_WAIT_MS, Date.parse(next_at) - Date.now()));
    if (isLong(input.limits)) return await wf.continueAsNew<typeof reviewWorkflow>(input);
  }
  wf.upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: 'over' }]);
  return { status: 'over' };
}
