// What a message says. Ids, numbers and a link: whoever may read the incident reads the rest there.
import type { Outgoing } from '../../db/notifications/repository.js';

export interface Letter {
  subject: string;
  text: string;
}

/** Where what it is about can be read; null for a test. */
export function linkOf(
  public_url: string,
  org_id: string,
  { incident_id, kri_id, risk_id }: Pick<Outgoing, 'incident_id' | 'kri_id' | 'risk_id'>,
): string | null {
  const base = `${public_url.replace(/\/$/, '')}/api/v1/orgs/${org_id}`;
  if (incident_id !== null) return `${base}/incidents/${incident_id}`;
  if (kri_id !== null) return `${base}/kris/${kri_id}`;
  return risk_id === null ? null : `${base}/risks/${risk_id}`;
}

/** The body of a webhook, by the Standard Webhooks specification. The same at each attempt. */
export function webhookBody(message: Outgoing, org_id: string, url: string | null): string {
  const { id, incident_id, kri_id, risk_id, ref, severity, clock_kind, percent, late, audience, text } =
    message;
  return JSON.stringify({
    type: typeOf(message),
    timestamp: message.created_at,
    data: {
      notification_id: id,
      organization_id: org_id,
      ...(incident_id !== null && {
        incident_id,
        ref,
        severity,
        clock: clock_kind,
        percent,
        late,
        audience,
        ...(text !== null && { text }),
        url,
      }),
      ...(kri_id !== null && { kri_id, severity, audience, url }),
      ...(risk_id !== null && { risk_id, ref, audience, url }),
    },
  });
}

function typeOf({ event, incident_id }: Outgoing): string {
  if (event === 'test') return 'test';
  // the others are named after what they are about
  return incident_id === null ? event.replace('_', '.') : `incident.${event}`;
}

export function letterOf(message: Outgoing, url: string | null): Letter {
  if (message.event === 'test')
    return {
      subject: 'Test message',
      text: 'This is a test message of Sovereign GRC. Notices about incidents will reach you here.\n',
    };
  const happened = whatHappened(message);
  if (message.kri_id !== null)
    return {
      subject: `[${message.severity ?? ''}] Key risk indicator: ${happened}`,
      text: `A key risk indicator: ${happened}.\n\n${url ?? ''}\n`,
    };
  const mark = message.severity === null ? '' : `[${message.severity}] `;
  return {
    subject: `${mark}${message.ref ?? ''}: ${happened}`,
    text: [
      `${message.ref ?? ''}${message.severity === null ? '' : ` (${message.severity})`}: ${happened}.`,
      ...(message.text === null ? [] : ['', message.text]),
      ...(message.late ? ['This was due earlier: the service was away at that time.'] : []),
      '',
      url ?? '',
      '',
    ].join('\n'),
  };
}

function whatHappened({ event, clock_kind, percent, severity }: Outgoing): string {
  const clock = (clock_kind ?? '').replace(/^(\w+):.*$/, '$1').replaceAll('_', ' ');
  switch (event) {
    case 'sla_breached':
      return `the ${clock} target was missed`;
    case 'sla_threshold':
    case 'sla_reminder':
      return `${String(percent ?? 0)} % of the ${clock} target has passed`;
    case 'ack_check':
      return 'no activity for a while; does work go on?';
    case 'kri_breached':
      return `its value is ${severity === 'high' ? 'red' : 'amber'}`;
    case 'kri_worsened':
      return 'its value went from amber to red';
    case 'kri_recovered':
      return 'its value is green again';
    case 'risk_acceptance_expired':
      return 'its acceptance has expired and it is open again';
    case 'playbook_message':
      return 'a playbook has a message for you';
    case 'test':
      return 'test message';
  }
}
