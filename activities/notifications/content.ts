// What a message says. Ids, numbers and a link: whoever may read the incident reads the rest there.
import type { Outgoing } from '../../db/notifications/repository.js';

export interface Letter {
  subject: string;
  text: string;
}

export function linkOf(public_url: string, org_id: string, incident_id: string | null): string | null {
  if (incident_id === null) return null;
  return `${public_url.replace(/\/$/, '')}/api/v1/orgs/${org_id}/incidents/${incident_id}`;
}

/** The body of a webhook, by the Standard Webhooks specification. The same at each attempt. */
export function webhookBody(message: Outgoing, org_id: string, url: string | null): string {
  const { id, incident_id, event, ref, severity, clock_kind, percent, late, audience } = message;
  return JSON.stringify({
    type: event === 'test' ? 'test' : `incident.${event}`,
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
        url,
      }),
    },
  });
}

export function letterOf(message: Outgoing, url: string | null): Letter {
  if (message.event === 'test')
    return {
      subject: 'Test message',
      text: 'This is a test message of Sovereign GRC. Notices about incidents will reach you here.\n',
    };
  const happened = whatHappened(message);
  return {
    subject: `[${message.severity ?? ''}] ${message.ref ?? ''}: ${happened}`,
    text: [
      `${message.ref ?? ''} (${message.severity ?? ''}): ${happened}.`,
      ...(message.late ? ['This was due earlier: the service was away at that time.'] : []),
      '',
      url ?? '',
      '',
    ].join('\n'),
  };
}

function whatHappened({ event, clock_kind, percent }: Outgoing): string {
  const clock = (clock_kind ?? '').replace(/^(\w+):.*$/, '$1').replaceAll('_', ' ');
  switch (event) {
    case 'sla_breached':
      return `the ${clock} target was missed`;
    case 'sla_threshold':
    case 'sla_reminder':
      return `${String(percent ?? 0)} % of the ${clock} target has passed`;
    case 'ack_check':
      return 'no activity for a while; does work go on?';
    case 'test':
      return 'test message';
  }
}
