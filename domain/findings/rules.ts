// How a verdict is shaped, cleaned and when a person must look at it.

export const FINDING_STATUSES = ['pass', 'fail', 'partial', 'not_applicable'] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Days a person has to look at a finding that needs review; the reminder comes at half. */
export const REVIEW_DAYS = 5;
export const REMIND_BEFORE_MS = (REVIEW_DAYS / 2) * 86_400_000;

export interface Citation {
  evidence_id: string;
  sha256: string;
  quote: string;
}

export interface CheckRun {
  name: string;
  sql: string;
  /** `error`: the query failed; `skipped`: no inventory to ask. */
  status: 'pass' | 'fail' | 'error' | 'skipped';
  rows_sha256: string | null;
}

/** What either evaluator returns for one control. */
export interface Verdict {
  status: FindingStatus;
  severity: Severity;
  /** 0–1 */
  confidence: number;
  rationale: string;
  citations: Citation[];
  gaps: string[];
  remediation: string;
}

const SEVERE: readonly Severity[] = ['critical', 'high'];

export function needsReview(
  verdict: Pick<Verdict, 'status' | 'severity' | 'confidence'>,
  threshold: number,
): boolean {
  return verdict.confidence < threshold || (verdict.status === 'fail' && SEVERE.includes(verdict.severity));
}
