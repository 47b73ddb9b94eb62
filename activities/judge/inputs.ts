// Which of the inputs can be read, which cannot, and what the finding says about the latter.
import { clip } from './text.js';
import { holdsInstructions } from './injection.js';
import type { Judgement, JudgeCheck, JudgeEvidence, JudgeInput } from './types.js';

export function readable(evidence: JudgeEvidence): boolean {
  return evidence.text !== null && evidence.text.trim() !== '';
}

export function ran(check: JudgeCheck): boolean {
  return check.status === 'pass' || check.status === 'fail';
}

/** A document is looked through once, however many controls it is shown for. */
const looked = new WeakMap<JudgeEvidence, boolean>();

function isSuspect(each: JudgeEvidence): boolean {
  const found = looked.get(each) ?? holdsInstructions(`${each.filename}\n${each.text ?? ''}`);
  looked.set(each, found);
  return found;
}

/** Ids of the documents that speak to the assessor. */
export function suspects(input: JudgeInput): Set<string> {
  return new Set(input.evidence.filter(isSuspect).map((each) => each.evidence_id));
}

/** Sentences about files that nobody could read; they stand on the finding whoever judged it. */
export function unreadableNotes(input: JudgeInput): string[] {
  return input.evidence
    .filter((each) => !readable(each))
    .map(
      (each) =>
        `${clip(each.filename, 120)} could not be read: ${clip(each.unreadable_reason ?? 'it holds no text', 200)}`,
    );
}

export function named(input: JudgeInput, ids: ReadonlySet<string>): string {
  return input.evidence
    .filter((each) => ids.has(each.evidence_id))
    .map((each) => clip(each.filename, 120))
    .join(', ');
}

/** The judgement where there is nothing to judge by, or undefined. Costs no model call. */
export function nothingToRead(input: JudgeInput, evaluated_by: 'llm' | 'rules'): Judgement | undefined {
  if (input.evidence.some(readable) || input.checks.some(ran)) return undefined;
  const notes = unreadableNotes(input);
  const blind = notes.length > 0;
  return {
    verdict: {
      status: 'fail',
      severity: 'medium',
      // Files that exist but cannot be opened may hold what is asked for: then nobody can be sure.
      confidence: blind ? 0.5 : 1,
      rationale: blind
        ? clip(`Nothing that can be read was provided for ${input.control.ref}. ${notes.join('. ')}.`, 2000)
        : `Nothing was provided for ${input.control.ref}: no evidence, and no automated check that ran.`,
      citations: [],
      gaps: [blind ? 'No readable evidence for this control.' : 'No evidence for this control.'],
      remediation: `Provide evidence that answers: ${clip(input.control.question, 1000)}`,
    },
    needs_review: blind,
    review_reasons: blind ? ['evidence could not be read'] : [],
    evaluated_by,
    model: null,
    prompt_version: null,
    prompt_sha256: null,
    raw_answer: null,
    tokens_in: 0,
    tokens_out: 0,
  };
}
