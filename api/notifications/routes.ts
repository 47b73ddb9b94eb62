import {
  notification,
  notificationPage,
  notificationQuery,
  notificationTest,
  webhookSecret,
  webhookSecretRotation,
} from '../../domain/notifications/schema.js';
import { orgParams } from '../../domain/orgs/schema.js';
import { listNotifications } from '../../db/notifications/repository.js';
import { readTenant } from '../../db/tenancy.js';
import { route, type Route } from '../http/route.js';
import { type NotificationDeps, rotateSecret, sendTest } from './use-cases.js';

export function notificationRoutes(deps: NotificationDeps): Route[] {
  return [
    route({
      name: 'notifications.list',
      method: 'get',
      path: '/orgs/:org_id/notifications',
      permission: 'notification:read',
      summary: 'List what was sent, is still tried, or has failed, newest first',
      params: orgParams,
      query: notificationQuery,
      response: notificationPage,
      async handler({ tenant, query, page }) {
        return page.answer(await readTenant(deps.db, tenant, (trx) => listNotifications(trx, query, page)));
      },
    }),
    route({
      name: 'notifications.test',
      method: 'post',
      path: '/orgs/:org_id/notifications/test',
      permission: 'notification:manage',
      summary: 'Send a test message to the webhook, or as an e-mail to the caller',
      params: orgParams,
      body: notificationTest,
      response: notification,
      status: 201,
      errors: ['CONFLICT', 'SERVICE_UNAVAILABLE'],
      async handler({ tenant, body }) {
        return await sendTest(deps, tenant, body);
      },
    }),
    route({
      name: 'notifications.secret.rotate',
      method: 'post',
      path: '/orgs/:org_id/notifications/webhook-secret',
      permission: 'notification:manage',
      summary:
        'Make a new secret that signs webhooks, and show it this once; the old one signs beside it for a while',
      params: orgParams,
      body: webhookSecretRotation,
      response: webhookSecret,
      status: 201,
      async handler({ tenant, body }) {
        return await rotateSecret(deps, tenant, body);
      },
    }),
  ];
}
