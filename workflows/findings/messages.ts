import { defineQuery } from '@temporalio/workflow';
import type { ReviewRef } from '../../activities/findings/types.js';

export interface ReviewInput extends ReviewRef {
  limits?: {
    /** Events after which it continues as new, beside the server's own suggestion. */
    history_events?: number;
  };
}

export interface ReviewView {
  /** When the next reminder is due, as known at the last look. */
  next_at: string | null;
}

export const remindersQuery = defineQuery<ReviewView>('reminders');
