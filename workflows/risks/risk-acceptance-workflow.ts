// The clock of an acceptance that expires: the risk is open again then, and its owner is told.
import * as wf from '@temporalio/workflow';
import type { RiskActivities } from '../../activities/risks/types.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE } from '../activity-options.js';
import { acceptanceEndedSignal, type RiskAcceptanceInput } from './messages.js';

/** The database's clock decides what is due; where it is behind ours it is asked again, but not in a hurry. */
const SHORTEST_WAIT_MS = 500;

const rows = wf.proxyActivities<RiskActivities>(DATABASE);

export async function riskAcceptanceWorkflow(
  input: RiskAcceptanceInput,
): Promise<{ status: 'expired' | 'ended' }> {
  const { tenant, acceptance_id } = input;
  let { expires_at } = input;
  let ended = false;
  wf.setHandler(acceptanceEndedSignal, () => {
    ended = true;
  });
  for (;;) {
    wf.upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.phase, value: 'accepted' },
      { key: SEARCH_ATTRIBUTES.slaDueAt, value: new Date(expires_at) },
    ]);
    wf.setCurrentDetails(`expires at ${expires_at}`);
    const wait_ms = Math.max(SHORTEST_WAIT_MS, Date.parse(expires_at) - Date.now());
    if (await wf.condition(() => ended, wait_ms)) return { status: 'ended' };
    const outcome = await rows.expireAcceptance({ tenant, acceptance_id });
    if (outcome.status !== 'waiting') return { status: outcome.status };
    ({ expires_at } = outcome);
  }
}
