import { defineQuery } from '@temporalio/workflow';
import type { ReviewRef } from '../../activities/findings/types.js';
import type { HistoryLimits } from '../history.js';

export interface ReviewInput extends ReviewRef {
  limits?: HistoryLimits;
}

export interface ReviewView {
  /** When the next reminder is due, as known at the last look. */
  next_at: string | null;
}

export const remindersQuery = defineQuery<ReviewView>('reminders');
