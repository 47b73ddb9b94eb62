// Who is written to, and when. Pure.
import { addElapsed, type BusinessCalendar, elapsedBetween } from '../incidents/calendar.js';
import type { IncidentSeverity } from '../incidents/rules.js';

export const NOTIFICATION_CHANNELS = ['webhook', 'email'] as const;

export const NOTIFICATION_STATES = ['pending', 'sent', 'failed'] as const;

export const NOTIFICATION_EVENTS = [
  'sla_threshold',
  'sla_breached',
  'sla_reminder',
  'ack_check',
  'kri_breached',
  'kri_worsened',
  'kri_recovered',
  'risk_acceptance_expired',
  'playbook_message',
  'test',
] as const;

/** Nobody sleeps through these. */
const LOUD: readonly IncidentSeverity[] = ['critical', 'high'];
const DAY_MINUTES = 1440;

export interface QuietHours {
  zone: string;
  /** `22:00`; from and to the same is no quiet at all. */
  from: string;
  to: string;
}

/** When the quiet that reigns now is over; undefined when there is none, or none for this severity. */
export function quietUntil(
  quiet: QuietHours | null,
  severity: IncidentSeverity,
  at: number,
): number | undefined {
  if (quiet === null || quiet.from === quiet.to || LOUD.includes(severity)) return undefined;
  const { zone } = quiet;
  const [from, to] = [minutes(quiet.from), minutes(quiet.to)];
  const isQuiet =
    from < to
      ? elapsedBetween(daily(zone, from, to), at, at + 1) > 0
      : elapsedBetween(daily(zone, to, from), at, at + 1) === 0;
  if (!isQuiet) return undefined;
  // the end of a day is the beginning of the next
  if (to === DAY_MINUTES) return addElapsed(daily(zone, 0, Math.max(from, 1)), at, 0);
  return addElapsed(daily(zone, to, from < to ? DAY_MINUTES : from), at, 0);
}

function daily(zone: string, from: number, to: number): BusinessCalendar {
  return { zone, holidays: [], hours: Array.from({ length: 7 }, () => [from, to] as const) };
}

function minutes(time: string): number {
  const [hours = '0', rest = '0'] = time.split(':');
  return Number(hours) * 60 + Number(rest);
}

export interface Ladder {
  assignee_id: string | null;
  commander_id: string | null;
  admin_ids: readonly string[];
  executive_email: string | null;
}

/** A person, or the executive contact, whose address is a setting. */
export type Recipient = { user_id: string } | 'executive';

/** Whoever is meant but not named is stood in for by the admins: a step of the ladder is never into nothing. */
export function recipientsOf(audience: readonly string[], ladder: Ladder): Recipient[] {
  const people = new Set<string>();
  let executive = false;
  for (const group of audience) {
    const person =
      group === 'assignee' ? ladder.assignee_id : group === 'commander' ? ladder.commander_id : null;
    if (group === 'executive' && ladder.executive_email !== null) executive = true;
    else if (person !== null) people.add(person);
    else for (const admin of ladder.admin_ids) people.add(admin);
  }
  const named = [...people].map((user_id): Recipient => ({ user_id }));
  return executive ? [...named, 'executive'] : named;
}
