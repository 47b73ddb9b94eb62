// Policies in the engine. Each revision of each organization is a package of its own, named by its content: two
// organizations, two revisions or two processes never meet, and an engine that lost everything is filled as it is asked.
import { createHash } from 'node:crypto';
import { bindPackage, type PolicyProblem, refusedParts } from '../../domain/policies/language.js';
import { ENTRY_RULE, isRecord, type PolicyName } from '../../domain/policies/rules.js';
import { type Opa, OpaError } from './opa.js';

export interface Policy {
  /** Null for a built-in one, which all organizations share. */
  org_id: string | null;
  name: PolicyName;
  source: string;
  sha256: string;
}

export interface PolicyRuntime {
  /** @returns what is wrong with it; afterwards it is in the engine, or not */
  load(policy: Policy): Promise<PolicyProblem[]>;
  /**
   * @returns undefined when the policy has no value for that input
   * @throws OpaError
   */
  evaluate(policy: Policy, input: unknown): Promise<unknown>;
  forget(policy: Policy): Promise<void>;
}

export function policyHash(source: string): string {
  return createHash('sha256').update(source).digest('hex');
}

function placeOf({ org_id, name, sha256 }: Policy): { id: string; path: string; target: string } {
  const owner = org_id === null ? 'built_in' : `org_${org_id.replaceAll('-', '')}`;
  const parts = ['grc', owner, name, `r${sha256}`];
  return { id: parts.join('/'), path: [...parts, ENTRY_RULE[name]].join('/'), target: parts.join('.') };
}

export function createPolicyRuntime(opa: Opa): PolicyRuntime {
  /** Nothing in the engine refers to it, so until it is judged nobody evaluates it. */
  async function load(policy: Policy): Promise<PolicyProblem[]> {
    const { id, target } = placeOf(policy);
    const { bound, problem } = bindPackage(policy.source, policy.name, target);
    if (problem !== undefined) return [problem];
    const taken = await opa.putPolicy(id, bound);
    if (taken.status === 400) return problemsOf(taken.body, target);
    if (taken.status !== 200) throw new OpaError('bad_answer');
    const read = await opa.getPolicy(id);
    const result = isRecord(read.body) ? read.body.result : undefined;
    if (read.status !== 200 || !isRecord(result)) throw new OpaError('bad_answer');
    const refused = refusedParts(result.ast, target, policy.source);
    if (refused.length > 0) await opa.deletePolicy(id);
    return refused;
  }

  return {
    load,
    async evaluate(policy, input) {
      const { id, path } = placeOf(policy);
      const answer = await opa.evaluate(path, input);
      if (answer !== undefined) return answer;
      // no value, or no such policy since the engine was started
      if ((await opa.getPolicy(id)).status !== 404) return undefined;
      const problems = await load(policy);
      if (problems.length > 0) throw new OpaError('bad_answer');
      return await opa.evaluate(path, input);
    },
    async forget(policy) {
      await opa.deletePolicy(placeOf(policy).id);
    },
  };
}

function problemsOf(body: unknown, target: string): PolicyProblem[] {
  const errors: unknown = isRecord(body) ? body.errors : undefined;
  const problems = (Array.isArray(errors) ? errors : []).flatMap((error: unknown): PolicyProblem[] => {
    if (!isRecord(error) || typeof error.message !== 'string') return [];
    const location = isRecord(error.location) ? error.location : {};
    return [
      {
        line: typeof location.row === 'number' ? location.row : 1,
        column: typeof location.col === 'number' ? location.col : 1,
        detail: error.message.replaceAll(`data.${target}.`, ''),
      },
    ];
  });
  return problems.length > 0 ? problems : [{ line: 1, column: 1, detail: 'the policy engine refuses it' }];
}
