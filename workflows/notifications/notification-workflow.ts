// One message to one receiver. A workflow of its own, started by a row of the change that gave rise to it: a receiver
// that is away for days holds up nothing but its own message.
import * as wf from '@temporalio/workflow';
import type { DeliveryActivities, NotificationActivities } from '../../activities/notifications/types.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE, DELIVERY } from '../activity-options.js';
import { causeOf } from '../failures.js';
import type { NotificationInput } from './messages.js';

const egress = wf.proxyActivities<DeliveryActivities>(DELIVERY);
const rows = wf.proxyActivities<NotificationActivities>(DATABASE);

export async function notificationWorkflow(input: NotificationInput): Promise<{ state: 'sent' | 'failed' }> {
  const { tenant, notification_id, not_before } = input;
  const ref = { tenant, notification_id };
  const wait = not_before === null ? 0 : Date.parse(not_before) - Date.now();
  if (wait > 0) {
    wf.upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: 'quiet_hours' }]);
    await wf.sleep(wait);
  }
  wf.upsertSearchAttributes([{ key: SEARCH_ATTRIBUTES.phase, value: 'sending' }]);
  try {
    await egress.sendNotification(ref);
    return { state: 'sent' };
  } catch (error) {
    if (wf.isCancellation(error)) throw error;
    await rows.failNotification({ ...ref, reason: causeOf(error).code.toLowerCase() });
    return { state: 'failed' };
  }
}
