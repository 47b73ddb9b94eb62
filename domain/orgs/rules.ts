import { fitsHorizon } from '../incidents/calendar.js';
import { parseDuration, toCalendar } from '../incidents/policy.js';
import type { OrgSettings } from './schema.js';

/** How long a deleted organization is kept, hidden, before nothing of it is left. */
export const KEPT_AFTER_DELETION_MS = 30 * 86_400_000;

const AROUND_THE_CLOCK = { update_cadence: null, calendar: null };
const WORKDAY = { from: '09:00', to: '17:00' };

/** What an organization starts with. Grave incidents count around the clock, the others in working days. */
export const DEFAULT_SETTINGS: OrgSettings = {
  sla: {
    critical: { acknowledge: 'PT15M', contain: 'PT4H', resolve: 'PT24H', ...AROUND_THE_CLOCK },
    high: { acknowledge: 'PT30M', contain: 'PT8H', resolve: 'PT72H', ...AROUND_THE_CLOCK },
    medium: { acknowledge: 'PT4H', contain: 'PT24H', resolve: 'P7D', ...AROUND_THE_CLOCK },
    low: { acknowledge: 'P1D', contain: 'P5D', resolve: 'P20D', update_cadence: null, calendar: 'business' },
    informational: {
      acknowledge: 'P2D',
      contain: null,
      resolve: null,
      update_cadence: null,
      calendar: 'business',
    },
  },
  calendars: {
    business: {
      zone: 'UTC',
      hours: [WORKDAY, WORKDAY, WORKDAY, WORKDAY, WORKDAY, null, null],
      holidays: [],
    },
  },
  escalation: [
    { percent: 50, notify: ['assignee'], repeat_every: null },
    { percent: 75, notify: ['commander'], repeat_every: null },
    { percent: 100, notify: ['admins'], repeat_every: null },
    { percent: 150, notify: ['executive'], repeat_every: null },
  ],
  executive_email: null,
  quiet_hours: { zone: 'UTC', from: '22:00', to: '07:00' },
  strict_guards: false,
  review_threshold: 0.7,
  token_budget: null,
  appetite: { approaching: 25, exceeds: 50, critical: 75 },
  notification_webhook: null,
  regulation: { jurisdictions: [], sectors: [], personal_data: true },
};

/** What does not fit together, as a field and a sentence; undefined when all does. */
export function settingsProblem({
  sla,
  calendars,
  escalation,
}: OrgSettings): { field: string; detail: string } | undefined {
  // what is escalated last has to come, too
  const times = Math.max(100, ...escalation.map(({ percent }) => percent)) / 100;
  for (const [severity, { calendar, ...targets }] of Object.entries(sla)) {
    if (calendar === null) continue;
    const field = `settings.sla.${severity}`;
    const hours = calendars[calendar];
    if (hours === undefined)
      return { field: `${field}.calendar`, detail: `there is no calendar ${calendar}` };
    for (const [name, target] of Object.entries(targets))
      if (target !== null && !fitsHorizon(toCalendar(hours), parseDuration(target), times))
        return {
          field: `${field}.${name}`,
          detail: `${target} with its escalation may take the calendar ${calendar} more than ten years`,
        };
  }
  return undefined;
}
