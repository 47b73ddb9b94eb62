import type { VerdictRecord } from '../../../db/findings/record.js';

export function verdictRecord(
  control_id: string,
  overrides: Partial<VerdictRecord['verdict']> = {},
): VerdictRecord {
  return {
    control_id,
    verdict: {
      status: 'pass',
      severity: 'low',
      confidence: 0.9,
      rationale: 'The policy says so.',
      citations: [],
      gaps: [],
      remediation: '',
      ...overrides,
    },
    checks: [],
    needs_review: false,
    review_days: 5,
    evaluator: 'rules',
    model: null,
    prompt_version: null,
    prompt_sha256: null,
    raw_answer: null,
    inputs: {},
    tokens_in: 3,
    tokens_out: 2,
  };
}
