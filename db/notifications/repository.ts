import { notFound } from '../../domain/errors.js';
import type { Notification, NotificationQuery } from '../../domain/notifications/schema.js';
import type { OrgSettings } from '../../domain/orgs/schema.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

const COLUMNS = [
  'id',
  'incident_id',
  'kri_id',
  'risk_id',
  'event',
  'channel',
  'recipient_id',
  'text',
  'audience',
  'severity',
  'clock_kind',
  'percent',
  'late',
  'state',
  'attempts',
  'last_error',
  'not_before',
  'created_at',
  'sent_at',
] as const;

/** Newest first. */
export async function listNotifications(
  trx: TenantReader,
  filter: Omit<NotificationQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<Notification>> {
  const query = trx('notification')
    .select(...COLUMNS)
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  for (const column of ['state', 'channel', 'event', 'incident_id'] as const) {
    const values = filter[column];
    if (values) query.whereIn(column, [...values]);
  }
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: Notification[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

export async function getNotification(trx: TenantDb, id: string): Promise<Notification> {
  const row: Notification | undefined = await trx('notification')
    .select(...COLUMNS)
    .where({ id })
    .first();
  if (!row) throw notFound('notification');
  return row;
}

/** A message with where it goes, as settings and people are now. */
export interface Outgoing extends Notification {
  ref: string | null;
  webhook_url: string | null;
  /** Null when the person has left or has no address. */
  address: string | null;
}

/** Counts the attempt; undefined when the message is settled already. */
export async function beginAttempt(trx: TenantDb, id: string): Promise<Outgoing | undefined> {
  const [row]: (Notification & { ref: string | null })[] = await trx('notification')
    .where({ id, state: 'pending' })
    .update({ attempts: trx.raw('attempts + 1') })
    .returning([...COLUMNS, 'ref']);
  if (!row) return undefined;
  const org: { settings: OrgSettings } | undefined = await trx('org')
    .whereNull('deleted_at')
    .select('settings')
    .first();
  return {
    ...row,
    webhook_url: org?.settings.notification_webhook ?? null,
    address:
      row.recipient_id === null
        ? (org?.settings.executive_email ?? null)
        : await addressOf(trx, row.recipient_id),
  };
}

async function addressOf(trx: TenantDb, user_id: string): Promise<string | null> {
  const row: { email: string | null } | undefined = await trx('membership as m')
    .join('app_user as u', 'u.id', 'm.user_id')
    .where('m.user_id', user_id)
    .whereNull('m.ended_at')
    .select('u.email')
    .first();
  return row?.email ?? null;
}

/** Repeatable. */
export async function markSent(trx: TenantDb, id: string): Promise<void> {
  await trx('notification')
    .where({ id, state: 'pending' })
    .update({ state: 'sent', sent_at: trx.raw('clock_timestamp()'), last_error: null });
}

/** @param reason one word, never what the receiver said */
export async function noteFailure(trx: TenantDb, id: string, reason: string): Promise<void> {
  await trx('notification').where({ id, state: 'pending' }).update({ last_error: reason });
}

/** Nobody tries any more. Keeps the last attempt's word. Repeatable. */
export async function giveUp(trx: TenantDb, id: string, reason: string): Promise<void> {
  await trx('notification')
    .where({ id, state: 'pending' })
    .update({ state: 'failed', last_error: trx.raw('coalesce(last_error, ?)', [reason]) });
}
