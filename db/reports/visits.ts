// How long incidents were in their phases.
import { type Phase, PHASES } from '../../domain/incidents/rules.js';
import type { IncidentSummary } from '../../domain/reports/incident-schema.js';
import type { SnapshotDb } from '../tenancy.js';

export interface Visit {
  incident_id: string;
  phase: Phase;
  seconds: number;
}

/** What is not over counts until the incident was closed, or until the snapshot. */
export async function readVisits(
  trx: SnapshotDb,
  incidents: readonly { id: string; closed_at: string | null }[],
  as_of_ms: number,
): Promise<Visit[]> {
  const closed = new Map(incidents.map(({ id, closed_at }) => [id, closed_at]));
  const rows: { incident_id: string; phase: Phase; entered_at: string; left_at: string | null }[] = await trx(
    'incident_visit',
  )
    .select('incident_id', 'phase', 'entered_at', 'left_at')
    .orderBy(['incident_id', 'visit_no']);
  return rows.map(({ incident_id, phase, entered_at, left_at }) => {
    const end = left_at ?? closed.get(incident_id) ?? null;
    const ms = (end === null ? as_of_ms : Date.parse(end)) - Date.parse(entered_at);
    return { incident_id, phase, seconds: Math.max(0, Math.round(ms / 1000)) };
  });
}

export function timeInPhase(visits: readonly Visit[]): IncidentSummary['time_in_phase'] {
  return PHASES.flatMap((phase) => {
    const seconds = visits.filter((visit) => visit.phase === phase).map((visit) => visit.seconds);
    if (seconds.length === 0) return [];
    const total = sum(seconds);
    return [
      {
        phase,
        visits: seconds.length,
        median_seconds: median(seconds),
        average_seconds: Math.round(total / seconds.length),
        longest_seconds: seconds.reduce((longest, each) => Math.max(longest, each), 0),
        total_seconds: total,
      },
    ];
  });
}

/** In the order of the incidents, then of the phases. */
export function phasesOf(
  incidents: readonly { id: string }[],
  visits: readonly Visit[],
): IncidentSummary['phases'] {
  const spent = new Map<string, number[]>();
  for (const { incident_id, phase, seconds } of visits) {
    const key = `${incident_id} ${phase}`;
    spent.set(key, [...(spent.get(key) ?? []), seconds]);
  }
  return incidents.flatMap(({ id }) =>
    PHASES.flatMap((phase) => {
      const seconds = spent.get(`${id} ${phase}`);
      return seconds ? [{ incident_id: id, phase, visits: seconds.length, seconds: sum(seconds) }] : [];
    }),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return Math.round(sum(middle) / Math.max(1, middle.length));
}
