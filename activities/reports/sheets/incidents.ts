import type { IncidentSummary } from '../../../domain/reports/incident-schema.js';
import { type Column, lines, long, moment, number, type Sheet, sheetOf, text, yes } from './sheet.js';

const SECONDS_AN_HOUR = 3_600;

function inHours(seconds: number): number {
  return Math.round((seconds / SECONDS_AN_HOUR) * 100) / 100;
}

export function incidentSheets(document: IncidentSummary): Sheet[] {
  const refs = new Map(document.incidents.map(({ id, ref }) => [id, ref]));
  const incident: Column<{ incident_id: string }> = text(
    'Incident',
    (row) => refs.get(row.incident_id) ?? null,
    16,
  );
  const entries = document.worst.flatMap(({ incident_id, entries: told }) =>
    told.map((entry) => ({ incident_id, ...entry })),
  );
  return [
    sheetOf('Incidents', document.incidents, [
      text('Incident', (row) => row.ref, 16),
      long('Title', (row) => row.title, 50),
      text('Category', (row) => row.category),
      text('Severity', (row) => row.severity, 14),
      text('Status', (row) => row.status, 14),
      text('Phase', (row) => row.phase, 14),
      text('Deadlines', (row) => row.sla, 12),
      text('Commander', (row) => row.commander?.name ?? null),
      text('Assignee', (row) => row.assignee?.name ?? null),
      number('Affected records', (row) => row.affected_records),
      long('Affected systems', (row) => lines(row.affected_systems), 40),
      moment('Occurred', (row) => row.occurred_at),
      moment('Acknowledged', (row) => row.acknowledged_at),
      moment('Closed', (row) => row.closed_at),
      text('Resolution', (row) => row.resolution, 14),
    ]),
    sheetOf('By severity and phase', document.matrix, [
      text('Severity', (row) => row.severity),
      text('Phase', (row) => row.phase),
      number('Incidents', (row) => row.count),
    ]),
    sheetOf('Time in phase', document.time_in_phase, [
      text('Phase', (row) => row.phase),
      number('Visits', (row) => row.visits),
      number('Median, hours', (row) => inHours(row.median_seconds)),
      number('Average, hours', (row) => inHours(row.average_seconds)),
      number('Longest, hours', (row) => inHours(row.longest_seconds)),
      number('Together, hours', (row) => inHours(row.total_seconds)),
    ]),
    sheetOf('Phases of incidents', document.phases, [
      incident,
      text('Phase', (row) => row.phase),
      number('Visits', (row) => row.visits),
      number('Hours', (row) => inHours(row.seconds)),
    ]),
    sheetOf('Deadlines', document.sla, [
      text('Deadline', (row) => row.kind),
      number('Met', (row) => row.met),
      number('Breached', (row) => row.breached),
      number('Open', (row) => row.open),
    ]),
    sheetOf('Clocks', document.clocks, [
      incident,
      text('Deadline', (row) => row.kind),
      number('Attempt', (row) => row.attempt),
      text('State', (row) => row.state, 12),
      number('Passed, %', (row) => row.percent),
      moment('Started', (row) => row.started_at),
      moment('Due', (row) => row.due_at),
      moment('Ended', (row) => row.ended_at),
      moment('Breached', (row) => row.breached_at),
      text('By reclassification', (row) => yes(row.by_reclassification), 12),
    ]),
    sheetOf('Regulatory clocks', document.obligations, [
      incident,
      text('Regime', (row) => row.regime),
      text('Stage', (row) => row.stage, 26),
      text('Code', (row) => row.code, 26),
      text('State', (row) => row.state, 16),
      text('Decision', (row) => row.decision, 14),
      moment('Runs from', (row) => row.anchored_at),
      moment('Due', (row) => row.due_at),
      moment('Submitted', (row) => row.submitted_at),
      long('Reason', (row) => row.reason, 40),
      long('Source', (row) => row.source, 40),
      text('Trust', (row) => row.trust, 10),
      text('SHA-256 of the receipt', (row) => row.receipt_sha256, 68),
    ]),
    sheetOf('Timelines', entries, [
      incident,
      number('Entry', (row) => row.seq),
      moment('When', (row) => row.timestamp),
      text('Event', (row) => row.event_type, 24),
      long('What happened', (row) => (row.redacted ? 'redacted' : row.description)),
      text('Who', (row) => row.actor),
    ]),
  ];
}
