// Asks the policy in force whether a step may be done. Closed unless the policy says otherwise.
import { denial, type PolicyInput, readDecision } from '../../domain/policies/rules.js';
import type { Database } from '../../db/connection.js';
import type { Policy, PolicyRuntime } from '../../db/policies/engine.js';
import { OpaError } from '../../db/policies/opa.js';
import { getKillSwitch, getPolicy } from '../../db/policies/repository.js';
import { withTenant } from '../../db/tenancy.js';
import type { PolicyDecision, PolicyEngine, PolicyQuestion } from './types.js';

export interface PolicyEngineDeps {
  db: Database;
  /** Undefined where no engine is configured: nothing automated is done then. */
  runtime: PolicyRuntime | undefined;
}

interface InForce {
  policy: Policy;
  kill_switch: boolean;
}

export function createPolicyEngine(deps: PolicyEngineDeps): PolicyEngine {
  return {
    async decide(question) {
      let in_force: InForce;
      try {
        in_force = await read(deps.db, question.org);
      } catch {
        return denial('the policy cannot be read');
      }
      return await ask(deps.runtime, question, in_force);
    },
  };
}

/** Read for each decision: what was approved long ago is judged by what is in force now. */
async function read(db: Database, org_id: string): Promise<InForce> {
  return await withTenant(db, { org_id }, async (trx) => {
    const { name, source, sha256, built_in } = await getPolicy(trx, 'playbook_step');
    const { engaged } = await getKillSwitch(trx);
    return { policy: { org_id: built_in ? null : org_id, name, source, sha256 }, kill_switch: engaged };
  });
}

async function ask(
  runtime: PolicyRuntime | undefined,
  question: PolicyQuestion,
  { policy, kill_switch }: InForce,
): Promise<PolicyDecision> {
  const { sha256 } = policy;
  // Not left to the policy: one that forgets the switch must not undo it.
  if (kill_switch) return denial('the kill switch is engaged', sha256);
  if (runtime === undefined) return denial('no policy engine is configured');
  const input: PolicyInput = { ...question, kill_switch };
  try {
    return readDecision(await runtime.evaluate(policy, input), sha256);
  } catch (error) {
    const why = error instanceof OpaError ? error.reason : 'failed';
    return denial(`the policy engine gave no decision (${why})`, null);
  }
}
