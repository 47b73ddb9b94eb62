// What the guards of the phase machine look at, counted in the transaction that decides.
import type { Knex } from 'knex';
import type { GuardFacts } from '../../domain/incidents/rules.js';
import type { TenantDb } from '../tenancy.js';
import type { IncidentRow } from './repository.js';

export interface Counts {
  containment_actions: number;
  open_blocking_tasks: number;
  clean_confirmations: number;
  undecided_obligations: number;
}

export async function guardFacts(
  trx: TenantDb,
  incident: IncidentRow,
  resolution: GuardFacts['resolution'] = 'resolved',
): Promise<GuardFacts> {
  const { rows } = await guardCounts(trx, incident.id);
  return factsOf(incident, rows[0], resolution);
}

export function guardCounts(trx: TenantDb, id: string): Knex.Raw<{ rows: Counts[] }> {
  return trx.raw(
    `select
       (count(*) filter (where phase = 'containment' and status in ('done', 'waived')) + (
         select count(*) from timeline where incident_id = ? and event_type = 'containment_action'))::int
         as containment_actions,
       count(*) filter (where blocking and status not in ('done', 'waived'))::int as open_blocking_tasks,
       count(distinct completed_by) filter (where confirms_clean and status = 'done')::int as clean_confirmations,
       (select count(*) from incident_obligation where incident_id = ? and decision = 'undecided'
         and waived_at is null)::int as undecided_obligations
     from incident_task where incident_id = ?`,
    [id, id, id],
  );
}

const NONE: Counts = {
  containment_actions: 0,
  open_blocking_tasks: 0,
  clean_confirmations: 0,
  undecided_obligations: 0,
};

export function factsOf(
  incident: IncidentRow,
  counts: Counts = NONE,
  resolution: GuardFacts['resolution'] = 'resolved',
): GuardFacts {
  return {
    ...counts,
    severity: incident.severity,
    has_commander: incident.commander_id !== null,
    review_filed: incident.review !== null,
    resolution,
  };
}
