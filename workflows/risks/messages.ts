import { defineSignal } from '@temporalio/workflow';
import type { AcceptanceRef } from '../../activities/risks/types.js';

export interface RiskAcceptanceInput extends AcceptanceRef {
  expires_at: string;
}

/** Withdrawn, replaced by another, or gone with its risk. */
export const acceptanceEndedSignal = defineSignal<[Record<string, never>]>('acceptanceEnded');
