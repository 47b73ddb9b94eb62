// One control with one good document; a test changes what it is about.
import { createHash } from 'node:crypto';
import type { JudgeEvidence, JudgeInput } from '../../activities/judge/types.js';

const GOOD =
  'Access Control Policy\nAll employees sign in with phishing-resistant multi-factor authentication.\nReviewed on 2026-01-04 by the security team.';

export function buildEvidence(overrides: Partial<JudgeEvidence> = {}): JudgeEvidence {
  const text = overrides.text === undefined ? GOOD : overrides.text;
  return {
    evidence_id: '0198c0de-0000-7000-8000-0000000000aa',
    sha256: createHash('sha256')
      .update(text ?? '')
      .digest('hex'),
    filename: 'access-control-policy.pdf',
    collected_at: '2026-01-04T00:00:00Z',
    stale: false,
    text,
    truncated: false,
    unreadable_reason: null,
    ...overrides,
  };
}

export function buildJudgeInput(
  overrides: Partial<Omit<JudgeInput, 'control'>> & { ref?: string } = {},
): JudgeInput {
  const { ref = 'CC6.1', ...rest } = overrides;
  return {
    control: {
      ref,
      title: 'Logical access',
      description: 'Access to systems is limited to those who need it.',
      question: 'How is access limited?',
      guidance: 'A policy and its records.',
    },
    evidence: [buildEvidence()],
    checks: [],
    previous: null,
    today: '2026-01-20',
    ...rest,
  };
}
