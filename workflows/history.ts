import { workflowInfo } from '@temporalio/workflow';

export interface HistoryLimits {
  /** Events after which a workflow continues as new; 3,000 unless given. The server suggests it by size, too. */
  history_events?: number;
}

/** The server suggests it only at 4,096 events; a run may have no more than 4,000. */
const MOST_EVENTS = 3_000;

/** True when it is time to continue as new. */
export function isLong(limits: HistoryLimits | undefined): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= (limits?.history_events ?? MOST_EVENTS);
}
