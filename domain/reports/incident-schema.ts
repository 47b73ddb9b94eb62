// Incidents of a period as a report.
import { z } from 'zod';
import { CLOCK_STATES } from '../incidents/clocks.js';
import { DECISIONS } from '../incidents/obligations.js';
import {
  INCIDENT_CATEGORIES,
  INCIDENT_SEVERITIES,
  INCIDENT_STATUSES,
  PHASES,
  RESOLUTIONS,
} from '../incidents/rules.js';
import { timestamp, uuid } from '../schema.js';
import { count, head, person } from './head-schema.js';

const phase = z.enum(PHASES);
const severity = z.enum(INCIDENT_SEVERITIES);
const seconds = z.number().min(0);
const standing = z.enum(['on_track', 'at_risk', 'breached']);

const incidentRow = z
  .strictObject({
    id: uuid,
    ref: z.string(),
    title: z.string(),
    category: z.enum(INCIDENT_CATEGORIES),
    severity,
    status: z.enum(INCIDENT_STATUSES),
    phase,
    sla: standing,
    affected_systems: z.array(z.string()),
    affected_records: count.nullable(),
    commander: person.nullable(),
    assignee: person.nullable(),
    occurred_at: timestamp,
    acknowledged_at: timestamp.nullable(),
    closed_at: timestamp.nullable(),
    resolution: z.enum(RESOLUTIONS).nullable(),
    created_at: timestamp,
  })
  .meta({ id: 'ReportIncident' });
export type IncidentRow = z.infer<typeof incidentRow>;

const timelineRow = z.strictObject({
  seq: z.number().int(),
  timestamp,
  event_type: z.string(),
  description: z.string(),
  actor: z.string(),
  redacted: z.boolean(),
});

export const incidentSummary = z
  .strictObject({
    type: z.literal('incident_summary'),
    ...head,
    summary: z.strictObject({
      total: count,
      open: count.meta({ description: 'not closed' }),
      closed: count,
      severity: z.strictObject({
        critical: count,
        high: count,
        medium: count,
        low: count,
        informational: count,
      }),
      sla: z.strictObject({ met: count, breached: count, open: count }).meta({
        description: 'clocks of severity; cancelled ones do not count; a breached one never is met',
      }),
      obligations: z.strictObject({
        open: count.meta({ description: 'undecided or required, not submitted, not waived' }),
        overdue: count.meta({ description: 'of the open ones, past their hour' }),
        submitted: count,
        submitted_late: count.meta({ description: 'of the submitted ones' }),
      }),
    }),
    matrix: z
      .array(z.strictObject({ severity, phase, count }))
      .meta({ description: 'where the incidents are now; cells without any are left out' }),
    time_in_phase: z
      .array(
        z.strictObject({
          phase,
          visits: count,
          median_seconds: seconds,
          average_seconds: seconds,
          longest_seconds: seconds,
          total_seconds: seconds,
        }),
      )
      .meta({ description: 'visits that are not over count until the snapshot' }),
    sla: z
      .array(
        z.strictObject({
          kind: z.string().meta({ description: 'acknowledge, contain, resolve, update_cadence' }),
          met: count,
          breached: count,
          open: count,
        }),
      )
      .meta({ description: 'one per kind of clock' }),
    incidents: z
      .array(incidentRow)
      .meta({ description: 'all of the period; the gravest first, then the latest' }),
    phases: z
      .array(z.strictObject({ incident_id: uuid, phase, visits: count, seconds }))
      .meta({ description: 'time that each incident has spent in each phase that it was in' }),
    clocks: z.array(
      z.strictObject({
        incident_id: uuid,
        kind: z.string(),
        attempt: count,
        state: z.enum(CLOCK_STATES),
        started_at: timestamp,
        due_at: timestamp.nullable(),
        ended_at: timestamp.nullable(),
        breached_at: timestamp.nullable(),
        percent: z.number().meta({ description: 'of the target that has passed' }),
        by_reclassification: z.boolean(),
      }),
    ),
    obligations: z
      .array(
        z.strictObject({
          id: uuid,
          incident_id: uuid,
          code: z.string(),
          regime: z.string(),
          stage: z.string(),
          anchored_at: timestamp,
          due_at: timestamp,
          decision: z.enum(DECISIONS),
          reason: z.string().nullable(),
          state: z.enum(['open', 'overdue', 'submitted', 'submitted_late', 'not_required', 'waived']),
          submitted_at: timestamp.nullable(),
          receipt_sha256: z.string().nullable(),
          source: z.string().nullable(),
          trust: z.enum(['high', 'check']),
        }),
      )
      .meta({ description: 'regulatory clocks, the soonest due first' }),
    worst: z
      .array(
        z.strictObject({
          incident_id: uuid,
          entries_total: count,
          entries: z.array(timelineRow).meta({ description: 'the latest, oldest first' }),
        }),
      )
      .meta({ description: 'timelines of the gravest' }),
  })
  .meta({ id: 'IncidentSummaryReport' });
export type IncidentSummary = z.infer<typeof incidentSummary>;
