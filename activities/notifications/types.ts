// What sending one message asks of its activities.
import type { TenantRef } from '../../domain/tenant.js';

export interface NotificationRef {
  tenant: TenantRef;
  notification_id: string;
}

/** On the egress queue: what it calls was named by users. */
export interface DeliveryActivities {
  /** One attempt. Repeatable: receivers know a repetition by its id; what was sent is not sent again. */
  sendNotification: (input: NotificationRef) => Promise<{ sent: boolean }>;
}

export interface NotificationActivities {
  /** Nobody tries any more; `reason` counts only where no attempt has said why. */
  failNotification: (input: NotificationRef & { reason: string }) => Promise<void>;
}
