// The incident as its workflow holds it, read from the rows: at its start, and after continuing as new.
import type { Clock } from '../../domain/incidents/clocks.js';
import type { Obligation } from '../../domain/incidents/obligations.js';
import { carry, type IncidentState } from '../../domain/incidents/state.js';
import { type OpenCommand, openCommands } from '../commands/repository.js';
import type { TenantDb } from '../tenancy.js';
import { together } from '../together.js';
import { obligationsOf, readObligations, type StoredObligation, toObligation } from './obligations.js';
import {
  clocksOf,
  found,
  type IncidentRow,
  incidentLock,
  listClocks,
  lockIncident,
  setRun,
} from './repository.js';

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
  return stateOf(row, await listClocks(trx, row.id), await readObligations(trx, row.id));
}

/** The row under its lock, with its state and the commands that wait for its workflow. */
export async function lockState(
  trx: TenantDb,
  incident_id: string,
  workflow_id: string,
): Promise<{ row: IncidentRow; state: IncidentState; waiting: OpenCommand[] }> {
  const [rows, clocks, obligations, waiting] = await together<
    [IncidentRow, { record: Clock }, StoredObligation, OpenCommand]
  >(trx, [
    incidentLock(trx, incident_id),
    clocksOf(trx, incident_id),
    obligationsOf(trx, incident_id),
    openCommands(trx, workflow_id),
  ]);
  const row = found(rows[0]);
  const records = clocks.map(({ record }) => record);
  return { row, state: stateOf(row, records, obligations.map(toObligation)), waiting };
}

function stateOf(
  row: IncidentRow,
  clocks: readonly Clock[],
  obligations: readonly Obligation[],
): IncidentState {
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
    ...carry(clocks),
    obligations,
  };
}

function instant(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}
