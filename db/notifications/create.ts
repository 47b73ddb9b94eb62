// What a change of an incident gives people to know: rows and the starts of their workflows, in the change's own
// transaction. So nothing is told of what did not happen, nothing is forgotten, and no clock waits for a receiver.
import type { EscalationAudience } from '../../domain/incidents/clocks.js';
import type { Notice } from '../../domain/incidents/state.js';
import { type Ladder, quietUntil, type Recipient, recipientsOf } from '../../domain/notifications/rules.js';
import type { Notification } from '../../domain/notifications/schema.js';
import type { OrgSettings } from '../../domain/orgs/schema.js';
import { notificationWorkflowId, TASK_QUEUES } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import type { IncidentRow } from '../incidents/repository.js';
import { insertOutbox } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';

export type ToldIncident = Pick<IncidentRow, 'id' | 'ref' | 'severity' | 'commander_id' | 'assignee_id'>;

export interface Telling {
  incident: ToldIncident;
  /** Of the act: a repetition tells nobody twice. */
  key: string;
  at: number;
  notices: readonly Notice[];
  /** Whether this installation can send e-mail at all. */
  email: boolean;
  /** The organization's, where its reader has them already. */
  settings?: OrgSettings | undefined;
}

type NewNotification = Pick<Notification, 'event' | 'channel' | 'recipient_id' | 'audience'> &
  Partial<
    Pick<
      Notification,
      | 'incident_id'
      | 'kri_id'
      | 'risk_id'
      | 'text'
      | 'severity'
      | 'clock_kind'
      | 'percent'
      | 'late'
      | 'not_before'
    >
  > & {
    notice_key: string;
    ref?: string;
  };

export async function tellOf(trx: TenantDb, tenant: TenantRef, telling: Telling): Promise<void> {
  const { key, notices } = telling;
  if (notices.length === 0) return;
  const channels = await channelsOf(trx, telling);
  if (!channels) return;
  for (const [index, notice] of notices.entries()) {
    await tellThrough(trx, tenant, channels, {
      notice_key: `${key}/${index}`,
      event: eventOf(notice),
      audience: [...notice.audience],
      clock_kind: notice.clock_kind,
      percent: notice.percent,
      late: notice.late,
    });
  }
}

/** What a playbook has to say about its incident. @returns how many messages that makes, however often it is said */
export async function tellMessage(
  trx: TenantDb,
  tenant: TenantRef,
  telling: Omit<Telling, 'notices'> & { audience: readonly EscalationAudience[]; text: string },
): Promise<number> {
  const { key, audience, text } = telling;
  const channels = await channelsOf(trx, telling);
  if (!channels) return 0;
  const event = 'playbook_message' as const;
  return await tellThrough(trx, tenant, channels, { notice_key: key, event, audience: [...audience], text });
}

interface Channels {
  incident: ToldIncident;
  webhook: boolean;
  /** Undefined where no e-mail is sent. */
  ladder: Ladder | undefined;
  not_before: string | null;
}

async function channelsOf(
  trx: TenantDb,
  { incident, at, email, settings: known }: Omit<Telling, 'notices'>,
): Promise<Channels | undefined> {
  const org: { settings: OrgSettings } | undefined =
    known === undefined ? await trx('org').select('settings').first() : { settings: known };
  if (!org) return undefined;
  const { settings } = org;
  const quiet = quietUntil(settings.quiet_hours, incident.severity, at);
  return {
    incident,
    webhook: settings.notification_webhook !== null,
    ladder: email ? await ladderOf(trx, incident, settings) : undefined,
    not_before: quiet === undefined ? null : new Date(quiet).toISOString(),
  };
}

async function tellThrough(
  trx: TenantDb,
  tenant: TenantRef,
  { incident, webhook, ladder, not_before }: Channels,
  message: Omit<NewNotification, 'channel' | 'recipient_id'>,
): Promise<number> {
  const { id: incident_id, ref, severity } = incident;
  const common = { ...message, incident_id, ref, severity, not_before };
  const letters = ladder ? recipientsOf(message.audience, ladder) : [];
  const addressed = [
    ...(webhook ? [{ channel: 'webhook' as const, recipient_id: null }] : []),
    ...letters.map((recipient) => ({ channel: 'email' as const, recipient_id: idOf(recipient) })),
  ];
  for (const to of addressed) await createNotification(trx, tenant, { ...common, ...to });
  return addressed.length;
}

/**
 * A message, and the start of what sends it.
 * @returns undefined when it has been told already
 */
export async function createNotification(
  trx: TenantDb,
  tenant: TenantRef,
  message: NewNotification,
): Promise<{ id: string; outbox_id: string } | undefined> {
  const id = newId();
  const inserted = await trx('notification')
    .insert({ ...message, org_id: tenant.org_id, id })
    .onConflict()
    .ignore()
    .returning('id');
  if (inserted.length === 0) return undefined;
  const outbox_id = await insertOutbox(trx, tenant.org_id, {
    kind: 'workflow_start',
    workflow_id: notificationWorkflowId(tenant.org_id, id),
    payload: {
      workflow_type: 'notificationWorkflow',
      task_queue: TASK_QUEUES.core,
      resource_id: message.incident_id ?? message.kri_id ?? message.risk_id ?? id,
      summary: `${message.channel}: ${message.event}${message.ref === undefined ? '' : ` of ${message.ref}`}`,
      input: notificationInput(tenant, id, message.not_before ?? null),
    },
  });
  return { id, outbox_id };
}

function notificationInput(
  { org_id, actor_id, request_id }: TenantRef,
  notification_id: string,
  not_before: string | null,
) {
  return { tenant: { org_id, actor_id, request_id }, notification_id, not_before };
}

/** Whom the ladder means, as far as they are here and have an address. */
export async function ladderOf(
  trx: TenantDb,
  incident: Pick<ToldIncident, 'commander_id' | 'assignee_id'>,
  settings: OrgSettings,
): Promise<Ladder> {
  const members: { user_id: string; role: string }[] = await trx('membership as m')
    .join('app_user as u', 'u.id', 'm.user_id')
    .whereNull('m.ended_at')
    .whereNotNull('u.email')
    .where((either) => either.where('m.role', 'admin').orWhereIn('m.user_id', namedIn(incident)))
    .orderBy('m.user_id')
    .select('m.user_id', 'm.role');
  const present = (id: string | null): string | null =>
    members.some(({ user_id }) => user_id === id) ? id : null;
  return {
    assignee_id: present(incident.assignee_id),
    commander_id: present(incident.commander_id),
    admin_ids: members.filter(({ role }) => role === 'admin').map(({ user_id }) => user_id),
    executive_email: settings.executive_email,
  };
}

function namedIn({
  assignee_id,
  commander_id,
}: Pick<ToldIncident, 'commander_id' | 'assignee_id'>): string[] {
  return [assignee_id, commander_id].filter((id) => id !== null);
}

function idOf(recipient: Recipient): string | null {
  return recipient === 'executive' ? null : recipient.user_id;
}

function eventOf({ event }: Notice): Notification['event'] {
  switch (event) {
    case 'sla_breached':
    case 'sla_reminder':
    case 'ack_check':
      return event;
    default:
      return 'sla_threshold';
  }
}
