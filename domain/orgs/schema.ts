import { z } from 'zod';
import { page, text, timestamp, uuid } from '../schema.js';

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

const slaTargets = z.strictObject({ acknowledge: duration, contain: duration, resolve: duration });

export const orgSettings = z
  .strictObject({
    sla: z.strictObject({
      critical: slaTargets,
      high: slaTargets,
      medium: slaTargets,
      low: slaTargets,
      informational: slaTargets,
    }),
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
      .url({ protocol: /^https$/ })
      .max(2048)
      .nullable(),
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
