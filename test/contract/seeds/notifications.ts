import type { Ground, Seeds } from './types.js';

/** A webhook that no resolver knows; e-mail is not configured where documents are fuzzed. */
export async function seedNotifications({ founder, org_id }: Ground): Promise<Seeds> {
  await founder.put(`/orgs/${org_id}`, { settings: { notification_webhook: 'https://hooks.invalid/grc' } });
  return { 'notifications.test': { channel: ['webhook'] } };
}
