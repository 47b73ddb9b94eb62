import type { NotificationRef } from '../../activities/notifications/types.js';

export interface NotificationInput extends NotificationRef {
  /** The end of the quiet hours it fell into. */
  not_before: string | null;
}
