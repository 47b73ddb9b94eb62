// How an incident is shown: the row, its clocks as they stand at this moment, and what lies around it.
import { allowedMoves } from '../../domain/incidents/rules.js';
import {
  type Calendars,
  type Clock,
  elapsed,
  isOpen,
  type SlaPolicy,
} from '../../domain/incidents/clocks.js';
import type { ClockView, IncidentDetail } from '../../domain/incidents/schema.js';
import { readingOf, standingOf } from '../../domain/incidents/sla.js';
import { incidentWorkflowId } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { readWhole } from '../../db/incidents/whole.js';
import type { TenantReader } from '../../db/tenancy.js';
import { type WebUi, workflowLink } from '../web-ui.js';

/** Visits, and entries of the timeline, that the detail carries. The timeline is a list of its own. */
const LATEST = 50;

export async function readIncident(
  trx: TenantReader,
  web_ui: WebUi,
  tenant: TenantRef,
  incident_id: string,
): Promise<IncidentDetail> {
  const { row, clocks, ...around } = await readWhole(trx, incident_id, LATEST);
  const { policy, run_id, ...incident } = row;
  return {
    ...incident,
    sla: slaView(policy, clocks, Date.now()),
    ...around,
    allowed_phases: allowedMoves(incident.phase),
    workflow: workflowLink(web_ui, incidentWorkflowId(tenant.org_id, incident_id), run_id),
  };
}

function slaView({ calendars }: SlaPolicy, clocks: readonly Clock[], now: number): IncidentDetail['sla'] {
  return {
    overall: standingOf(calendars, clocks, now),
    clocks: clocks.map((clock) => clockView(calendars, clock, now)),
  };
}

function clockView(calendars: Calendars, clock: Clock, now: number): ClockView {
  const remaining = clock.target_ms - elapsed(calendars, clock, now);
  return {
    id: clock.id,
    ...readingOf(calendars, clock, now),
    remaining_seconds: isOpen(clock) ? Math.round(remaining / 1000) : null,
    paused_reason: clock.paused_reason,
  };
}
