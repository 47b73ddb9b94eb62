// What a judge is given and what it hands back; the same for the model and for the rules.
import type { Verdict } from '../../domain/findings/rules.js';

/** As it was when the judging began: the same object for every control that it is shown for, and never changed. */
export interface JudgeEvidence {
  readonly evidence_id: string;
  readonly sha256: string;
  readonly filename: string;
  /** When the fact was true; null when nobody said. */
  readonly collected_at: string | null;
  readonly stale: boolean;
  /** Null when the file could not be read; then `unreadable_reason` says why. */
  readonly text: string | null;
  /** The text kept is only the beginning of the document. */
  readonly truncated: boolean;
  readonly unreadable_reason: string | null;
}

export interface JudgeCheck {
  name: string;
  title: string;
  severity: 'critical' | 'high' | 'medium' | 'low';
  status: 'pass' | 'fail' | 'error' | 'skipped';
  /** What the rows say, in a few lines; empty when there is nothing to say. */
  summary: string;
}

export interface JudgeInput {
  control: { ref: string; title: string; description: string; question: string; guidance: string };
  evidence: JudgeEvidence[];
  checks: JudgeCheck[];
  previous: { status: string; rationale: string } | null;
  /** ISO date, given from outside: a judge has no clock. */
  today: string;
}

export interface Judgement {
  verdict: Verdict;
  /** The verdict itself asks for a person, whatever the confidence; the threshold comes on top. */
  needs_review: boolean;
  review_reasons: string[];
  evaluated_by: 'llm' | 'rules';
  model: string | null;
  prompt_version: string | null;
  prompt_sha256: string | null;
  raw_answer: string | null;
  tokens_in: number;
  tokens_out: number;
}

export interface JudgeOptions {
  signal: AbortSignal;
  /** Same for every attempt at the same control of the same execution. */
  effect_key: string;
}

export interface Evaluator {
  readonly kind: 'llm' | 'rules';
  judge(input: JudgeInput, options: JudgeOptions): Promise<Judgement>;
}
