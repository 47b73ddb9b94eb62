import { z } from 'zod';
import { anyOf, page, pageQuery, text, timestamp, uuid, workflowLink } from '../schema.js';
import { CLOCK_STATES, PAUSE_REASONS } from './clocks.js';
import { obligation } from './obligation-schema.js';
import { INCIDENT_CATEGORIES, INCIDENT_SEVERITIES, INCIDENT_STATUSES, PHASES, RESOLUTIONS } from './rules.js';
import { task } from './task-schema.js';
import { timelineCheckpoint } from './bundle-schema.js';

/** The reference says both `info` and `informational`; answers always say the latter. */
const severityWord = z
  .preprocess((value) => (value === 'info' ? 'informational' : value), z.enum(INCIDENT_SEVERITIES))
  .meta({ enum: [...INCIDENT_SEVERITIES, 'info'] });
const severity = z.enum(INCIDENT_SEVERITIES);
const phase = z.enum(PHASES);

const systems = z.array(text(200)).max(500);

export const incident = z
  .object({
    id: uuid,
    ref: z.string().meta({ description: 'what people quote, e.g. INC-2026-4' }),
    title: z.string(),
    description: z.string(),
    category: z.enum(INCIDENT_CATEGORIES),
    severity,
    status: z.enum(INCIDENT_STATUSES),
    phase,
    affected_systems: z.array(z.string()),
    affected_records: z.number().int().nullable(),
    source: z.string().nullable(),
    reported_by: uuid,
    commander_id: uuid.nullable(),
    assignee_id: uuid.nullable(),
    occurred_at: timestamp,
    acknowledged_at: timestamp.nullable(),
    acknowledged_by: uuid.nullable(),
    closed_at: timestamp.nullable(),
    resolution: z.enum(RESOLUTIONS).nullable(),
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'Incident' });
export type Incident = z.infer<typeof incident>;

/** Where it stands, for those who follow it. */
const incidentStanding = incident.pick({
  id: true,
  phase: true,
  status: true,
  severity: true,
  commander_id: true,
  assignee_id: true,
});
export type IncidentStanding = z.infer<typeof incidentStanding>;

export const incidentStreamEvent = z
  .object({
    event: z.enum(['timeline', 'incident', 'end']),
    data: z.string().meta({ description: 'a TimelineEntry, or where the incident stands, as JSON' }),
  })
  .meta({ id: 'IncidentStreamEvent' });

export const clockView = z
  .object({
    id: uuid,
    kind: z.string(),
    attempt: z.number().int(),
    state: z.enum(CLOCK_STATES),
    started_at: timestamp,
    due_at: timestamp.nullable().meta({ description: 'null while it stands still and after its end' }),
    remaining_seconds: z.number().int().nullable().meta({ description: 'negative once it is overdue' }),
    percent: z.number(),
    breached_at: timestamp.nullable(),
    by_reclassification: z.boolean(),
    paused_reason: z.enum(PAUSE_REASONS).nullable(),
    ended_at: timestamp.nullable(),
  })
  .meta({ id: 'IncidentClock' });
export type ClockView = z.infer<typeof clockView>;

const sla = z
  .object({ overall: z.enum(['on_track', 'at_risk', 'breached']), clocks: z.array(clockView) })
  .meta({ id: 'IncidentSla' });

const visit = z
  .object({
    visit_no: z.number().int(),
    phase,
    kind: z.enum(['forward', 'skip', 'backward', 'reopen']),
    csf_function: z.string(),
    entered_at: timestamp,
    left_at: timestamp.nullable(),
    entered_by: uuid,
    reason: z.string().nullable(),
    seconds: z.number().int(),
  })
  .meta({ id: 'IncidentVisit' });

const timeInPhase = z
  .object({ phase, visits: z.number().int(), seconds: z.number().int() })
  .meta({ id: 'TimeInPhase' });
export type TimeInPhase = z.infer<typeof timeInPhase>;

