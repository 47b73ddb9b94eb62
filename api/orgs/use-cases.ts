import { endpointProblem, type EndpointRules } from '../../domain/egress/rules.js';
import { DomainError } from '../../domain/errors.js';
import { DEFAULT_SETTINGS, KEPT_AFTER_DELETION_MS, settingsProblem } from '../../domain/orgs/rules.js';
import type { Organization, OrganizationCreate, OrganizationUpdate } from '../../domain/orgs/schema.js';
import { orgDeletionWorkflowId, TASK_QUEUES } from '../../domain/temporal.js';
import { type TenantContext, toTenantRef } from '../../domain/tenant.js';
import { cancelLiveExecutions } from '../../db/assessments/commands.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { endSchedules } from '../../db/kris/schedules.js';
import * as orgs from '../../db/orgs/repository.js';
import { insertOutbox } from '../../db/outbox/repository.js';
import { withTenant } from '../../db/tenancy.js';
import type { OrgDeletionInput } from '../../workflows/orgs/messages.js';
import type { Caller } from '../http/identity.js';

interface Deps {
  db: Database;
}

export interface OrgDeps extends Deps {
  /** What users may have us call. */
  endpoints: EndpointRules;
}

interface Founding {
  caller: Caller;
  request_id: string;
  address: string;
}

/**
 * @throws DomainError CONFLICT when another organization uses the domain, FORBIDDEN for a machine: it was registered
 * for what an admin gave it.
 */
export async function createOrganization(
  deps: Deps,
  founding: Founding,
  body: OrganizationCreate,
): Promise<Organization> {
  const { caller, request_id, address } = founding;
  if (caller.kind === 'service')
    throw new DomainError('FORBIDDEN', 'only a person may found an organization');
  return await orgs.createOrg(deps.db, caller.user_id, body, DEFAULT_SETTINGS, async (trx, org) => {
    const actor = { org_id: org.id, actor_id: caller.user_id, request_id, address };
    const after = { name: org.name, domain: org.domain };
    await appendAudit(trx, actor, { action: 'org.create', resource_type: 'org', resource_id: org.id, after });
  });
}

/** @throws DomainError VALIDATION_ERROR for settings that do not fit together, or a webhook that we would not call */
export async function updateOrganization(
  deps: OrgDeps,
  tenant: TenantContext,
  body: OrganizationUpdate,
): Promise<Organization> {
  const webhook = body.settings?.notification_webhook ?? null;
  const refused = webhook === null ? undefined : endpointProblem(webhook, deps.endpoints);
  if (refused !== undefined)
    throw new DomainError('VALIDATION_ERROR', refused, { field: 'settings.notification_webhook' });
  return await withTenant(deps.db, tenant, async (trx) => {
    const before = await orgs.getOrg(trx);
    const after = await orgs.updateOrg(trx, body);
    const problem = settingsProblem(after.settings);
    if (problem) throw new DomainError('VALIDATION_ERROR', problem.detail, { field: problem.field });
    await appendAudit(trx, tenant, {
      action: 'org.update',
      resource_type: 'org',
      resource_id: after.id,
      before: { name: before.name, domain: before.domain, settings: before.settings },
      after: { name: after.name, domain: after.domain, settings: after.settings },
    });
    return after;
  });
}

/** Hidden at once; its workflows end and its purge is due by rows of the same transaction, so none is forgotten. */
export async function deleteOrganization(
  deps: Deps,
  tenant: TenantContext,
  keep_ms = KEPT_AFTER_DELETION_MS,
): Promise<{ id: string; deleted: true }> {
  await withTenant(deps.db, tenant, async (trx) => {
    await cancelLiveExecutions(trx, tenant);
    await endSchedules(trx, tenant.org_id);
    const purge_at = await orgs.removeOrg(trx, keep_ms);
    await insertOutbox(trx, tenant.org_id, {
      kind: 'workflow_start',
      workflow_id: orgDeletionWorkflowId(tenant.org_id),
      payload: {
        workflow_type: 'orgDeletionWorkflow',
        task_queue: TASK_QUEUES.core,
        resource_id: tenant.org_id,
        summary: 'Deletion of an organization',
        input: orgDeletionInput(tenant, purge_at),
      },
    });
    await appendAudit(trx, tenant, {
      action: 'org.delete',
      resource_type: 'org',
      resource_id: tenant.org_id,
      after: { purge_at },
    });
  });
  return { id: tenant.org_id, deleted: true };
}

function orgDeletionInput(tenant: TenantContext, purge_at: string): OrgDeletionInput {
  return { tenant: toTenantRef(tenant), purge_at };
}
