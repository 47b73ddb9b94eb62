// What asks a policy, and what stands behind it.
import type { PolicyDecision, PolicyQuestion } from '../../domain/policies/rules.js';

export type { PolicyDecision, PolicyInput, PolicyQuestion } from '../../domain/policies/rules.js';

export interface PolicyEngine {
  /** Never throws: whatever goes wrong is a denial that says so. */
  decide(question: PolicyQuestion): Promise<PolicyDecision>;
}
