// What the reminders of a run's findings ask of their activities.
import type { TenantRef } from '../../domain/tenant.js';

export interface ReviewRef {
  tenant: TenantRef;
  execution_id: string;
  /** How long before a review is due its reviewer is reminded. */
  remind_before_ms: number;
}

export interface ReviewActivities {
  /** Writes every reminder whose time has come, each once; answers when to ask again, null: never. */
  remindReviewers: (input: ReviewRef) => Promise<{ reminded: number; next_at: string | null }>;
}
