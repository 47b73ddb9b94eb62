// What a policy is asked, what it may answer, and what an answer that is none means: no. Pure.

export const POLICY_NAMES = ['playbook_step', 'incident_obligations'] as const;
export type PolicyName = (typeof POLICY_NAMES)[number];

/** The rule that is asked for. */
export const ENTRY_RULE: Readonly<Record<PolicyName, string>> = {
  playbook_step: 'decision',
  incident_obligations: 'duties',
};

export const STEP_DECISIONS = ['allow', 'deny', 'needs_approval'] as const;
export type StepVerdict = (typeof STEP_DECISIONS)[number];

/** What somebody who wants to run an automated step says about it. */
export interface PolicyQuestion {
  org: string;
  actor: string;
  incident: { id: string; category: string; severity: string; phase: string };
  /** Its hash is that of the document as it is run. */
  playbook: { id: string; revision: number; sha256: string };
  step: {
    id: string;
    type: string;
    action: string;
    risk_class: string;
    args: Readonly<Record<string, unknown>>;
    /** Of step and arguments: what an approval is given for. */
    args_hash: string;
  };
  dry_run: boolean;
  /** Automated steps of the organization that were carried out in the last hour: this one, and those that disrupt. */
  rate: { same_step: number; disruptive: number };
  /** UTC; Monday is 1. */
  time: { at: string; weekday: number; hour: number };
}

/** What the policy sees. */
export interface PolicyInput extends PolicyQuestion {
  kill_switch: boolean;
}

export interface PolicyDecision {
  decision: StepVerdict;
  reasons: string[];
  approvals_required: number;
  /** SHA-256 of the policy that decided; null when none could be asked. */
  revision: string | null;
}

export function denial(reason: string, revision: string | null = null): PolicyDecision {
  return { decision: 'deny', reasons: [reason], approvals_required: 0, revision };
}

const MOST_REASONS = 20;
const LONGEST_REASON = 300;
const MOST_APPROVALS = 10;

/** Anything that is not exactly a decision is a denial that says why. */
export function readDecision(answer: unknown, revision: string): PolicyDecision {
  if (answer === undefined) return denial('the policy says nothing about this step', revision);
  const read = shapeOf(answer);
  return typeof read === 'string' ? denial(`the policy's answer ${read}`, revision) : { ...read, revision };
}

/** @returns what is wrong with it, in words that go on from "the policy's answer" */
function shapeOf(answer: unknown): Omit<PolicyDecision, 'revision'> | string {
  if (!isRecord(answer)) return 'is not an object';
  const decision = STEP_DECISIONS.find((each) => each === answer.decision);
  if (decision === undefined) return `has no decision out of ${STEP_DECISIONS.join(', ')}`;
  const reasons: unknown = answer.reasons ?? [];
  if (!isTexts(reasons)) return `has reasons that are not at most ${String(MOST_REASONS)} short texts`;
  const { approvals_required = decision === 'needs_approval' ? 1 : 0 } = answer;
  const least = decision === 'needs_approval' ? 1 : 0;
  if (!isCount(approvals_required, least, decision === 'needs_approval' ? MOST_APPROVALS : 0))
    return 'asks for a number of approvals that does not fit its decision';
  return { decision, reasons: [...reasons], approvals_required };
}

export const APPLICABILITIES = ['required', 'not_required', 'undecided'] as const;
export type Applicability = (typeof APPLICABILITIES)[number];

export interface Duty {
  code: string;
  applies: Applicability;
  reason: string;
}

/** One line per duty that was asked about. What the policy does not settle stays undecided, which counts down. */
export function readDuties(answer: unknown, codes: readonly string[]): Duty[] {
  const said = isRecord(answer) ? answer : {};
  return codes.map((code) => {
    const about = Object.hasOwn(said, code) ? said[code] : undefined;
    if (!isRecord(about)) return { code, applies: 'undecided', reason: 'the policy does not say' };
    const applies = APPLICABILITIES.find((each) => each === about.applies);
    const { reason } = about;
    if (applies === undefined || typeof reason !== 'string' || reason.length > LONGEST_REASON)
      return { code, applies: 'undecided', reason: "the policy's answer cannot be read" };
    return { code, applies, reason };
  });
}

/** What makes an answer useless for anybody, so that the policy is not taken; undefined when it is fine. */
export function problemOfAnswer(name: PolicyName, answer: unknown): string | undefined {
  if (answer === undefined) return `the rule ${ENTRY_RULE[name]} has no value for the example input`;
  if (name === 'incident_obligations') return isRecord(answer) ? undefined : 'duties must be an object';
  const read = shapeOf(answer);
  return typeof read === 'string' ? `for the example input, the policy's answer ${read}` : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length <= MOST_REASONS &&
    value.every((each) => typeof each === 'string' && each.length <= LONGEST_REASON)
  );
}

function isCount(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
