// A risk that is accepted, for as long as it is. The workflow is only the clock: the row decides.
import type { OrgSettings } from '../../domain/orgs/schema.js';
import { quietUntil } from '../../domain/notifications/rules.js';
import { riskAcceptanceWorkflowId, TASK_QUEUES } from '../../domain/temporal.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../audit/repository.js';
import { newId } from '../ids.js';
import { createNotification } from '../notifications/create.js';
import { insertOutbox } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';
import { insertChange } from './repository.js';

/** @returns the start of its clock, to be tried inline; null where it lasts until a person ends it */
export async function insertAcceptance(
  trx: TenantDb,
  tenant: TenantRef,
  risk_id: string,
  { reason, expires_at }: { reason: string; expires_at: string | null },
): Promise<string | null> {
  const { org_id, actor_id, request_id } = tenant;
  const id = newId();
  await trx('risk_acceptance').insert({ org_id, id, risk_id, reason, expires_at, accepted_by: actor_id });
  if (expires_at === null) return null;
  return await insertOutbox(trx, org_id, {
    kind: 'workflow_start',
    workflow_id: riskAcceptanceWorkflowId(org_id, id),
    payload: {
      workflow_type: 'riskAcceptanceWorkflow',
      task_queue: TASK_QUEUES.core,
      resource_id: risk_id,
      summary: 'Expiry of an acceptance',
      input: acceptanceInput({ org_id, actor_id, request_id }, id, expires_at),
    },
  });
}

function acceptanceInput(tenant: TenantRef, acceptance_id: string, expires_at: string) {
  return { tenant, acceptance_id, expires_at };
}

/** Of the risk's live acceptance, if it has one. Its clock is told, by the relay. */
export async function endAcceptance(
  trx: TenantDb,
  org_id: string,
  risk_id: string,
  ending: 'replaced' | 'withdrawn',
): Promise<void> {
  const ended: { id: string; expires_at: string | null }[] = await trx('risk_acceptance')
    .where({ risk_id })
    .whereNull('ended_at')
    .update({ ended_at: trx.raw('clock_timestamp()'), ending }, ['id', 'expires_at']);
  for (const { id, expires_at } of ended) {
    if (expires_at === null) continue;
    const workflow_id = riskAcceptanceWorkflowId(org_id, id);
    const payload = { signal: 'acceptanceEnded', args: {} };
    await insertOutbox(trx, org_id, { kind: 'signal', workflow_id, payload }, 0); // nobody tries it inline
  }
}

export type Expiry = { status: 'expired' | 'ended' } | { status: 'waiting'; expires_at: string };

interface Due {
  reason: string;
  expires_at: string | null;
  over: boolean;
}

/**
 * Opens the risk again and tells its owner, if its time has come by the database's clock. Repeatable.
 * @param email whether this installation can send e-mail
 */
export async function expireAcceptance(
  trx: TenantDb,
  tenant: TenantRef,
  { acceptance_id, email }: { acceptance_id: string; email: boolean },
): Promise<Expiry> {
  const known: { risk_id: string } | undefined = await trx('risk_acceptance')
    .where({ id: acceptance_id })
    .first('risk_id');
  if (!known) return { status: 'ended' };
  // the risk first, like everybody who changes one
  const risk: ToldRisk | undefined = await trx('risk')
    .where({ id: known.risk_id })
    .select('id', 'number', 'owner_id')
    .forNoKeyUpdate()
    .first();
  const due: Due | undefined = await trx('risk_acceptance')
    .where({ id: acceptance_id })
    .whereNull('ended_at')
    .first('reason', 'expires_at', trx.raw('expires_at <= clock_timestamp() as over'));
  if (!risk || !due || due.expires_at === null) return { status: 'ended' };
  if (!due.over) return { status: 'waiting', expires_at: due.expires_at };
  await trx('risk_acceptance')
    .where({ id: acceptance_id })
    .update({ ended_at: trx.raw('clock_timestamp()'), ending: 'expired' });
  await trx('risk').where({ id: risk.id }).update({ status: 'open' });
  await insertChange(trx, risk.id, {
    actor_id: null,
    cause: 'acceptance_expired',
    changes: [
      { field: 'status', from: 'accepted', to: 'open' },
      { field: 'acceptance', from: { reason: due.reason, expires_at: due.expires_at }, to: null },
    ],
  });
  await tellExpiry(trx, tenant, { risk, acceptance_id, email });
  // the clock's doing, not that of the person who accepted it
  const clock = { org_id: tenant.org_id, request_id: tenant.request_id, actor_id: null };
  await appendAudit(trx, clock, {
    action: 'risk.reopen',
    resource_type: 'risk',
    resource_id: risk.id,
    before: { status: 'accepted', acceptance_id, expires_at: due.expires_at },
    after: { status: 'open' },
  });
  return { status: 'expired' };
}

interface ToldRisk {
  id: string;
  number: number;
  owner_id: string | null;
}

/** The owner; the admins where there is none any more, so that it is never told to nobody. */
async function tellExpiry(
  trx: TenantDb,
  tenant: TenantRef,
  { risk, acceptance_id, email }: { risk: ToldRisk; acceptance_id: string; email: boolean },
): Promise<void> {
  const org: { settings: OrgSettings } | undefined = await trx('org').select('settings').first();
  if (!org) return;
  const { settings } = org;
  const quiet = quietUntil(settings.quiet_hours, 'medium', Date.now());
  const common = {
    notice_key: `acceptance/${acceptance_id}`,
    risk_id: risk.id,
    event: 'risk_acceptance_expired' as const,
    audience: ['owner'],
    ref: `RISK-${String(risk.number)}`,
    not_before: quiet === undefined ? null : new Date(quiet).toISOString(),
  };
  if (settings.notification_webhook !== null)
    await createNotification(trx, tenant, { ...common, channel: 'webhook', recipient_id: null });
  if (!email) return;
  for (const recipient_id of await recipientsOf(trx, risk.owner_id))
    await createNotification(trx, tenant, { ...common, channel: 'email', recipient_id });
}

async function recipientsOf(trx: TenantDb, owner_id: string | null): Promise<string[]> {
  const people: { user_id: string; role: string }[] = await trx('membership as m')
    .join('app_user as u', 'u.id', 'm.user_id')
    .whereNull('m.ended_at')
    .whereNotNull('u.email')
    .where((either) => either.where('m.role', 'admin').orWhere('m.user_id', owner_id))
    .orderBy('m.user_id')
    .select('m.user_id', 'm.role');
  const owner = people.filter(({ user_id }) => user_id === owner_id);
  return (owner.length > 0 ? owner : people).map(({ user_id }) => user_id);
}
