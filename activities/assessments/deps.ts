// What the assessment's activities are made of; workers put it together, tests hand in their own.
import type { Evaluator as EvaluatorName } from '../../domain/assessments/rules.js';
import type { Database } from '../../db/connection.js';
import type { SteampipeMapping } from '../../db/orgs/steampipe.js';
import type { FrozenEvidence } from '../../db/evidence/repository.js';
import type { Evaluator } from '../judge/types.js';

export interface ExtractedText {
  /** Null when the file could not be read; then `unreadable_reason` says why. */
  text: string | null;
  truncated: boolean;
  unreadable_reason: string | null;
  extractor_version: string;
}

/** From the object store to text, within limits of size and time. */
export interface TextReader {
  read(
    evidence: Pick<FrozenEvidence, 'object_key' | 'sha256' | 'filename' | 'content_type' | 'size'>,
    signal: AbortSignal,
  ): Promise<ExtractedText>;
}

export interface CheckRow {
  resource: string;
  status: string;
  reason: string;
}

/** A cloud inventory in Steampipe's shape. */
export interface Inventory {
  /**
   * @throws an outage (`activities/failures.ts`) when nothing answers; any other error is one of this check alone,
   * and its message is fit to be shown.
   */
  runCheck(mapping: SteampipeMapping, sql: string, signal: AbortSignal): Promise<CheckRow[]>;
}

export interface AssessmentDeps {
  db: Database;
  /** `llm` only where a model is configured; it comes before `rules` unless the assessment names one. */
  evaluators: { llm?: Evaluator; rules: Evaluator };
  texts: TextReader;
  /** Undefined where no inventory is configured: checks are skipped and the findings say so. */
  inventory: Inventory | undefined;
  now?: () => number;
}

/** Undefined when the assessment names a judge that this worker does not have. */
export function chooseEvaluator(deps: AssessmentDeps, wanted: EvaluatorName | null): Evaluator | undefined {
  if (wanted === 'rules') return deps.evaluators.rules;
  if (wanted === 'llm') return deps.evaluators.llm;
  return deps.evaluators.llm ?? deps.evaluators.rules;
}
