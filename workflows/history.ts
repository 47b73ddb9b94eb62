import { workflowInfo } from '@temporalio/workflow';

export interface HistoryLimits {
  /** Events after which a workflow continues as new, beside the server's own suggestion. */
  history_events?: number;
}

/** True when it is time to continue as new. */
export function isLong(limits: HistoryLimits | undefined): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= (limits?.history_events ?? Infinity);
}
