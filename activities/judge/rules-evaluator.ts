// Judges from automated checks and from the presence and age of evidence. Never says that it read a document.
import type { Severity, Verdict } from '../../domain/findings/rules.js';
import { named, nothingToRead, ran, readable, suspects, unreadableNotes } from './inputs.js';
import { clip } from './text.js';
import type { Evaluator, Judgement, JudgeCheck, JudgeInput } from './types.js';

const ORDER = ['critical', 'high', 'medium', 'low'] as const;

function worst(checks: JudgeCheck[]): Severity {
  return ORDER.find((severity) => checks.some((check) => check.severity === severity)) ?? 'medium';
}

function list(checks: JudgeCheck[]): string {
  return checks.map((check) => check.title).join('; ');
}

type Core = Pick<Verdict, 'status' | 'severity' | 'confidence'> & { because: string };

/** Below 0.7 wherever only the presence of files is known: such a verdict always goes to a person. */
function decide(input: JudgeInput): Core {
  const failed = input.checks.filter((check) => check.status === 'fail');
  const passed = input.checks.filter((check) => check.status === 'pass');
  const files = input.evidence.filter(readable);
  const current = files.filter((each) => !each.stale);
  if (failed.length > 0) {
    const status = passed.length > 0 ? 'partial' : 'fail';
    return {
      status,
      severity: worst(failed),
      confidence: 0.9,
      because: `Failing automated checks: ${list(failed)}.`,
    };
  }
  if (passed.length > 0 && current.length > 0) {
    return {
      status: 'pass',
      severity: 'info',
      confidence: 0.8,
      because: 'All automated checks that ran pass and current evidence is on file.',
    };
  }
  if (passed.length > 0) {
    return {
      status: 'partial',
      severity: 'low',
      confidence: 0.75,
      because: 'All automated checks that ran pass, but no current evidence is on file.',
    };
  }
  if (current.length > 0) {
    return {
      status: 'partial',
      severity: 'medium',
      confidence: 0.5,
      because: 'Current evidence is on file; no automated check ran, so only its presence is known.',
    };
  }
  return {
    status: 'fail',
    severity: 'medium',
    confidence: 0.6,
    because: 'All evidence on file is stale and no automated check ran.',
  };
}

function gaps(input: JudgeInput): string[] {
  const found = input.checks
    .filter((check) => check.status === 'fail')
    .toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
    .map((check) => clip(`Not met: ${check.title}: ${check.summary}`, 500));
  const broken = input.checks
    .filter((check) => check.status === 'error')
    .map((check) => clip(`${check.title} could not be run: ${check.summary}`, 500));
  const stale = input.evidence
    .filter((each) => each.stale)
    .map((each) => `${clip(each.filename, 120)} is stale.`);
  const missing = input.evidence.some((each) => readable(each) && !each.stale)
    ? []
    : ['No current evidence for this control.'];
  return [...found, ...broken, ...stale, ...unreadableNotes(input), ...missing].slice(0, 20);
}

export function judgeByRules(input: JudgeInput): Judgement {
  const empty = nothingToRead(input, 'rules');
  if (empty !== undefined) return empty;
  const core = decide(input);
  const hostile = suspects(input);
  const notes = unreadableNotes(input);
  const reasons: string[] = [];
  if (hostile.size > 0) reasons.push(`evidence holds instructions to the assessor: ${named(input, hostile)}`);
  if (notes.length > 0) reasons.push('evidence could not be read');
  const runs = input.checks.filter(ran).length;
  const fresh = input.evidence.filter((each) => readable(each) && !each.stale).length;
  const facts = `${runs} of ${input.checks.length} automated checks ran; ${input.evidence.length} documents on file, ${fresh} of them current and readable.`;
  const said = [
    core.because,
    facts,
    'The documents were not read by this evaluator.',
    ...notes.map((note) => `${note}.`),
  ];
  if (hostile.size > 0) said.push(`A scan found text addressed to the assessor in ${named(input, hostile)}.`);
  const open = gaps(input);
  return {
    verdict: {
      status: core.status,
      severity: core.severity,
      confidence: hostile.size > 0 ? Math.min(core.confidence, 0.5) : core.confidence,
      rationale: clip(said.join(' '), 2000),
      citations: [],
      gaps:
        core.status === 'pass'
          ? open.filter((gap) => gap.includes('stale') || gap.includes('could not'))
          : open,
      remediation:
        core.status === 'pass'
          ? ''
          : clip(
              `Close the gaps listed and provide current evidence that answers: ${input.control.question}`,
              2000,
            ),
    },
    needs_review: reasons.length > 0,
    review_reasons: reasons,
    evaluated_by: 'rules',
    model: null,
    prompt_version: null,
    prompt_sha256: null,
    raw_answer: null,
    tokens_in: 0,
    tokens_out: 0,
  };
}

export function createRulesEvaluator(): Evaluator {
  return { kind: 'rules', judge: (input) => Promise.resolve(judgeByRules(input)) };
}
