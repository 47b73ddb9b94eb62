import { z } from 'zod';
import { isTimeZone } from '../incidents/calendar.js';
import { ESCALATION_AUDIENCES } from '../incidents/clocks.js';
import { date, email, page, text, timestamp, uuid } from '../schema.js';

// Written out without look-ahead: what draws examples from the document is a thousand times faster so.
const SECONDS = String.raw`\d{1,6}(\.\d{1,3})?S`;
const TIME = String.raw`(\d{1,5}H(\d{1,5}M)?(${SECONDS})?|\d{1,5}M(${SECONDS})?|${SECONDS})`;

/** ISO 8601 duration, down to milliseconds as a fraction of seconds, e.g. `PT4H` or `PT0.25S`. */
const duration = z
  .string()
  .max(40)
  .regex(
    new RegExp(String.raw`^P(\d{1,4}D|(\d{1,4}D)?T${TIME})$`),
    'must be an ISO 8601 duration such as PT4H',
  );

const slaTargets = z.strictObject({
  acknowledge: duration,
  contain: duration.nullable(),
  resolve: duration.nullable(),
  update_cadence: duration.nullable().default(null),
  calendar: z
    .string()
    .max(60)
    .nullable()
    .default(null)
    .meta({ description: 'name of one of the calendars; null counts around the clock' }),
});

const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time such as 09:00');
const workingHours = z
  .strictObject({ from: clockTime, to: clockTime })
  .refine(({ from, to }) => from < to, 'must open before it closes');

const calendar = z.strictObject({
  zone: z.string().max(60).refine(isTimeZone, 'must be an IANA time zone such as Europe/Amsterdam'),
  hours: z
    .array(workingHours.nullable())
    .length(7)
    .refine((days) => days.some((day) => day !== null), 'must have a working day')
    .meta({ description: 'Monday first; null is a day off' }),
  holidays: z.array(date).max(200),
});

const escalationLevel = z.strictObject({
  percent: z.number().int().min(1).max(1000),
  notify: z.array(z.enum(ESCALATION_AUDIENCES)).min(1),
  repeat_every: duration.nullable().default(null),
});

export const orgSettings = z
  .strictObject({
    sla: z.strictObject({
      critical: slaTargets,
      high: slaTargets,
      medium: slaTargets,
      low: slaTargets,
      informational: slaTargets,
    }),
    calendars: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/), calendar),
    escalation: z
      .array(escalationLevel)
      .max(10)
      .refine((levels) => new Set(levels.map(({ percent }) => percent)).size === levels.length, {
        message: 'each percentage once',
      }),
    executive_email: email.nullable(),
    quiet_hours: z
      .strictObject({
        zone: z.string().max(60).refine(isTimeZone, 'must be an IANA time zone'),
        from: clockTime,
        to: clockTime,
      })
      .nullable()
      .meta({ description: 'no notices then, except for critical and high incidents' }),
    strict_guards: z.boolean(),
    review_threshold: z.number().min(0).max(1),
    token_budget: z.number().int().min(1).max(1_000_000_000).nullable(),
    appetite: z
      .strictObject({
        approaching: z.number().min(0).max(125),
        exceeds: z.number().min(0).max(125),
        critical: z.number().min(0).max(125),
      })
      .refine(
        (a) => a.approaching < a.exceeds && a.exceeds < a.critical,
        'bounds must rise: approaching < exceeds < critical',
      ),
    notification_webhook: z
      .url({ protocol: /^https?$/, error: 'must be an https URL' })
      .max(2048)
      // http is for origins that a test installation lets through; where the call may go is decided by endpointProblem
      .meta({ pattern: '^https://' })
      .nullable(),
    regulation: z
      .strictObject({
        jurisdictions: z.array(z.enum(['EU', 'UK', 'US'])).max(3),
        sectors: z
          .array(z.enum(['essential_services', 'important_services', 'financial', 'health', 'listed']))
          .max(5),
        personal_data: z.boolean().meta({ description: 'whether it keeps records of persons' }),
      })
      .meta({ description: 'what the policy judges by which duties to report probably apply' }),
  })
  .meta({ id: 'OrganizationSettings' });
export type OrgSettings = z.infer<typeof orgSettings>;

const domainName = z
  .string()
  .trim()
  .toLowerCase()
  .min(4)
  .max(253)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
    'must be a domain name such as example.com',
  );

export const organization = z
  .object({
    id: uuid,
    name: z.string(),
    domain: z.string(),
    settings: orgSettings,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Organization' });
export type Organization = z.infer<typeof organization>;

export const organizationCreate = z
  .strictObject({ name: text(200), domain: domainName })
  .meta({ id: 'OrganizationCreate', example: { name: 'Acme Corporation', domain: 'acme.example' } });
export type OrganizationCreate = z.infer<typeof organizationCreate>;

export const organizationUpdate = z
  .strictObject({
    name: text(200).optional(),
    domain: domainName.optional(),
    settings: z.strictObject(orgSettings.shape).partial().optional(),
  })
  .meta({ id: 'OrganizationUpdate' });
export type OrganizationUpdate = z.infer<typeof organizationUpdate>;

export const organizationPage = page(organization).meta({ id: 'OrganizationPage' });
export const orgParams = z.strictObject({ org_id: uuid });
