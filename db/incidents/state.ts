// The incident as its workflow holds it, read from the rows: at its start, and after continuing as new.
import { carry, type IncidentState } from '../../domain/incidents/state.js';
import type { TenantDb } from '../tenancy.js';
import { readObligations } from './obligations.js';
import { type IncidentRow, listClocks, lockIncident, setRun } from './repository.js';

/** @throws DomainError NOT_FOUND */
export async function openIncident(
  trx: TenantDb,
  incident_id: string,
  run_id: string,
): Promise<IncidentState> {
  const row = await lockIncident(trx, incident_id);
  await setRun(trx, incident_id, run_id);
  return await readState(trx, row);
}

export async function readState(trx: TenantDb, row: IncidentRow): Promise<IncidentState> {
  return {
    phase: row.phase,
    status: row.status,
    severity: row.severity,
    commander_id: row.commander_id,
    assignee_id: row.assignee_id,
    acknowledged_at: instant(row.acknowledged_at),
    acknowledged_by: row.acknowledged_by,
    closed_at: instant(row.closed_at),
    resolution: row.resolution,
    pending_severity: row.pending_severity,
    pending_severity_by: row.pending_severity_by,
    visit_no: row.visit_no,
    active_at: Date.parse(row.active_at),
    asked_at: instant(row.asked_at),
    revision: row.revision,
    policy: row.policy,
    anchored_at: Date.parse(row.anchored_at),
    ...carry(await listClocks(trx, row.id)),
    obligations: await readObligations(trx, row.id),
  };
}

function instant(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
