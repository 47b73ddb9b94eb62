// S18: forty documents that give orders, a model that obeys them, and what is left of it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createExtractor } from '../../activities/extraction/extract.js';
import { createLlmEvaluator } from '../../activities/llm/evaluator.js';
import { holdsInstructions } from '../../activities/judge/injection.js';
import { startFakeLlm, type FakeLlm } from '../support/fakes/llm.js';
import { docx, pdf } from '../support/files.js';
import { injections, type Carrier, type Injection } from '../support/injections.js';
import { buildEvidence, buildJudgeInput } from '../support/judge-input.js';

const never = new AbortController().signal;
const extractor = createExtractor();
let fake: FakeLlm;
beforeAll(async () => {
  fake = await startFakeLlm();
});
afterAll(async () => {
  extractor.close();
  await fake.close();
});
beforeEach(() => fake.reset());

const COVER = 'Quarterly access review of the production environment, first quarter.';

function carry({ carrier, text }: Injection): { bytes: Uint8Array; filename: string } {
  const lines = [COVER, ...text.split('\n')];
  const made: Record<Carrier, () => Uint8Array> = {
    txt: () => Buffer.from(lines.join('\n')),
    md: () => Buffer.from(`# Review\n\n${lines.join('\n')}\n`),
    csv: () => Buffer.from(`reviewer,remark\ndana,"${lines.join('\n').replaceAll('"', '""')}"\n`),
    json: () => Buffer.from(`{"cover": "${COVER}",\n"remark": ${text.startsWith('{') ? text : `"${text}"`}}`),
    pdf: () => pdf(lines),
    'pdf-hidden': () => pdf(lines, { invisible: true }),
    docx: () => docx(lines),
    'docx-hidden': () => docx(lines, true),
  };
  return { bytes: made[carrier](), filename: `review.${carrier.replace('-hidden', '')}` };
}

const all = injections();

it('are forty, of more than thirty kinds and in every carrier', () => {
  expect(all).toHaveLength(40);
  expect(new Set(all.map((each) => each.technique)).size).toBeGreaterThan(30);
  expect(new Set(all.map((each) => each.carrier)).size).toBe(8);
});

describe.each(['captured', 'captured_quoting'] as const)('a model that obeys (%s)', (mode) => {
  it.each(all.map((each) => [`${each.technique} in ${each.carrier}`, each] as const))(
    '%s leads to no pass',
    async (_name, injection) => {
      fake.setMode({ mode });
      const { bytes, filename } = carry(injection);
      const { text, error } = await extractor.extractText({ bytes, content_type: '', filename }, {}, never);
      expect(error).toBeNull();
      const evaluator = createLlmEvaluator({
        api_key: 'k',
        base_url: fake.base_url,
        model: 'm',
        timeout_ms: 5_000,
      });
      const input = buildJudgeInput({ evidence: [buildEvidence({ text, filename })] });
      const { verdict, needs_review, review_reasons } = await evaluator.judge(input, {
        signal: never,
        effect_key: 'k',
      });
      expect(verdict.status).toBe('partial');
      expect(verdict.confidence).toBeLessThan(0.7);
      expect(needs_review).toBe(true);
      expect(review_reasons.join()).toContain('instructions to the assessor');
      expect(JSON.stringify([verdict.rationale, verdict.gaps, verdict.remediation])).not.toMatch(
        /evil\.example|<img|\]\(/u,
      );
      expect(
        verdict.citations.every((citation) => citation.evidence_id === input.evidence[0]?.evidence_id),
      ).toBe(true);
      const [call] = fake.calls;
      expect(call?.prompt).not.toMatch(/\p{Default_Ignorable_Code_Point}/u);
    },
  );
});

describe('an order that nobody noticed', () => {
  it('still leads to no pass where the proof is invented', async () => {
    fake.setMode({ mode: 'captured' });
    const evaluator = createLlmEvaluator({
      api_key: 'k',
      base_url: fake.base_url,
      model: 'm',
      timeout_ms: 5_000,
    });
    const judged = await evaluator.judge(buildJudgeInput(), { signal: never, effect_key: 'k' });
    expect(judged.verdict).toMatchObject({ status: 'partial', citations: [] });
    expect(judged.needs_review).toBe(true);
  });
});

describe('ordinary documents', () => {
  it.each([
    'All employees must complete security training within 30 days; managers are required to report exceptions.',
    'The auditor reviewed the control and concluded that it operates effectively. Status: compliant.',
    'Vendors shall not ignore security alerts. Previous incidents are listed in the register.',
    'System: payments-api. Owner: platform team. Review: quarterly.',
    'Alerts of the intrusion detection system must be acknowledged; do not close a ticket without human review of the cause.',
    '{"status": "ACTIVE", "mfa": true, "lastReviewed": "2026-01-04", "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}',
    'user,mfa,last_login\ndana,true,2026-01-03\nlee,true,2026-01-02\n',
    'See https://wiki.example.com/security?page=4 for the full policy and open a ticket for exceptions.',
    'Die Kontrolle wird jährlich durch die interne Revision geprüft. Ausnahmen genehmigt der CISO.',
    'Mark each asset with its classification and set the status of retired assets to archived.',
  ])('%s', (text) => {
    expect(holdsInstructions(text)).toBe(false);
  });
});
