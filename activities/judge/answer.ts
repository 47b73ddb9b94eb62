// What the model must answer, and what is left of it once code has checked every word that counts.
import { z } from 'zod';
import { FINDING_STATUSES, SEVERITIES, type Citation, type Verdict } from '../../domain/findings/rules.js';
import { named, unreadableNotes } from './inputs.js';
import { cleanProse, clip, normalizeForMatch } from './text.js';
import type { JudgeInput } from './types.js';

/** Shorter quotes are found in any text and prove nothing. */
const MIN_QUOTE = 12;
const MAX_QUOTE = 1_000;
const MAX_RATIONALE = 2_000;

// No lengths in the schema: several servers refuse them. They are applied by `cleanAnswer`.
export const modelAnswer = z.strictObject({
  status: z.enum(FINDING_STATUSES),
  severity: z.enum(SEVERITIES),
  confidence: z.number().meta({ description: 'from 0 to 1' }),
  rationale: z.string().meta({ description: 'at most 2000 characters' }),
  citations: z.array(
    z.strictObject({
      document: z.number().int().meta({ description: 'number of the document' }),
      quote: z.string().meta({ description: 'verbatim from that document' }),
    }),
  ),
  gaps: z.array(z.string()),
  remediation: z.string(),
});
export type ModelAnswer = z.infer<typeof modelAnswer>;

/** A document as the model saw it, by the number it was shown under. */
export interface ShownDocument {
  evidence_id: string;
  sha256: string;
  text: string;
}

export interface CleanedAnswer {
  verdict: Verdict;
  needs_review: boolean;
  review_reasons: string[];
}

function keptCitations(answer: ModelAnswer, shown: readonly ShownDocument[]): Citation[] {
  const texts = new Map<ShownDocument, string>();
  const kept = new Map<string, Citation>();
  for (const { document, quote } of answer.citations.slice(0, 50)) {
    const source = shown[document - 1];
    const wanted = normalizeForMatch(quote);
    if (source === undefined || wanted.length < MIN_QUOTE || wanted.length > MAX_QUOTE) continue;
    const text = texts.get(source) ?? normalizeForMatch(source.text);
    texts.set(source, text);
    if (!text.includes(wanted)) continue;
    kept.set(`${document}:${wanted}`, {
      evidence_id: source.evidence_id,
      sha256: source.sha256,
      quote: wanted,
    });
  }
  return [...kept.values()].slice(0, 20);
}

/**
 * Drops citations that are not in the cited text, takes a `pass` away that rests on nothing or on a document that
 * talks to the assessor, and says on the finding what a person must look at.
 */
export function cleanAnswer(
  answer: ModelAnswer,
  input: JudgeInput,
  shown: readonly ShownDocument[],
  hostile: ReadonlySet<string>,
): CleanedAnswer {
  const reasons: string[] = [];
  const citations = keptCitations(answer, shown);
  const dropped = answer.citations.length - citations.length;
  if (dropped > 0) reasons.push(`${dropped} citations are not in the cited text`);
  if (hostile.size > 0) reasons.push(`evidence holds instructions to the assessor: ${named(input, hostile)}`);
  const notes = unreadableNotes(input);
  if (notes.length > 0) reasons.push('evidence could not be read');
  const sound = citations.some((citation) => !hostile.has(citation.evidence_id));
  const backed = sound || input.checks.some((check) => check.status === 'pass');
  const demoted = answer.status === 'pass' && !backed;
  if (demoted) reasons.push('a pass without a citation or a passing check');
  const contradicted = answer.status === 'pass' && input.checks.some((check) => check.status === 'fail');
  if (contradicted) reasons.push('a pass although an automated check fails');
  const remarks = notes.map((note) => ` ${note}.`);
  if (demoted) remarks.unshift(' Lowered from pass: no verified citation and no passing check supports it.');
  const tail = clip(remarks.join(''), 1_000);
  const confidence = Number.isFinite(answer.confidence) ? Math.min(1, Math.max(0, answer.confidence)) : 0;
  return {
    verdict: {
      status: demoted || contradicted ? 'partial' : answer.status,
      severity: answer.severity,
      confidence: demoted || contradicted || hostile.size > 0 ? Math.min(confidence, 0.5) : confidence,
      rationale: `${cleanProse(answer.rationale, MAX_RATIONALE - tail.length)}${tail}`.trim(),
      citations,
      gaps: answer.gaps
        .slice(0, 20)
        .map((gap) => cleanProse(gap, 500))
        .filter((gap) => gap !== ''),
      remediation: cleanProse(answer.remediation, 2_000),
    },
    needs_review: reasons.length > 0,
    review_reasons: reasons,
  };
}
