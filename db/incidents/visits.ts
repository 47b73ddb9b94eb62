// The phases that an incident has been in, each stay by itself: a visit.
import type { Knex } from 'knex';
import type { Incident } from '../../domain/incidents/schema.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

export interface VisitRow {
  visit_no: number;
  phase: Incident['phase'];
  kind: 'forward' | 'skip' | 'backward' | 'reopen';
  csf_function: string;
  entered_at: string;
  left_at: string | null;
  entered_by: string;
  reason: string | null;
  seconds: number;
}

const SECONDS = 'extract(epoch from coalesce(left_at, clock_timestamp()) - entered_at)';

/** The newest first. */
export function latestVisits(trx: TenantReader, incident_id: string, limit: number): Knex.QueryBuilder {
  return trx('incident_visit')
    .where({ incident_id })
    .orderBy('visit_no', 'desc')
    .limit(limit)
    .select(
      'visit_no',
      'phase',
      'kind',
      'csf_function',
      'entered_at',
      'left_at',
      'entered_by',
      'reason',
      trx.raw(`${SECONDS}::int as seconds`),
    );
}

/** All visits of a phase in one. */
export function timeInPhases(trx: TenantReader, incident_id: string): Knex.QueryBuilder {
  return trx('incident_visit')
    .where({ incident_id })
    .groupBy('phase')
    .orderByRaw('min(visit_no)')
    .select('phase', trx.raw(`count(*)::int as visits, sum(${SECONDS})::int as seconds`));
}

/** Leaves the present visit and enters the next. Repeatable. */
export function visitWrites(
  trx: TenantDb,
  org_id: string,
  incident_id: string,
  visit: Omit<VisitRow, 'left_at' | 'seconds'>,
): Knex.QueryBuilder[] {
  const left = trx('incident_visit')
    .where({ incident_id })
    .where('visit_no', '<', visit.visit_no)
    .whereNull('left_at')
    .update({ left_at: visit.entered_at });
  const entered = trx('incident_visit')
    .insert({ org_id, incident_id, ...visit })
    .onConflict()
    .ignore();
  return [left, entered];
}
