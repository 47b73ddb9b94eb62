import {
  INCIDENT_CATEGORIES,
  INCIDENT_SEVERITIES,
  INCIDENT_STATUSES,
  PHASES,
} from '../../domain/incidents/rules.js';
import type { IncidentRow, IncidentSummary } from '../../domain/reports/incident-schema.js';
import type { Kind } from './documents.js';
import { headOf, hourOf, id, person, pick, words } from './material.js';

const TITLES = [
  'Suspicious logins from an unusual range',
  'Ransomware note on a file server',
  'Card data in a debug log',
  'Payment interface unavailable for two hours',
  'Phishing wave against the finance team',
  'Lost laptop of a field engineer',
] as const;

const EVENTS = [
  ['incident_created', 'Reported by the monitoring'],
  ['phase_changed', 'Moved to analysis: triage is complete'],
  ['containment_action', 'Isolated auth-server-01 from the network'],
  ['note', 'Logs of the last thirty days are secured'],
  ['phase_changed', 'Moved to containment'],
  ['clock_breached', 'The deadline to contain has passed'],
] as const;

const KINDS = ['acknowledge', 'contain', 'resolve', 'update_cadence'] as const;
const CLOCK_TURN = ['met', 'breached', 'running', 'met'] as const;
const DUTY_TURN = ['open', 'overdue', 'submitted', 'submitted_late', 'not_required', 'waived'] as const;

function incidentOf(kind: Kind, n: number): IncidentRow {
  const closed = n % 3 === 0;
  const phase = closed ? 'post_incident' : pick(PHASES, n % 5);
  return {
    id: id(8, n),
    ref: `INC-2026-${String(n + 1)}`,
    title: words(kind, TITLES, n),
    category: pick(INCIDENT_CATEGORIES, n),
    severity: pick(INCIDENT_SEVERITIES, Math.floor(n / 3)),
    status: closed ? 'closed' : pick(INCIDENT_STATUSES, n % 4),
    phase,
    sla: pick(['on_track', 'at_risk', 'breached'] as const, n),
    affected_systems: [words(kind, ['auth-server-01'], n + 4), 'vpn-gateway'],
    affected_records: n % 2 === 0 ? null : 1_200 * n,
    commander: n % 4 === 3 ? null : person(n, kind),
    assignee: null,
    occurred_at: hourOf(100 + 90 * (n % 20)),
    acknowledged_at: hourOf(101 + 90 * (n % 20)),
    closed_at: closed ? hourOf(150 + 90 * (n % 20)) : null,
    resolution: closed ? 'resolved' : null,
    created_at: hourOf(100 + 90 * (n % 20)),
  };
}

export function incidentDocument(kind: Kind, rows = kind === 'empty' ? 0 : 14): IncidentSummary {
  const incidents = Array.from({ length: rows }, (_, n) => incidentOf(kind, n));
  const severity = (key: IncidentRow['severity']): number =>
    incidents.filter((row) => row.severity === key).length;
  const clocks = incidents.flatMap((row, n) =>
    KINDS.map((name, m) => {
      const state = pick(CLOCK_TURN, n + m);
      return {
        incident_id: row.id,
        kind: name,
        attempt: 1,
        state,
        started_at: row.occurred_at,
        due_at: state === 'running' ? hourOf(2_200 + n) : null,
        ended_at: state === 'met' ? hourOf(120 + n) : null,
        breached_at: state === 'breached' ? hourOf(130 + n) : null,
        percent: state === 'breached' ? 140 : 45.5,
        by_reclassification: false,
      };
    }),
  );
  const sla = KINDS.map((name) => {
    const of = (state: string): number =>
      clocks.filter((clock) => clock.kind === name && clock.state === state).length;
    return { kind: name, met: of('met'), breached: of('breached'), open: of('running') };
  });
  const total = (key: 'met' | 'breached' | 'open'): number => sla.reduce((sum, row) => sum + row[key], 0);
  const obligations = incidents.slice(0, 8).map((row, n) => {
    const state = pick(DUTY_TURN, n);
    const submitted = state === 'submitted' || state === 'submitted_late';
    return {
      id: id(9, n),
      incident_id: row.id,
      code: 'NIS2_EARLY_WARNING',
      regime: words(kind, ['NIS2', 'DORA', 'GDPR'], n),
      stage: words(kind, ['Early warning', 'Initial notification'], n + 1),
      anchored_at: row.occurred_at,
      due_at: hourOf(2_000 + 40 * n),
      decision: state === 'not_required' ? ('not_required' as const) : ('required' as const),
      reason: state === 'not_required' ? words(kind, ['Not significant.'], n) : null,
      state,
      submitted_at: submitted ? hourOf(1_990 + 40 * n) : null,
      receipt_sha256: submitted ? 'ef56'.repeat(16) : null,
      source: 'Directive (EU) 2022/2555, Art. 23(4)',
      trust: n % 2 === 0 ? ('high' as const) : ('check' as const),
    };
  });
  const duties = (...states: string[]): number =>
    obligations.filter(({ state }) => states.includes(state)).length;
  return {
    type: 'incident_summary',
    ...headOf(kind, 'Incidents of the first quarter of 2026'),
    notes: [...headOf(kind, '').notes],
    period: { from: '2026-01-01T00:00:00.000Z', to: '2026-03-31T23:59:59.999Z' },
    summary: {
      total: rows,
      open: incidents.filter((row) => row.status !== 'closed').length,
      closed: incidents.filter((row) => row.status === 'closed').length,
      severity: {
        critical: severity('critical'),
        high: severity('high'),
        medium: severity('medium'),
        low: severity('low'),
        informational: severity('informational'),
      },
      sla: { met: total('met'), breached: total('breached'), open: total('open') },
      obligations: {
        open: duties('open', 'overdue'),
        overdue: duties('overdue'),
        submitted: duties('submitted', 'submitted_late'),
        submitted_late: duties('submitted_late'),
      },
    },
    matrix: INCIDENT_SEVERITIES.flatMap((wanted) =>
      PHASES.flatMap((phase) => {
        const count = incidents.filter((row) => row.severity === wanted && row.phase === phase).length;
        return count === 0 ? [] : [{ severity: wanted, phase, count }];
      }),
    ),
    time_in_phase:
      rows === 0
        ? []
        : PHASES.map((phase, n) => ({
            phase,
            visits: rows - n,
            median_seconds: 5_400 * (n + 1),
            average_seconds: 7_200 * (n + 1),
            longest_seconds: 86_400 * (n + 1) + 3_600,
            total_seconds: 7_200 * (n + 1) * (rows - n),
          })),
    sla: rows === 0 ? [] : sla,
    incidents,
    phases: incidents.map((row) => ({ incident_id: row.id, phase: row.phase, visits: 1, seconds: 5_400 })),
    clocks,
    obligations,
    worst: incidents.slice(0, 3).map((row, n) => ({
      incident_id: row.id,
      entries_total: EVENTS.length + n * 60,
      entries: EVENTS.map(([event_type, description], m) => ({
        seq: m + 1,
        timestamp: hourOf(100 + 90 * n + m),
        event_type,
        description: words(kind, [description], n + m),
        actor: person(m, kind).name,
        redacted: m === 3,
      })),
    })),
  };
}
