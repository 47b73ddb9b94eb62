import { newId } from '../../../db/ids.js';
import { createNotification } from '../../../db/notifications/create.js';
import { withTenant } from '../../../db/tenancy.js';
import type { Entries, Maker } from './types.js';

const told: Maker = async (world, org) => {
  await withTenant(world.db, org.tenant, (trx) =>
    createNotification(trx, org.tenant, {
      notice_key: newId(),
      event: 'test',
      channel: 'webhook',
      recipient_id: null,
      audience: [],
    }),
  );
  return {};
};

export const NOTIFICATIONS: Entries = {
  'notifications.list': { may: 'read', object: told },
  'notifications.test': {
    may: 'manage',
    async before(world, org) {
      const webhook = JSON.stringify('https://hooks.invalid/grc');
      await withTenant(world.db, org.tenant, (trx) =>
        trx('org').update({
          settings: trx.raw(`jsonb_set(settings, '{notification_webhook}', ?::jsonb)`, [webhook]),
        }),
      );
    },
  },
  'notifications.secret.rotate': { may: 'manage' },
};
