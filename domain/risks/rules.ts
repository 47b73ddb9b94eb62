// Scores, appetite and the cells of the heatmap. The database holds the same rules as generated columns; a test holds
// the two against each other.
import type { FindingStatus } from '../findings/rules.js';

export const RISK_STATUSES = ['open', 'mitigated', 'accepted', 'transferred'] as const;
export type RiskStatus = (typeof RISK_STATUSES)[number];

export const RISK_CATEGORIES = [
  'operational',
  'financial',
  'compliance',
  'strategic',
  'third_party',
  'cyber',
  'reputational',
] as const;

export const TREATMENTS = ['accept', 'mitigate', 'transfer', 'avoid'] as const;

export const APPETITES = ['within', 'approaching', 'exceeds', 'critical'] as const;
export type Appetite = (typeof APPETITES)[number];

export const RISK_CAUSES = [
  'created',
  'updated',
  'finding_changed',
  'recomputed',
  'acceptance_expired',
] as const;
export type RiskCause = (typeof RISK_CAUSES)[number];

/** Both scales. */
export const LEVELS = [1, 2, 3, 4, 5] as const;
const POINTS = 5;

/** An acceptance for longer than that is a decision that nobody will remember. */
export const LONGEST_ACCEPTANCE_MS = 10 * 366 * 86_400_000;

export interface Bounds {
  approaching: number;
  exceeds: number;
  critical: number;
}

export interface Cell {
  likelihood: number;
  impact: number;
}

/** What the latest findings of the linked controls say: two halves for a pass, one for a partial. */
export interface Assurance {
  halves: number;
  of: number;
}

/** A control that was never judged says nothing, like one that does not apply. */
export function assuranceOf(latest: readonly (FindingStatus | null)[]): Assurance {
  const judged = latest.filter((status) => status !== null && status !== 'not_applicable');
  const halves = judged.reduce(
    (sum, status) => sum + (status === 'pass' ? 2 : status === 'partial' ? 1 : 0),
    0,
  );
  return { halves, of: judged.length };
}

/** 0–1; no control that was judged: 0. */
export function effectivenessOf({ halves, of }: Assurance): number {
  return round(halves, 2 * Math.max(of, 1), 4);
}

export function inherentScore({ likelihood, impact }: Cell): number {
  return likelihood * impact * POINTS;
}

/** Inherent × (1 − effectiveness × 0.8), to the hundredth. Whole numbers until the last division: no drift. */
export function computedScore({ likelihood, impact }: Cell, { halves, of }: Assurance): number {
  const judged = Math.max(of, 1);
  return round(likelihood * impact * (POINTS * judged - 2 * halves), judged, 2);
}

/** What a person has set counts; else what the controls leave. */
export function residualScore(inherent: Cell, assurance: Assurance, manual: Cell | null): number {
  return manual === null ? computedScore(inherent, assurance) : inherentScore(manual);
}

/** The likelihood scaled by what the controls leave, rounded up. */
export function residualCell(inherent: Cell, { halves, of }: Assurance, manual: Cell | null): Cell {
  if (manual !== null) return manual;
  const judged = Math.max(of, 1);
  const left = inherent.likelihood * (5 * judged - 2 * halves);
  return { likelihood: Math.max(1, Math.ceil(left / (5 * judged))), impact: inherent.impact };
}

export function appetiteOf(score: number, { approaching, exceeds, critical }: Bounds): Appetite {
  if (score >= critical) return 'critical';
  if (score >= exceeds) return 'exceeds';
  return score >= approaching ? 'approaching' : 'within';
}

export interface CellCount extends Cell {
  count: number;
}

/** Only cells with something in them, the gravest first. */
export function cellsOf(cells: readonly Cell[]): CellCount[] {
  const counts = new Map<string, CellCount>();
  for (const { likelihood, impact } of cells) {
    const key = `${String(likelihood)}/${String(impact)}`;
    const found = counts.get(key) ?? { likelihood, impact, count: 0 };
    counts.set(key, { ...found, count: found.count + 1 });
  }
  return inOrder([...counts.values()]);
}

export function inOrder(cells: readonly CellCount[]): CellCount[] {
  return cells.toSorted(
    (a, b) => inherentScore(b) - inherentScore(a) || b.impact - a.impact || b.likelihood - a.likelihood,
  );
}

function round(dividend: number, divisor: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round((dividend * scale) / divisor) / scale;
}

export interface AcceptanceWanted {
  reason: string;
  expires_at?: string | null | undefined;
}

export interface AcceptanceChange {
  /** Why the present acceptance ends; undefined: it stays, or there is none. */
  ends?: 'replaced' | 'withdrawn';
  begins?: { reason: string; expires_at: string | null };
}

interface Accepted {
  status: RiskStatus;
  acceptance: { reason: string; expires_at: string | null } | null;
}

/** What a change means for the acceptance, or what is wrong with it. */
export function acceptanceChange(
  before: Accepted,
  wanted: { status?: RiskStatus | undefined; acceptance?: AcceptanceWanted | undefined },
  now: number,
): AcceptanceChange | { field: string; detail: string } {
  const status = wanted.status ?? before.status;
  const { acceptance } = wanted;
  if (status !== 'accepted') {
    if (acceptance !== undefined) return { field: 'acceptance', detail: 'goes with status accepted only' };
    return before.acceptance === null ? {} : { ends: 'withdrawn' };
  }
  if (acceptance === undefined) {
    if (before.acceptance !== null) return {};
    return { field: 'acceptance', detail: 'status accepted needs a reason' };
  }
  const { reason, expires_at = null } = acceptance;
  if (expires_at !== null) {
    const left = Date.parse(expires_at) - now;
    if (left <= 0) return { field: 'acceptance.expires_at', detail: 'is over already' };
    if (left > LONGEST_ACCEPTANCE_MS)
      return { field: 'acceptance.expires_at', detail: 'lies more than ten years ahead' };
  }
  const same =
    before.acceptance?.reason === reason && instant(before.acceptance.expires_at) === instant(expires_at);
  if (same) return {};
  return { ...(before.acceptance !== null && { ends: 'replaced' }), begins: { reason, expires_at } };
}

function instant(at: string | null): number | null {
  return at === null ? null : Date.parse(at);
}

export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
}

/** What a person would call changed, field by field. */
export function changesBetween(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): FieldChange[] {
  return Object.keys(after).flatMap((field) => {
    const [from, to] = [before[field] ?? null, after[field] ?? null];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }];
  });
}