export const timelineEntry = z
  .object({
    seq: z.number().int(),
    timestamp: timestamp.meta({ description: 'when it happened' }),
    recorded_at: timestamp,
    event_type: z.string(),
    description: z.string(),
    actor: z.string(),
    actor_ref: z.object({ type: z.enum(['user', 'system', 'agent', 'vendor']), id: z.string().nullable() }),
    data: z.record(z.string(), z.unknown()),
    corrects_seq: z.number().int().nullable(),
    redacted: z.boolean(),
    entry_hash: z.string(),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.infer<typeof timelineEntry>;

export const review = z
  .strictObject({
    root_cause: text(10_000),
    lessons: text(10_000),
    actions: z.array(z.strictObject({ title: text(500), owner_id: uuid.nullable() })).max(100),
  })
  .meta({ id: 'IncidentReview' });
export type Review = z.infer<typeof review>;

export const guardWarning = z
  .object({ guard: z.string(), detail: z.string(), overridable: z.boolean() })
  .meta({ id: 'GuardWarning' });

export const incidentDetail = incident
  .extend({
    sla,
    visits: z.array(visit).meta({ description: 'the latest 50, oldest first' }),
    time_in_phases: z.array(timeInPhase).meta({ description: 'all visits of a phase in one' }),
    tasks: z.array(task),
    obligations: z.array(obligation),
    timeline: z.array(timelineEntry).meta({ description: 'the latest 50, oldest first' }),
    review: review.nullable(),
    pending_severity: severity.nullable().meta({ description: 'waits for a second person' }),
    allowed_phases: z.array(phase),
    workflow: workflowLink,
  })
  .meta({ id: 'IncidentDetail' });
export type IncidentDetail = z.infer<typeof incidentDetail>;

/** After a command: what the incident is now, what was not confirmed in time, and what the guards say. */
export const incidentCommandResult = incidentDetail
  .extend({
    requested: z
      .string()
      .nullable()
      .meta({ description: 'a command that the workflow has not confirmed yet; it is not lost' }),
    warnings: z.array(guardWarning),
  })
  .meta({ id: 'IncidentCommandResult' });
export type IncidentCommandResult = z.infer<typeof incidentCommandResult>;

export const incidentCreate = z
  .strictObject({
    title: text(300),
    description: text(20_000),
    category: z.enum(INCIDENT_CATEGORIES),
    severity: severityWord,
    affected_systems: systems.default([]),
    source: text(200).optional(),
    occurred_at: timestamp.optional().meta({ description: 'in the past; clocks count from it' }),
    affected_records: z.number().int().min(0).max(1e12).optional(),
    commander_id: uuid.optional(),
    assignee_id: uuid.optional(),
  })
  .meta({
    id: 'IncidentCreate',
    example: {
      title: 'Suspicious Login Activity',
      description: 'Multiple failed login attempts from unusual IP range',
      category: 'unauthorized_access',
      severity: 'high',
      affected_systems: ['auth-server-01', 'vpn-gateway'],
      source: 'siem_alert',
    },
  });
export type IncidentCreate = z.infer<typeof incidentCreate>;

export const incidentUpdate = z
  .strictObject({
    title: text(300).optional(),
    description: text(20_000).optional(),
    severity: severityWord.optional(),
    commander_id: uuid.nullable().optional(),
    assignee_id: uuid.nullable().optional(),
    affected_records: z.number().int().min(0).max(1e12).nullable().optional(),
    affected_systems: systems.optional(),
    review: review.optional(),
    status: z.enum(INCIDENT_STATUSES).optional(),
    resolution: z
      .enum(RESOLUTIONS)
      .optional()
      .meta({ description: 'with status closed; resolved unless said' }),
    notes: text(10_000).optional().meta({ description: 'why; needed to lower a severity' }),
  })
  .refine((body) => Object.keys(body).length > 0, 'at least one field is needed')
  .meta({
    id: 'IncidentUpdate',
    example: { severity: 'critical', affected_records: 5000 },
  });
export type IncidentUpdate = z.infer<typeof incidentUpdate>;

export const transitionBody = z
  .strictObject({
    new_phase: phase,
    notes: text(10_000)
      .optional()
      .meta({ description: 'the reason; needed for every move but the plain one' }),
    expected_phase: phase.optional(),
  })
  .meta({
    id: 'IncidentTransition',
    example: { new_phase: 'analysis', notes: 'Initial triage complete, moving to analysis' },
  });
export type TransitionBody = z.infer<typeof transitionBody>;

export const noteBody = z
  .strictObject({
    description: text(20_000),
    event_type: z.enum(['note', 'stakeholder_update', 'containment_action', 'observation']).default('note'),
    occurred_at: timestamp.optional(),
    corrects_seq: z.number().int().min(1).optional(),
  })
  .meta({ id: 'TimelineNote', example: { description: 'Isolated auth-server-01 from the network' } });
export type NoteBody = z.infer<typeof noteBody>;

export const redactBody = z.strictObject({ reason: text(1000) }).meta({ id: 'TimelineRedaction' });
export const clockPauseBody = z
  .strictObject({ reason: z.enum(PAUSE_REASONS), notes: text(2000).optional() })
  .meta({ id: 'ClockPause' });
export const commandNotes = z
  .strictObject({ notes: text(2000).optional() })
  .default({})
  .meta({ id: 'CommandNotes' });

export const timelineVerdict = z
  .object({
    valid: z.boolean(),
    entries: z.number().int(),
    head: z.string().nullable(),
    first_bad_seq: z.number().int().nullable(),
    reason: z.string().nullable(),
    redacted: z.number().int(),
    checkpoints: z.number().int(),
    checkpoint: timelineCheckpoint
      .omit({ jws: true })
      .nullable()
      .meta({ description: 'the newest that holds: everything up to its seq is signed' }),
    witnessed: z.number().int().nullable().meta({
      description:
        'checkpoints that are witnessed outside the database; null where no object store is configured',
    }),
  })
  .meta({ id: 'TimelineVerdict' });

export const incidentPage = page(incident).meta({ id: 'IncidentPage' });
export const timelinePage = page(timelineEntry).meta({ id: 'TimelinePage' });
export const incidentParams = z.strictObject({ org_id: uuid, incident_id: uuid });
export const incidentQuery = pageQuery.extend({
  status: anyOf(INCIDENT_STATUSES),
  severity: z.array(severityWord).min(1).max(50).optional(),
  phase: anyOf(PHASES),
  commander_id: z.array(uuid).min(1).max(50).optional(),
});
export type IncidentQuery = z.infer<typeof incidentQuery>;
export const timelineQuery = pageQuery.extend({
  order: z.enum(['occurred', 'recorded']).default('occurred'),
});
