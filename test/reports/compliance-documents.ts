import { score as scoreOf } from '../../domain/assessments/rules.js';
import { FINDING_STATUSES, SEVERITIES } from '../../domain/findings/rules.js';
import type { ComplianceSummary, FindingRow, GapAnalysis } from '../../domain/reports/compliance-schema.js';
import type { Kind } from './documents.js';
import { assessmentHead, hourOf, id, pick, person, words } from './material.js';

const GROUPS = [
  ['CC1', 'Control environment'],
  ['CC2', 'Communication and information'],
  ['CC3', 'Risk assessment'],
  ['CC6', 'Logical and physical access'],
  ['CC7', 'System operations'],
  ['CC8', 'Change management'],
] as const;

const TITLES = [
  'Logical access to systems is restricted to authorized users',
  'Users are registered and authorized before they get credentials',
  'Access is removed when it is no longer needed',
  'Physical access to facilities is restricted',
  'Data is protected while it is moved, sent and taken away',
  'Unauthorized software is prevented and detected',
  'Vulnerabilities are found and treated in time',
  'Security events are evaluated and incidents are responded to',
  'Changes are authorized, tested and approved before they are made',
] as const;

const GAPS = [
  'Two administrators have no second factor.',
  'The quarterly access review of January was not held.',
  'Production data is copied to a test account without masking.',
] as const;

const QUOTE = 'Access reviews are performed quarterly by the owner of each system.';
const STATUS_TURN = ['pass', 'pass', 'partial', 'pass', 'fail', 'pass', 'not_applicable', 'pass'] as const;

function findingsOf(kind: Kind, rows: number): FindingRow[] {
  return Array.from({ length: rows }, (_, n) => {
    const [key] = pick(GROUPS, Math.floor((n * GROUPS.length) / rows));
    const status = pick(STATUS_TURN, n);
    return {
      finding_id: id(4, n),
      control: { id: id(5, n), ref: `${key}.${String(n + 1)}`, title: words(kind, TITLES, n), group: key },
      status,
      severity: pick(SEVERITIES, n * 3 + Math.floor(n / 8)),
      confidence: 0.55 + (n % 45) / 100,
      rationale: words(kind, ['The policy asks for it and the inventory shows two accounts that differ.'], n),
      needs_review: n % 7 === 2,
      review_due_at: n % 7 === 2 ? hourOf(2_200 + n) : null,
      owner: n % 3 === 0 ? null : person(n, kind),
      due_date: n % 4 === 0 ? null : hourOf(2_000 + 24 * (n % 60)).slice(0, 10),
      updated_at: hourOf(1_900 + n),
    };
  });
}

function statusesOf(findings: readonly FindingRow[]) {
  const of = (status: FindingRow['status']): number => findings.filter((row) => row.status === status).length;
  return { pass: of('pass'), fail: of('fail'), partial: of('partial'), not_applicable: of('not_applicable') };
}

function severitiesOf(findings: readonly FindingRow[]) {
  const of = (severity: FindingRow['severity']): number =>
    findings.filter((row) => row.severity === severity && ['fail', 'partial'].includes(row.status)).length;
  return {
    critical: of('critical'),
    high: of('high'),
    medium: of('medium'),
    low: of('low'),
    info: of('info'),
  };
}

