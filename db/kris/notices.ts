// Who is told of a breach: the webhook, and its owner by e-mail, or the admins where it has none. Once per turn of an
// episode, not per sample.
import type { IncidentSeverity } from '../../domain/incidents/rules.js';
import type { Breach } from '../../domain/kris/rules.js';
import type { Kri } from '../../domain/kris/schema.js';
import { quietUntil, recipientsOf } from '../../domain/notifications/rules.js';
import type { OrgSettings } from '../../domain/orgs/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { createNotification, ladderOf } from '../notifications/create.js';
import type { TenantDb } from '../tenancy.js';

export interface BreachNews {
  kri: Pick<Kri, 'id' | 'owner_id'>;
  event: 'opened' | 'worsened' | 'closed';
  episode_id: string;
  worst_status: Breach['worst_status'];
  email: boolean;
}

const EVENTS = { opened: 'kri_breached', worsened: 'kri_worsened', closed: 'kri_recovered' } as const;

function severityOf({ event, worst_status }: BreachNews): IncidentSeverity {
  if (event === 'closed') return 'informational';
  return worst_status === 'red' ? 'high' : 'medium';
}

export async function tellOfBreach(trx: TenantDb, tenant: TenantRef, news: BreachNews): Promise<void> {
  const org: { settings: OrgSettings } | undefined = await trx('org').select('settings').first();
  if (!org) return;
  const { settings } = org;
  const severity = severityOf(news);
  const quiet = quietUntil(settings.quiet_hours, severity, Date.now());
  const common = {
    notice_key: `kri-episode/${news.episode_id}/${news.event}`,
    kri_id: news.kri.id,
    event: EVENTS[news.event],
    audience: ['owner'],
    severity,
    not_before: quiet === undefined ? null : new Date(quiet).toISOString(),
  };
  if (settings.notification_webhook !== null)
    await createNotification(trx, tenant, { ...common, channel: 'webhook', recipient_id: null });
  if (!news.email) return;
  const people = { assignee_id: news.kri.owner_id, commander_id: null };
  for (const recipient of recipientsOf(['assignee'], await ladderOf(trx, people, settings)))
    if (recipient !== 'executive')
      await createNotification(trx, tenant, { ...common, channel: 'email', recipient_id: recipient.user_id });
}
