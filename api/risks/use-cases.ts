import { DomainError } from '../../domain/errors.js';
import { acceptanceChange, changesBetween } from '../../domain/risks/rules.js';
import type {
  Heatmap,
  RecomputeResult,
  RiskCreate,
  RiskDetail,
  RiskUpdate,
} from '../../domain/risks/schema.js';
import type { RiskStatus } from '../../domain/risks/rules.js';
import { REQUEST_DEADLINE_MS } from '../../domain/temporal.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import { getOrg } from '../../db/orgs/repository.js';
import { endAcceptance, insertAcceptance } from '../../db/risks/acceptances.js';
import { recomputeAll, refreshControls, replaceLinks, resolveControls } from '../../db/risks/assurance.js';
import * as risks from '../../db/risks/repository.js';
import { readTenant, type TenantDb, withTenant } from '../../db/tenancy.js';
import { requireMember } from '../../db/users/repository.js';
import type { CommandDeps } from '../commands.js';

/** @throws DomainError VALIDATION_ERROR for an owner from elsewhere, or a control that is not there */
export async function createRisk(
  deps: CommandDeps,
  tenant: TenantContext,
  body: RiskCreate,
): Promise<RiskDetail> {
  const { org_id, actor_id } = tenant;
  return await withTenant(deps.db, tenant, async (trx) => {
    await requireOwner(trx, body);
    const controls = await linkable(trx, org_id, body.control_refs ?? []);
    const id = await risks.insertRisk(trx, tenant, body);
    await replaceLinks(trx, org_id, id, controls);
    await risks.insertChange(trx, id, { actor_id, cause: 'created', changes: [] });
    const risk = await risks.getRisk(trx, id);
    await appendAudit(trx, tenant, {
      action: 'risk.create',
      resource_type: 'risk',
      resource_id: id,
      after: stateOf(risk),
    });
    return risk;
  });
}

async function requireOwner(trx: TenantDb, { owner_id }: Pick<RiskUpdate, 'owner_id'>): Promise<void> {
  if (owner_id !== undefined && owner_id !== null) await requireMember(trx, owner_id, 'owner_id');
}

/** Before the risk is held: everybody takes controls first. */
async function linkable(trx: TenantDb, org_id: string, refs: readonly string[]): Promise<string[]> {
  const controls = await resolveControls(trx, refs);
  await refreshControls(trx, org_id, controls);
  return controls;
}

/** @throws DomainError VALIDATION_ERROR also where what is asked does not fit what is there */
export async function changeRisk(
  deps: CommandDeps,
  tenant: TenantContext,
  risk_id: string,
  body: RiskUpdate,
): Promise<RiskDetail> {
  const { risk, outbox_id } = await withTenant(deps.db, tenant, async (trx) => {
    await requireOwner(trx, body);
    const controls = body.control_refs && (await linkable(trx, tenant.org_id, body.control_refs));
    const before = await risks.lockRisk(trx, risk_id);
    const { ends, begins } = promiseOf(before, body);
    await risks.updateRisk(trx, risk_id, body);
    if (controls) await replaceLinks(trx, tenant.org_id, risk_id, controls);
    if (ends) await endAcceptance(trx, tenant.org_id, risk_id, ends);
    const started = begins ? await insertAcceptance(trx, tenant, risk_id, begins) : null;
    await noteChange(trx, tenant, before);
    return { risk: await risks.getRisk(trx, risk_id), outbox_id: started };
  });
  if (outbox_id !== null) await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return risk;
}

function promiseOf(before: RiskDetail, body: RiskUpdate) {
  const change = acceptanceChange(before, body, Date.now());
  if ('field' in change) throw new DomainError('VALIDATION_ERROR', change.detail, { field: change.field });
  return change;
}

async function noteChange(trx: TenantDb, tenant: TenantContext, before: RiskDetail): Promise<void> {
  const after = await risks.getRisk(trx, before.id);
  const changes = changesBetween(stateOf(before), stateOf(after));
  if (changes.length > 0)
    await risks.insertChange(trx, before.id, { actor_id: tenant.actor_id, cause: 'updated', changes });
  await appendAudit(trx, tenant, {
    action: 'risk.update',
    resource_type: 'risk',
    resource_id: before.id,
    before: Object.fromEntries(changes.map(({ field, from }) => [field, from])),
    after: Object.fromEntries(changes.map(({ field, to }) => [field, to])),
  });
}

/** What is told of a risk: what people set, and what follows from it. */
function stateOf(risk: RiskDetail): Record<string, unknown> {
  const { reason, expires_at } = risk.acceptance ?? {};
  return {
    title: risk.title,
    description: risk.description,
    category: risk.category,
    status: risk.status,
    treatment: risk.treatment,
    likelihood: risk.likelihood,
    impact: risk.impact,
    inherent_score: risk.inherent_score,
    residual_likelihood: risk.residual_likelihood,
    residual_impact: risk.residual_impact,
    controls_judged: risk.controls_judged,
    effectiveness: risk.effectiveness,
    residual_score: risk.residual_score,
    owner_id: risk.owner_id,
    control_refs: risk.control_refs,
    acceptance: reason === undefined ? null : { reason, expires_at },
  };
}

export async function deleteRisk(
  deps: CommandDeps,
  tenant: TenantContext,
  risk_id: string,
): Promise<{ id: string; deleted: true }> {
  await withTenant(deps.db, tenant, async (trx) => {
    const before = await risks.lockRisk(trx, risk_id);
    await endAcceptance(trx, tenant.org_id, risk_id, 'withdrawn');
    await risks.removeRisk(trx, risk_id);
    await appendAudit(trx, tenant, {
      action: 'risk.delete',
      resource_type: 'risk',
      resource_id: risk_id,
      before: { ref: before.ref, ...stateOf(before) },
    });
  });
  return { id: risk_id, deleted: true };
}

export async function recomputeRisks(deps: CommandDeps, tenant: TenantContext): Promise<RecomputeResult> {
  return await withTenant(deps.db, tenant, async (trx) => {
    const result = await recomputeAll(trx, tenant);
    await appendAudit(trx, tenant, {
      action: 'risk.recompute',
      resource_type: 'org',
      resource_id: tenant.org_id,
      after: { ...result },
    });
    return result;
  });
}

export async function readHeatmap(
  deps: CommandDeps,
  tenant: TenantContext,
  statuses: readonly RiskStatus[],
): Promise<{ map: Heatmap; organization: string }> {
  return await readTenant(deps.db, tenant, async (trx) => {
    const { name, settings } = await getOrg(trx);
    const counts = await risks.countCells(trx, statuses);
    return { map: { ...counts, bounds: settings.appetite }, organization: name };
  });
}
