// From an organization's settings to the promises an incident runs under. Frozen when the incident is created.
import type { OrgSettings } from '../orgs/schema.js';
import type { BusinessCalendar } from './calendar.js';
import type { EscalationLevel, SeverityTargets, SlaPolicy, Target } from './clocks.js';
import { INCIDENT_SEVERITIES, type IncidentSeverity } from './rules.js';

const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** ISO 8601: whole days are days of the calendar, the rest is time of it. */
export function parseDuration(iso: string): Target {
  const match = DURATION.exec(iso);
  if (!match) throw new RangeError(`${iso} is not a duration`);
  const [, days, hours, minutes, seconds] = match;
  const ms = Math.round(
    Number(hours ?? 0) * 3_600_000 + Number(minutes ?? 0) * 60_000 + Number(seconds ?? 0) * 1000,
  );
  return { ...(days !== undefined && { days: Number(days) }), ...((ms > 0 || days === undefined) && { ms }) };
}

/** @param version of the settings it was made from, so that one can tell later which promise was broken */
export function slaPolicy(settings: OrgSettings, version: string): SlaPolicy {
  const target = (iso: string | null): Target | null => (iso === null ? null : parseDuration(iso));
  const targetsOf = (severity: IncidentSeverity): SeverityTargets => {
    const { acknowledge, contain, resolve, update_cadence, calendar } = settings.sla[severity];
    return {
      acknowledge: target(acknowledge),
      contain: target(contain),
      resolve: target(resolve),
      update_cadence: target(update_cadence),
      calendar,
    };
  };
  const [critical, high, medium, low, informational] = INCIDENT_SEVERITIES.map(targetsOf);
  if (!critical || !high || !medium || !low || !informational)
    throw new RangeError('a severity has no targets');
  return {
    version,
    targets: { critical, high, medium, low, informational },
    calendars: Object.fromEntries(
      Object.entries(settings.calendars).map(([name, calendar]) => [name, toCalendar(calendar)]),
    ),
    ladder: settings.escalation.map((level): EscalationLevel => ({
      percent: level.percent,
      audience: level.notify,
      repeat_every_ms: level.repeat_every === null ? null : lengthOf(parseDuration(level.repeat_every)),
    })),
  };
}

export function toCalendar({ zone, hours, holidays }: OrgSettings['calendars'][string]): BusinessCalendar {
  return { zone, holidays, hours: hours.map((day) => (day === null ? null : minutesOf(day))) };
}

function lengthOf({ ms = 0, days = 0 }: Target): number {
  return days * 86_400_000 + ms;
}

function minutesOf({ from, to }: { from: string; to: string }): [number, number] {
  return [clockMinutes(from), clockMinutes(to)];
}

function clockMinutes(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
