import { DomainError, notFound } from '../../domain/errors.js';
import type { PolicyProblem } from '../../domain/policies/language.js';
import { POLICY_NAMES, type PolicyName, problemOfAnswer, readDecision } from '../../domain/policies/rules.js';
import type {
  KillSwitch,
  KillSwitchUpdate,
  PolicyDetail,
  PolicyTest,
  PolicyTestResult,
  PolicyUpdate,
} from '../../domain/policies/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { type Policy, policyHash, type PolicyRuntime } from '../../db/policies/engine.js';
import { OpaError } from '../../db/policies/opa.js';
import {
  getKillSwitch,
  getPolicy,
  insertPolicyRevision,
  setKillSwitch,
} from '../../db/policies/repository.js';
import { pauseRuns } from '../../db/playbooks/commands.js';
import { withTenant } from '../../db/tenancy.js';

export interface PolicyDeps {
  db: Database;
  /** Undefined where no policy engine is configured. */
  policies: PolicyRuntime | undefined;
}

/** More would help nobody to mend it. */
const PROBLEMS_SHOWN = 20;

/** @throws DomainError NOT_FOUND */
export function policyNamed(name: string): PolicyName {
  const known = POLICY_NAMES.find((each) => each === name);
  if (known === undefined) throw notFound('policy');
  return known;
}

function engineOf({ policies }: PolicyDeps): PolicyRuntime {
  if (policies !== undefined) return policies;
  throw new DomainError('SERVICE_UNAVAILABLE', 'the policy engine (opa) is not configured');
}

function unavailable(): DomainError {
  return new DomainError('SERVICE_UNAVAILABLE', 'the policy engine (opa) does not answer', {
    retry_after_s: 2,
  });
}

/** What goes wrong while an engine is asked is either its absence, or the fault of the policy. */
async function asked<T>(work: () => Promise<T>): Promise<T | Exclude<OpaError['reason'], 'unreachable'>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OpaError)) throw error;
    if (error.reason === 'unreachable') throw unavailable();
    return error.reason;
  }
}

/**
 * Loads a policy into the engine, where nothing refers to it yet.
 * @throws DomainError VALIDATION_ERROR with every line of it that is wrong
 */
async function compile(engine: PolicyRuntime, policy: Policy): Promise<void> {
  const problems = await engine.load(policy).catch((error: unknown) => {
    throw error instanceof OpaError ? unavailable() : error;
  });
  if (problems.length > 0) throw refusal(problems);
}

function refusal(problems: readonly PolicyProblem[]): DomainError {
  const errors = problems.slice(0, PROBLEMS_SHOWN).map(({ line, column, detail }) => ({
    field: 'source',
    detail: `line ${String(line)}, column ${String(column)}: ${detail}`,
  }));
  return new DomainError('VALIDATION_ERROR', `the policy is refused: ${errors[0]?.detail ?? ''}`, {
    field: 'source',
    errors,
  });
}

const WORDS_OF_FAILURE = {
  timeout: 'takes too long',
  too_large: 'answers too much',
  bad_answer: 'cannot be evaluated',
} as const;

/** Taken only once the engine has compiled it and it has answered the example; else the old one stays. */
export async function replacePolicy(
  deps: PolicyDeps,
  tenant: TenantContext,
  name: PolicyName,
  { source, notes }: PolicyUpdate,
): Promise<PolicyDetail> {
  const engine = engineOf(deps);
  const before = await withTenant(deps.db, tenant, (trx) => getPolicy(trx, name));
  const policy = { org_id: tenant.org_id, name, source, sha256: policyHash(source) };
  await compile(engine, policy);
  const wrapped = await asked(async () => ({ value: await engine.evaluate(policy, before.example_input) }));
  const problem =
    typeof wrapped === 'string'
      ? `for the example input, the policy ${WORDS_OF_FAILURE[wrapped]}`
      : problemOfAnswer(name, wrapped.value);
  if (problem !== undefined) {
    await engine.forget(policy).catch(() => undefined); // nothing refers to it, so it may as well stay
    throw new DomainError('VALIDATION_ERROR', problem, { field: 'source' });
  }
  return await change(deps, tenant, { action: 'policy.replace', name, source, notes: notes ?? null });
}

export async function resetPolicy(
  deps: PolicyDeps,
  tenant: TenantContext,
  name: PolicyName,
  notes: string | null,
): Promise<PolicyDetail> {
  return await change(deps, tenant, { action: 'policy.reset', name, source: null, notes });
}

interface PolicyChange {
  action: string;
  name: PolicyName;
  source: string | null;
  notes: string | null;
}

async function change(
  { db }: PolicyDeps,
  tenant: TenantContext,
  { action, ...wanted }: PolicyChange,
): Promise<PolicyDetail> {
  return await withTenant(db, tenant, async (trx) => {
    const before = await getPolicy(trx, wanted.name);
    const after = await insertPolicyRevision(trx, tenant, wanted);
    await appendAudit(trx, tenant, {
      action,
      resource_type: 'policy',
      resource_id: wanted.name,
      before: { revision: before.revision, sha256: before.sha256 },
      after: { revision: after.revision, sha256: after.sha256, notes: after.notes },
    });
    return after;
  });
}

/** Of the policy in force, or of a draft that is forgotten again. */
export async function testPolicy(
  deps: PolicyDeps,
  tenant: TenantContext,
  name: PolicyName,
  { input, source: draft }: PolicyTest,
): Promise<PolicyTestResult> {
  const engine = engineOf(deps);
  const current = await withTenant(deps.db, tenant, (trx) => getPolicy(trx, name));
  const source = draft ?? current.source;
  const sha256 = policyHash(source);
  const org_id = draft === undefined && current.built_in ? null : tenant.org_id;
  const policy = { org_id, name, source, sha256 };
  if (draft !== undefined) await compile(engine, policy);
  const outcome = await asked(async () => ({ value: await engine.evaluate(policy, input) }));
  if (draft !== undefined && sha256 !== current.sha256) await engine.forget(policy).catch(() => undefined);
  const failure = typeof outcome === 'string' ? outcome : null;
  await withTenant(deps.db, tenant, (trx) =>
    appendAudit(trx, tenant, {
      action: 'policy.test',
      resource_type: 'policy',
      resource_id: name,
      after: { sha256, draft: draft !== undefined, failure },
    }),
  );
  const value = typeof outcome === 'string' ? undefined : outcome.value;
  return {
    name,
    sha256,
    answer: value ?? null,
    failure,
    decision: name === 'playbook_step' ? readDecision(value, sha256) : null,
  };
}

export async function changeKillSwitch(
  { db }: PolicyDeps,
  tenant: TenantContext,
  wanted: KillSwitchUpdate,
): Promise<KillSwitch> {
  return await withTenant(db, tenant, async (trx) => {
    const before = await getKillSwitch(trx);
    const after = await setKillSwitch(trx, tenant, wanted);
    if (after.engaged && !before.engaged) await pauseRuns(trx, tenant, wanted.reason);
    await appendAudit(trx, tenant, {
      action: wanted.engaged ? 'kill_switch.engage' : 'kill_switch.release',
      resource_type: 'kill_switch',
      resource_id: tenant.org_id,
      before: { engaged: before.engaged, reason: before.reason },
      after: { engaged: after.engaged, reason: after.reason },
    });
    return after;
  });
}
