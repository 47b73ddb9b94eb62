// Which duties to report apply to an incident, by the policy of its organization.
import { NOTICE, OBLIGATION_TEMPLATES } from '../domain/incidents/obligations.js';
import { type Duty, readDuties } from '../domain/policies/rules.js';
import type { DutySuggestions } from '../domain/policies/schema.js';
import type { TenantContext } from '../domain/tenant.js';
import { getIncident } from '../db/incidents/repository.js';
import { getOrg } from '../db/orgs/repository.js';
import type { Policy, PolicyRuntime } from '../db/policies/engine.js';
import { OpaError } from '../db/policies/opa.js';
import { getPolicy } from '../db/policies/repository.js';
import { withTenant } from '../db/tenancy.js';
import type { Database } from '../db/connection.js';

export interface DutyDeps {
  db: Database;
  /** Undefined where no policy engine is configured. */
  policies: PolicyRuntime | undefined;
}

export interface JudgedDuties {
  duties: Duty[];
  /** Of the policy that was asked; null when none could be. */
  policy_revision: string | null;
}

/** What the policy cannot say is undecided, and so counts down: nobody is told that a duty is not there. */
export async function judgeDuties(
  deps: DutyDeps,
  tenant: TenantContext,
  incident_id: string,
): Promise<JudgedDuties> {
  const { incident, org, current } = await withTenant(deps.db, tenant, async (trx) => ({
    incident: await getIncident(trx, incident_id),
    org: await getOrg(trx),
    current: await getPolicy(trx, 'incident_obligations'),
  }));
  const { name, source, sha256, built_in } = current;
  const duties = OBLIGATION_TEMPLATES.map(({ code, regime, stage }) => ({ code, regime, stage }));
  const { category, severity, phase, affected_records } = incident;
  const input = {
    duties,
    incident: { category, severity, phase, affected_records },
    regulation: org.settings.regulation,
  };
  const policy = { org_id: built_in ? null : tenant.org_id, name, source, sha256 };
  const answered = await evaluateOrNothing(deps.policies, policy, input);
  const codes = duties.map(({ code }) => code);
  if (answered !== undefined) return { duties: readDuties(answered.value, codes), policy_revision: sha256 };
  const reason = 'the policy could not be asked';
  return { duties: codes.map((code) => ({ code, applies: 'undecided', reason })), policy_revision: null };
}

export async function suggestObligations(
  deps: DutyDeps,
  tenant: TenantContext,
  incident_id: string,
): Promise<DutySuggestions> {
  const { duties, policy_revision } = await judgeDuties(deps, tenant, incident_id);
  const said = new Map(duties.map((duty) => [duty.code, duty]));
  return {
    incident_id,
    items: OBLIGATION_TEMPLATES.map(({ code, regime, stage }) => {
      const { applies = 'undecided', reason = '' } = said.get(code) ?? {};
      return { code, regime, stage, applies, reason };
    }),
    policy_revision,
    notice: NOTICE,
  };
}

async function evaluateOrNothing(
  engine: PolicyRuntime | undefined,
  policy: Policy,
  input: unknown,
): Promise<{ value: unknown } | undefined> {
  try {
    return engine && { value: await engine.evaluate(policy, input) };
  } catch (error) {
    if (error instanceof OpaError) return undefined;
    throw error;
  }
}
