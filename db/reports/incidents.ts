import type { Calendars, Clock, SlaPolicy } from '../../domain/incidents/clocks.js';
import { templateOf } from '../../domain/incidents/obligations.js';
import {
  INCIDENT_SEVERITIES,
  type IncidentSeverity,
  type Phase,
  PHASES,
} from '../../domain/incidents/rules.js';
import { isSlaKind, readingOf, SLA_KINDS, standingOf } from '../../domain/incidents/sla.js';
import { WORST_ENTRIES, WORST_INCIDENTS } from '../../domain/reports/documents.js';
import type { IncidentRow, IncidentSummary } from '../../domain/reports/incident-schema.js';
import type { SnapshotDb } from '../tenancy.js';
import { ITS_PAYLOAD } from '../incidents/timeline.js';
import { namesOf } from '../users/names.js';
import { bounded, groupBy, type Head, MOST_ROWS, tally } from './head.js';
import { phasesOf, readVisits, timeInPhase } from './visits.js';

/** Seven statements with the head's, however many incidents there are. */
export async function gatherIncidents(trx: SnapshotDb, head: Head): Promise<IncidentSummary> {
  const as_of_ms = Date.parse(head.as_of);
  const found = await readIncidents(trx);
  const nameOf = await namesOf(
    trx,
    found.flatMap(({ commander_id, assignee_id }) => [commander_id, assignee_id]),
  );
  const clocks = await readClocks(trx);
  const clocksOf = groupBy(clocks, ({ incident_id }) => incident_id);
  const incidents = found.map((row) => incidentOf(row, clocksOf.get(row.id) ?? [], nameOf, as_of_ms));
  const promises = found.flatMap(({ id, policy }) =>
    promisesOf(id, policy.calendars, clocksOf.get(id) ?? [], as_of_ms),
  );
  const visits = await readVisits(trx, found, as_of_ms);
  const obligations = await readObligations(trx, head.as_of);
  const inState = (...states: string[]): number =>
    obligations.filter(({ state }) => states.includes(state)).length;
  return {
    type: 'incident_summary',
    ...head,
    summary: {
      total: incidents.length,
      open: incidents.filter(({ status }) => status !== 'closed').length,
      closed: incidents.filter(({ status }) => status === 'closed').length,
      severity: tally(
        { critical: 0, high: 0, medium: 0, low: 0, informational: 0 },
        incidents.map(({ severity }) => severity),
      ),
      sla: countPromises(promises),
      obligations: {
        open: inState('open', 'overdue'),
        overdue: inState('overdue'),
        submitted: inState('submitted', 'submitted_late'),
        submitted_late: inState('submitted_late'),
      },
    },
    matrix: matrixOf(incidents),
    time_in_phase: timeInPhase(visits),
    sla: SLA_KINDS.flatMap((kind) => {
      const own = promises.filter((promise) => promise.kind === kind && promise.state !== 'cancelled');
      return own.length === 0 ? [] : [{ kind, ...countPromises(own) }];
    }),
    incidents,
    phases: phasesOf(incidents, visits),
    clocks: promises,
    obligations,
    worst: await readWorst(trx, incidents.slice(0, WORST_INCIDENTS)),
  };
}

type Found = Omit<IncidentRow, 'sla' | 'commander' | 'assignee'> & {
  commander_id: string | null;
  assignee_id: string | null;
  policy: SlaPolicy;
};

/** The gravest first, then the latest. */
async function readIncidents(trx: SnapshotDb): Promise<Found[]> {
  const { rows } = await trx.raw<{ rows: Found[] }>(
    `select id, 'INC-' || year || '-' || number as ref, title, category, severity, status, phase, affected_systems,
       affected_records, commander_id, assignee_id, occurred_at, acknowledged_at, closed_at, resolution, created_at, policy
     from incident order by array_position(?::text[], severity), occurred_at desc, id desc limit ?`,
    [[...INCIDENT_SEVERITIES], MOST_ROWS + 1],
  );
  return bounded(rows, 'incidents');
}

async function readClocks(trx: SnapshotDb): Promise<{ incident_id: string; record: Clock }[]> {
  return await trx('incident_clock')
    .select('incident_id', 'record')
    .orderBy(['incident_id', 'started_at', 'id']);
}

