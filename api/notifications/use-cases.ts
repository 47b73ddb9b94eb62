import { DomainError } from '../../domain/errors.js';
import type {
  Notification,
  NotificationTest,
  WebhookSecret,
  WebhookSecretRotation,
} from '../../domain/notifications/schema.js';
import { REQUEST_DEADLINE_MS } from '../../domain/temporal.js';
import { type TenantContext, toTenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Sealer } from '../../db/crypto/seal.js';
import { newId } from '../../db/ids.js';
import { createNotification } from '../../db/notifications/create.js';
import { getNotification } from '../../db/notifications/repository.js';
import { rotateWebhookSecret } from '../../db/notifications/secrets.js';
import { getOrg } from '../../db/orgs/repository.js';
import { withTenant } from '../../db/tenancy.js';
import { getUser } from '../../db/users/repository.js';
import type { CommandDeps } from '../commands.js';

export interface NotificationDeps extends CommandDeps {
  sealer: Sealer;
  /** Whether this installation can send e-mail. */
  email_configured: boolean;
}

/**
 * Goes the way of every message, retries included.
 * @throws DomainError CONFLICT without a webhook or an address, SERVICE_UNAVAILABLE without an SMTP server
 */
export async function sendTest(
  deps: NotificationDeps,
  tenant: TenantContext,
  { channel }: NotificationTest,
): Promise<Notification> {
  if (channel === 'email' && !deps.email_configured)
    throw new DomainError('SERVICE_UNAVAILABLE', 'e-mail is not configured: SMTP_URL is not set');
  const made = await withTenant(deps.db, tenant, async (trx) => {
    if (channel === 'webhook' && (await getOrg(trx)).settings.notification_webhook === null)
      throw new DomainError('CONFLICT', 'the settings have no notification_webhook');
    if (channel === 'email' && (await getUser(trx, tenant.actor_id)).email === null)
      throw new DomainError('CONFLICT', 'a machine has no address to write to');
    const created = await createNotification(trx, toTenantRef(tenant), {
      notice_key: newId(),
      event: 'test',
      channel,
      recipient_id: channel === 'email' ? tenant.actor_id : null,
      audience: [],
    });
    if (!created) throw new Error('a new key was taken');
    await appendAudit(trx, tenant, {
      action: 'notification.test',
      resource_type: 'notification',
      resource_id: created.id,
      after: { channel },
    });
    return created;
  });
  await deps.temporal.deliver(tenant, made.outbox_id, REQUEST_DEADLINE_MS);
  return await withTenant(deps.db, tenant, (trx) => getNotification(trx, made.id));
}

export async function rotateSecret(
  deps: NotificationDeps,
  tenant: TenantContext,
  { overlap_hours }: WebhookSecretRotation,
): Promise<WebhookSecret> {
  return await withTenant(deps.db, tenant, async (trx) => {
    const rotated = await rotateWebhookSecret(trx, tenant.org_id, deps.sealer, overlap_hours);
    await appendAudit(trx, tenant, {
      action: 'notification.rotate_secret',
      resource_type: 'org',
      resource_id: tenant.org_id,
      after: { previous_valid_until: rotated.previous_valid_until },
    });
    return rotated;
  });
}
