import { z } from 'zod';
import { INCIDENT_SEVERITIES } from '../incidents/rules.js';
import { anyOf, page, pageQuery, timestamp, uuid } from '../schema.js';
import { NOTIFICATION_CHANNELS, NOTIFICATION_EVENTS, NOTIFICATION_STATES } from './rules.js';

export const notification = z
  .object({
    id: uuid.meta({ description: 'UUIDv7; with msg_ before it the webhook-id of every attempt' }),
    incident_id: uuid.nullable(),
    kri_id: uuid.nullable(),
    risk_id: uuid.nullable(),
    event: z.enum(NOTIFICATION_EVENTS),
    channel: z.enum(NOTIFICATION_CHANNELS),
    recipient_id: uuid.nullable().meta({
      description: 'who is written to; null for the webhook and for the executive contact',
    }),
    text: z.string().nullable().meta({ description: 'in the words of a playbook' }),
    audience: z.array(z.string()).meta({ description: 'whom the escalation ladder means' }),
    severity: z.enum(INCIDENT_SEVERITIES).nullable(),
    clock_kind: z.string().nullable(),
    percent: z.number().int().nullable(),
    late: z.boolean().meta({ description: 'the workers were away when it was due' }),
    state: z.enum(NOTIFICATION_STATES),
    attempts: z.number().int(),
    last_error: z.string().nullable().meta({ description: 'one word, e.g. unreachable or status_500' }),
    not_before: timestamp.nullable().meta({ description: 'the end of the quiet hours it fell into' }),
    created_at: timestamp,
    sent_at: timestamp.nullable(),
  })
  .meta({ id: 'Notification' });
export type Notification = z.infer<typeof notification>;

export const notificationPage = page(notification).meta({ id: 'NotificationPage' });
export const notificationQuery = pageQuery.extend({
  state: anyOf(NOTIFICATION_STATES),
  channel: anyOf(NOTIFICATION_CHANNELS),
  event: anyOf(NOTIFICATION_EVENTS),
  incident_id: z.array(uuid).min(1).max(50).optional(),
});
export type NotificationQuery = z.infer<typeof notificationQuery>;

export const notificationTest = z
  .strictObject({
    channel: z
      .enum(NOTIFICATION_CHANNELS)
      .default('webhook')
      .meta({ description: 'the webhook of the settings, or an e-mail to the caller' }),
  })
  .default({ channel: 'webhook' })
  .meta({ id: 'NotificationTest', example: { channel: 'webhook' } });
export type NotificationTest = z.infer<typeof notificationTest>;

export const webhookSecretRotation = z
  .strictObject({
    overlap_hours: z
      .number()
      .int()
      .min(0)
      .max(168)
      .default(24)
      .meta({ description: 'for so long the old secret signs too; 0 when it has leaked' }),
  })
  .default({ overlap_hours: 24 })
  .meta({ id: 'WebhookSecretRotation', example: { overlap_hours: 24 } });
export type WebhookSecretRotation = z.infer<typeof webhookSecretRotation>;

export const webhookSecret = z
  .object({
    secret: z.string().meta({ description: 'shown this once; whsec_ and base64' }),
    previous_valid_until: timestamp.nullable(),
  })
  .meta({ id: 'WebhookSecret' });
export type WebhookSecret = z.infer<typeof webhookSecret>;
