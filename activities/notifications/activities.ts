import { ApplicationFailure } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { Webhook } from 'standardwebhooks';
import type { Database } from '../../db/connection.js';
import type { Sealer } from '../../db/crypto/seal.js';
import {
  beginAttempt,
  giveUp,
  markSent,
  noteFailure,
  type Outgoing,
} from '../../db/notifications/repository.js';
import { webhookSecrets } from '../../db/notifications/secrets.js';
import { withTenant } from '../../db/tenancy.js';
import type { TenantRef } from '../../domain/tenant.js';
import { beating } from '../assessments/heartbeat.js';
import { type Egress, EgressError } from '../egress/http.js';
import { MailError, type Mailer } from '../egress/mail.js';
import { translateFailures } from '../failures.js';
import { letterOf, linkOf, webhookBody } from './content.js';
import type { DeliveryActivities, NotificationActivities } from './types.js';

export interface NotificationDeps {
  db: Database;
  sealer: Sealer;
  egress: Egress;
  /** Undefined where no SMTP server is configured. */
  mailer: Mailer | undefined;
  public_url: string;
}

/** Why an attempt failed: a word for the row, whether another one may help, and when. */
class DeliveryError extends Error {
  override name = 'DeliveryError';
  readonly reason: string;
  readonly final: boolean;
  readonly retry_after_s: number | undefined;

  constructor(
    reason: string,
    { final = false, retry_after_s }: { final?: boolean; retry_after_s?: number | undefined } = {},
  ) {
    super(reason);
    this.reason = reason;
    this.final = final;
    this.retry_after_s = retry_after_s;
  }
}

/** What a receiver may ask us to wait. */
const LONGEST_WAIT_S = 3_600;

export function createNotificationActivities(
  deps: NotificationDeps,
): DeliveryActivities & NotificationActivities {
  const { db } = deps;
  return translateFailures<DeliveryActivities & NotificationActivities>({
    async sendNotification({ tenant, notification_id }) {
      const message = await withTenant(db, tenant, (trx) => beginAttempt(trx, notification_id));
      if (!message) return { sent: false };
      try {
        await beating(
          () => message.attempts,
          () =>
            message.channel === 'webhook'
              ? postWebhook(deps, tenant, message)
              : postLetter(deps, tenant, message),
        );
      } catch (error) {
        const failure = failureOf(error);
        await withTenant(db, tenant, (trx) => noteFailure(trx, notification_id, failure.reason));
        throw ApplicationFailure.create({
          message: failure.reason,
          type: failure.reason,
          nonRetryable: failure.final,
          ...(failure.retry_after_s !== undefined && { nextRetryDelay: failure.retry_after_s * 1_000 }),
        });
      }
      await withTenant(db, tenant, (trx) => markSent(trx, notification_id));
      return { sent: true };
    },

    async failNotification({ tenant, notification_id, reason }) {
      await withTenant(db, tenant, (trx) => giveUp(trx, notification_id, reason));
    },
  });
}

async function postWebhook(deps: NotificationDeps, tenant: TenantRef, message: Outgoing): Promise<void> {
  const { org_id } = tenant;
  if (message.webhook_url === null) throw new DeliveryError('not_configured', { final: true });
  const secrets = await withTenant(deps.db, tenant, (trx) => webhookSecrets(trx, org_id, deps.sealer));
  const id = `msg_${message.id}`;
  const now = new Date();
  const body = webhookBody(message, org_id, linkOf(deps.public_url, org_id, message));
  const { status, headers } = await deps.egress.call(
    {
      method: 'POST',
      url: message.webhook_url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'sovereign-grc',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
      },
      body,
    },
    Context.current().cancellationSignal,
  );
  if (status >= 200 && status < 300) return;
  // the specification's way to say: never again
  throw new DeliveryError(`status_${String(status)}`, {
    final: status === 410,
    retry_after_s: waitOf(headers['retry-after']),
  });
}

async function postLetter(deps: NotificationDeps, { org_id }: TenantRef, message: Outgoing): Promise<void> {
  if (!deps.mailer || message.address === null) throw new DeliveryError('not_configured', { final: true });
  const letter = letterOf(message, linkOf(deps.public_url, org_id, message));
  await deps.mailer.send({ ...letter, to: message.address, id: message.id });
}

/** Anything but a failed delivery is ours to mend and is thrown as it is. */
function failureOf(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  if (error instanceof EgressError)
    return new DeliveryError(error.reason, { final: error.reason === 'refused_address' });
  if (error instanceof MailError)
    return new DeliveryError(error.reason, { final: error.reason === 'rejected' });
  throw error;
}

function waitOf(header: string | string[] | undefined): number | undefined {
  const seconds = typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
  return seconds === undefined || seconds === 0 ? undefined : Math.min(seconds, LONGEST_WAIT_S);
}