export function complianceDocument(kind: Kind, rows = kind === 'empty' ? 0 : 48): ComplianceSummary {
  const findings = findingsOf(kind, rows);
  const status = statusesOf(findings);
  const score = scoreOf(status);
  const trend = ['2025-06-30', '2025-09-30', '2025-12-18'].map((day, n) => ({
    assessment_id: id(2, 10 + n),
    name: words(kind, [`Q${String(n + 2)} 2025 SOC 2 assessment`], n),
    completed_at: `${day}T12:00:00.000Z`,
    score: 61.2 + n * 4.7,
    status: { pass: 28 + n * 2, fail: 9 - n, partial: 8 - n, not_applicable: 3 },
  }));
  const [, , before] = trend;
  const [first, second] = findings;
  return {
    type: 'compliance_summary',
    ...assessmentHead(kind, 'Q1 2026 SOC 2 assessment'),
    summary: {
      controls_total: rows + 2,
      controls_judged: rows,
      score,
      status,
      severity: severitiesOf(findings),
      needs_review: findings.filter((row) => row.needs_review).length,
    },
    matrix: FINDING_STATUSES.flatMap((wanted) =>
      SEVERITIES.flatMap((severity) => {
        const count = findings.filter((row) => row.status === wanted && row.severity === severity).length;
        return count === 0 ? [] : [{ status: wanted, severity, count }];
      }),
    ),
    groups: GROUPS.map(([key, title], n) => {
      const inside = findings.filter((row) => row.control.group === key);
      const counts = statusesOf(inside);
      return {
        key,
        title: words(kind, [`${key} ${title}`], n),
        controls_total: inside.length,
        status: counts,
        score: scoreOf(counts),
      };
    }),
    trend:
      kind === 'empty' || before === undefined
        ? []
        : [
            ...trend,
            {
              assessment_id: id(2, 1),
              name: 'Q1 2026 SOC 2 assessment',
              completed_at: '2026-03-30T16:20:00.000Z',
              score,
              status,
            },
          ],
    previous:
      kind === 'empty' || before === undefined || first === undefined || second === undefined
        ? null
        : {
            assessment_id: before.assessment_id,
            name: before.name,
            completed_at: before.completed_at,
            score: before.score,
            score_change: score === null ? null : Math.round((score - before.score) * 10) / 10,
            changes: [
              { control: first.control, from: 'fail', to: 'pass' },
              { control: second.control, from: 'partial', to: 'pass' },
            ],
          },
    findings,
  };
}

const RANK = [...SEVERITIES];

export function gapDocument(kind: Kind, rows?: number): GapAnalysis {
  const findings = findingsOf(kind, kind === 'empty' ? 0 : (rows ?? 48) * (rows === undefined ? 1 : 2.7));
  const open = findings.filter(({ status }) => status === 'fail' || status === 'partial');
  const wanted = open.slice(0, rows ?? open.length);
  const gaps = wanted
    .toSorted(
      (a, b) =>
        RANK.indexOf(a.severity) - RANK.indexOf(b.severity) ||
        a.status.localeCompare(b.status) ||
        a.control.ref.localeCompare(b.control.ref),
    )
    .map((row, n) => ({
      ...row,
      gaps: [words(kind, GAPS, n), words(kind, GAPS, n + 1)],
      evidence:
        n % 5 === 4
          ? []
          : [
              {
                kind: 'citation' as const,
                name: words(kind, ['access-policy-2026.pdf'], n + 3),
                evidence_id: id(6, n),
                quote: words(kind, [QUOTE], n + 5),
                result: null,
                sha256: 'ab12'.repeat(16),
              },
              {
                kind: 'check' as const,
                name: 'iam_user_mfa_enabled',
                evidence_id: null,
                quote: null,
                result: 'fail' as const,
                sha256: 'cd34'.repeat(16),
              },
            ],
      remediation: words(kind, ['Enforce a second factor for every administrator and review it monthly.'], n),
      remediation_notes: n % 4 === 0 ? words(kind, ['Ticket SEC-204 is in progress.'], n + 2) : null,
      overdue: row.due_date !== null && row.due_date < '2026-04-02',
    }));
  return {
    type: 'gap_analysis',
    ...assessmentHead(kind, 'Q1 2026 SOC 2 assessment'),
    summary: {
      controls_judged: findings.length,
      score: scoreOf(statusesOf(findings)),
      fail: gaps.filter(({ status }) => status === 'fail').length,
      partial: gaps.filter(({ status }) => status === 'partial').length,
      severity: severitiesOf(gaps),
      overdue: gaps.filter(({ overdue }) => overdue).length,
      without_owner: gaps.filter(({ owner }) => owner === null).length,
      without_due_date: gaps.filter(({ due_date }) => due_date === null).length,
    },
    gaps,
  };
}
