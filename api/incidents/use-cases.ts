import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DomainError } from '../../domain/errors.js';
import { slaPolicy } from '../../domain/incidents/policy.js';
import { CSF_FUNCTION } from '../../domain/incidents/rules.js';
import { dueAt } from '../../domain/incidents/clocks.js';
import type { IncidentCreate, IncidentDetail } from '../../domain/incidents/schema.js';
import { openingClocks } from '../../domain/incidents/sla.js';
import type { OrgSettings } from '../../domain/orgs/schema.js';
import { incidentWorkflowId, REQUEST_DEADLINE_MS, TASK_QUEUES } from '../../domain/temporal.js';
import { type TenantContext, toTenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import { newId } from '../../db/ids.js';
import * as incidents from '../../db/incidents/repository.js';
import { appendTimeline } from '../../db/incidents/timeline.js';
import { visitWrites } from '../../db/incidents/visits.js';
import { describeEntry } from '../../db/incidents/words.js';
import { getOrg } from '../../db/orgs/repository.js';
import { insertOutbox } from '../../db/outbox/repository.js';
import { readTenant, type TenantDb, withTenant } from '../../db/tenancy.js';
import { together } from '../../db/together.js';
import { namesOf } from '../../db/users/names.js';
import { requireMember } from '../../db/users/repository.js';
import type { CommandDeps } from '../commands.js';
import type { WebUi } from '../web-ui.js';
import { readIncident } from './view.js';

export interface IncidentDeps extends CommandDeps {
  web_ui: WebUi;
}

/** Clocks of hosts differ by a little; nobody reports what has not happened. */
const CLOCK_SKEW_MS = 60_000;
/** Working time since then is counted day by day. */
const LONGEST_AGO_YEARS = 10;

/**
 * Row, clocks, first entry of the timeline, audit and the workflow's start: all of it or nothing.
 * @throws DomainError VALIDATION_ERROR for people who are not members, or a time that is to come
 */
export async function createIncident(
  deps: IncidentDeps,
  tenant: TenantContext,
  body: IncidentCreate,
): Promise<IncidentDetail> {
  const occurred_at = body.occurred_at ?? new Date().toISOString();
  requirePast(occurred_at, 'occurred_at');
  const { incident_id, outbox_id } = await withTenant(deps.db, tenant, async (trx) => {
    for (const field of ['commander_id', 'assignee_id'] as const) {
      const person = body[field];
      if (person !== undefined) await requireMember(trx, person, field);
    }
    const { settings } = await getOrg(trx);
    const policy = slaPolicy(settings, versionOf(settings));
    const row = await incidents.insertIncident(trx, tenant, {
      ...body,
      occurred_at,
      policy,
      strict_guards: settings.strict_guards,
    });
    await openRecords(trx, tenant, row);
    const workflow_id = incidentWorkflowId(tenant.org_id, row.id);
    const start = {
      workflow_type: 'incidentWorkflow',
      task_queue: TASK_QUEUES.core,
      resource_id: row.id,
      summary: row.ref,
      input: { tenant: toTenantRef(tenant), incident_id: row.id },
    } as const;
    const outbox = await insertOutbox(trx, tenant.org_id, {
      kind: 'workflow_start',
      workflow_id,
      payload: start,
    });
    await appendAudit(trx, tenant, {
      action: 'incident.create',
      resource_type: 'incident',
      resource_id: row.id,
      after: { ref: row.ref, severity: row.severity, category: row.category },
    });
    return { incident_id: row.id, outbox_id: outbox };
  });
  await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return await readTenant(deps.db, tenant, (trx) => readIncident(trx, deps.web_ui, tenant, incident_id));
}

async function openRecords(trx: TenantDb, tenant: TenantContext, row: incidents.IncidentRow): Promise<void> {
  const { org_id, actor_id } = tenant;
  const { policy, severity, ref } = row;
  const anchored_at = Date.parse(row.anchored_at);
  const clocks = openingClocks(policy, { severity, anchored_at, anchor_event: 'created', newId });
  const visit = {
    visit_no: 1,
    phase: 'detection',
    kind: 'forward',
    csf_function: CSF_FUNCTION.detection,
    entered_at: row.created_at,
    entered_by: actor_id,
    reason: null,
  } as const;
  await together(trx, [
    ...incidents.clockUpserts(trx, org_id, row.id, clocks, (clock) => dueAt(policy.calendars, clock)),
    ...visitWrites(trx, org_id, row.id, visit),
  ]);
  const nameOf = await namesOf(trx, [actor_id]);
  const data = { ref, severity };
  await appendTimeline(trx, org_id, row.id, [
    {
      event_type: 'created',
      occurred_at: row.occurred_at,
      actor: { type: 'user', id: actor_id, display: nameOf(actor_id) },
      description: describeEntry('created', data, nameOf),
      data,
      idempotency_key: 'created',
    },
  ]);
}

/** @throws DomainError VALIDATION_ERROR for a time to come, or one that nobody counts from any more */
export function requirePast(at: string, field: string): void {
  const wrong = (detail: string): DomainError => new DomainError('VALIDATION_ERROR', detail, { field });
  if (Date.parse(at) > Date.now() + CLOCK_SKEW_MS) throw wrong('lies in the future');
  const earliest = new Date();
  earliest.setUTCFullYear(earliest.getUTCFullYear() - LONGEST_AGO_YEARS);
  if (Date.parse(at) < earliest.getTime()) throw wrong(`lies more than ${LONGEST_AGO_YEARS} years back`);
}

function versionOf({ sla, calendars, escalation }: OrgSettings): string {
  const text = canonicalize({ sla, calendars, escalation }) ?? '';
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
