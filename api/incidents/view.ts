// How an incident is shown: the row, its clocks as they stand at this moment, and what lies around it.
import { allowedMoves } from '../../domain/incidents/rules.js';
import {
  type Clock,
  dueAt,
  elapsed,
  isOpen,
  percentOf,
  type SlaPolicy,
} from '../../domain/incidents/clocks.js';
import type { ClockView, IncidentDetail } from '../../domain/incidents/schema.js';
import { overall } from '../../domain/incidents/sla.js';
import { incidentWorkflowId } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { listObligations } from '../../db/incidents/obligations.js';
import { getShownIncident, listClocks, listVisits } from '../../db/incidents/repository.js';
import { listTasksOf } from '../../db/incidents/tasks.js';
import { latestTimeline } from '../../db/incidents/timeline.js';
import type { TenantDb } from '../../db/tenancy.js';
import { type WebUi, workflowLink } from '../web-ui.js';

/** Entries of the timeline that the detail carries; the rest is a list of its own. */
const TIMELINE_SHOWN = 50;

export async function readIncident(
  trx: TenantDb,
  web_ui: WebUi,
  tenant: TenantRef,
  incident_id: string,
): Promise<IncidentDetail> {
  const { policy, run_id, ...incident } = await getShownIncident(trx, incident_id);
  const clocks = await listClocks(trx, incident_id);
  const now = Date.now();
  return {
    ...incident,
    sla: slaView(policy, clocks, now),
    visits: await listVisits(trx, incident_id),
    tasks: await listTasksOf(trx, incident_id),
    obligations: await listObligations(trx, incident_id),
    timeline: await latestTimeline(trx, incident_id, TIMELINE_SHOWN),
    allowed_phases: allowedMoves(incident.phase),
    workflow: workflowLink(web_ui, incidentWorkflowId(tenant.org_id, incident_id), run_id),
  };
}

function slaView(policy: SlaPolicy, clocks: readonly Clock[], now: number): IncidentDetail['sla'] {
  const state = clocks
    .filter((clock) => clock.state !== 'cancelled')
    .map((clock) => ({
      breached: clock.breached_at !== null,
      open: isOpen(clock),
      percent: percentOf(policy.calendars, clock, now),
    }));
  return { overall: overall(state), clocks: clocks.map((clock) => clockView(policy, clock, now)) };
}

function clockView({ calendars }: SlaPolicy, clock: Clock, now: number): ClockView {
  const remaining = clock.target_ms - elapsed(calendars, clock, now);
  return {
    id: clock.id,
    kind: clock.kind,
    attempt: clock.attempt,
    state: clock.state,
    started_at: new Date(clock.anchored_at).toISOString(),
    due_at: text(dueAt(calendars, clock)),
    remaining_seconds: isOpen(clock) ? Math.round(remaining / 1000) : null,
    percent: Math.round(percentOf(calendars, clock, now) * 10) / 10,
    breached_at: text(clock.breached_at),
    by_reclassification: clock.by_reclassification,
    paused_reason: clock.paused_reason,
    ended_at: text(clock.ended_at),
  };
}

function text(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