function incidentOf(
  { commander_id, assignee_id, policy, ...row }: Found,
  clocks: readonly { record: Clock }[],
  nameOf: (id: string) => string,
  now: number,
): IncidentRow {
  const person = (id: string | null): IncidentRow['commander'] =>
    id === null ? null : { id, name: nameOf(id) };
  return {
    ...row,
    sla: standingOf(
      policy.calendars,
      clocks.map(({ record }) => record),
      now,
    ),
    commander: person(commander_id),
    assignee: person(assignee_id),
  };
}

type Promised = IncidentSummary['clocks'][number];

/** Duties to report and tasks have clocks too; those are told elsewhere, or are nobody's promise. */
function promisesOf(
  incident_id: string,
  calendars: Calendars,
  clocks: readonly { record: Clock }[],
  now: number,
): Promised[] {
  return clocks
    .map(({ record }) => record)
    .filter(({ kind }) => isSlaKind(kind))
    .toSorted((a, b) => rankOf(a.kind) - rankOf(b.kind) || a.attempt - b.attempt)
    .map((clock) => ({ incident_id, ...readingOf(calendars, clock, now) }));
}

function rankOf(kind: string): number {
  return SLA_KINDS.findIndex((known) => known === kind);
}

function countPromises(promises: readonly Promised[]): { met: number; breached: number; open: number } {
  return tally(
    { met: 0, breached: 0, open: 0 },
    promises
      .filter(({ state }) => state !== 'cancelled')
      .map(({ breached_at, ended_at }) => {
        if (breached_at !== null) return 'breached';
        return ended_at === null ? 'open' : 'met';
      }),
  );
}

function matrixOf(
  incidents: readonly { severity: IncidentSeverity; phase: Phase }[],
): IncidentSummary['matrix'] {
  return INCIDENT_SEVERITIES.flatMap((severity) =>
    PHASES.map((phase) => ({
      severity,
      phase,
      count: incidents.filter((each) => each.severity === severity && each.phase === phase).length,
    })),
  ).filter(({ count }) => count > 0);
}

type Obligation = IncidentSummary['obligations'][number];

/** The soonest due first. */
async function readObligations(trx: SnapshotDb, as_of: string): Promise<Obligation[]> {
  const { rows } = await trx.raw<{ rows: Omit<Obligation, 'source' | 'trust'>[] }>(
    `select id, incident_id, code, regime, stage, anchored_at, due_at, decision, coalesce(waived_reason, reason) as reason,
       case when waived_at is not null then 'waived'
         when submitted_at > due_at then 'submitted_late' when submitted_at is not null then 'submitted'
         when decision = 'not_required' then 'not_required'
         when due_at < ? then 'overdue' else 'open' end as state,
       submitted_at, receipt_sha256
     from incident_obligation order by due_at, id limit ?`,
    [as_of, MOST_ROWS + 1],
  );
  return bounded(rows, 'reporting duties').map((row) => {
    const template = templateOf(row.code);
    return { ...row, source: template?.source ?? null, trust: template?.trust ?? 'check' };
  });
}

type Worst = IncidentSummary['worst'][number];

async function readWorst(trx: SnapshotDb, incidents: readonly { id: string }[]): Promise<Worst[]> {
  interface Row extends Omit<Worst['entries'][number], 'timestamp'> {
    incident_id: string;
    entries_total: number;
    occurred_at: string;
  }
  const ids = incidents.map(({ id }) => id);
  const { rows } = await trx.raw<{ rows: Row[] }>(
    `select w.id as incident_id, t.entries_total, t.seq, t.occurred_at, t.event_type,
       coalesce(p.payload ->> 'description', '[redacted]') as description,
       coalesce(p.payload ->> 'actor', '[redacted]') as actor, p.seq is null as redacted
     from unnest(?::uuid[]) with ordinality w(id, at)
     cross join lateral (
       select e.*, count(*) over () as entries_total from timeline e where e.incident_id = w.id
       order by e.seq desc limit ?) t
     ${ITS_PAYLOAD}
     order by w.at, t.seq`,
    [ids, WORST_ENTRIES],
  );
  const entriesOf = groupBy(rows, ({ incident_id }) => incident_id);
  return ids.map((incident_id) => {
    const own = entriesOf.get(incident_id) ?? [];
    return {
      incident_id,
      entries_total: own[0]?.entries_total ?? 0,
      entries: own.map(({ seq, occurred_at, event_type, description, actor, redacted }) => ({
        seq,
        timestamp: occurred_at,
        event_type,
        description,
        actor,
        redacted,
      })),
    };
  });
}
