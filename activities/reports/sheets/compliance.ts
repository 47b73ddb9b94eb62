import type {
  ComplianceSummary,
  FindingRow,
  GapAnalysis,
  GapRow,
} from '../../../domain/reports/compliance-schema.js';
import {
  type Column,
  date,
  lines,
  long,
  moment,
  number,
  type Sheet,
  share,
  sheetOf,
  text,
  yes,
} from './sheet.js';

const finding: readonly Column<FindingRow>[] = [
  text('Control', (row) => row.control.ref, 12),
  long('Requirement', (row) => row.control.title, 50),
  text('Group', (row) => row.control.group, 14),
  text('Status', (row) => row.status, 14),
  text('Severity', (row) => row.severity, 12),
  share('Confidence', (row) => row.confidence),
  text('Needs review', (row) => yes(row.needs_review), 12),
  moment('Review due', (row) => row.review_due_at),
  text('Owner', (row) => row.owner?.name ?? null),
  date('Due', (row) => row.due_date),
];

const counts = [
  number<{ status: ComplianceSummary['summary']['status'] }>('Pass', (row) => row.status.pass),
  number<{ status: ComplianceSummary['summary']['status'] }>('Partial', (row) => row.status.partial),
  number<{ status: ComplianceSummary['summary']['status'] }>('Fail', (row) => row.status.fail),
  number<{ status: ComplianceSummary['summary']['status'] }>(
    'Not applicable',
    (row) => row.status.not_applicable,
  ),
] as const;

export function complianceSheets(document: ComplianceSummary): Sheet[] {
  return [
    sheetOf('Findings', document.findings, [
      ...finding,
      long<FindingRow>('Rationale', (row) => row.rationale),
      moment<FindingRow>('Judged', (row) => row.updated_at),
    ]),
    sheetOf(
      'Needs review',
      document.findings.filter((row) => row.needs_review),
      [...finding, long<FindingRow>('Rationale', (row) => row.rationale)],
    ),
    sheetOf('By status and severity', document.matrix, [
      text('Status', (row) => row.status),
      text('Severity', (row) => row.severity),
      number('Findings', (row) => row.count),
    ]),
    sheetOf('Groups', document.groups, [
      text('Group', (row) => row.key),
      long('Title', (row) => row.title, 50),
      number('Controls', (row) => row.controls_total),
      ...counts,
      number('Score, %', (row) => row.score),
    ]),
    sheetOf('Trend', document.trend, [
      long('Assessment', (row) => row.name, 50),
      moment('Completed', (row) => row.completed_at),
      number('Score, %', (row) => row.score),
      ...counts,
    ]),
    sheetOf('Changes', document.previous?.changes ?? [], [
      text('Control', (row) => row.control.ref, 12),
      long('Requirement', (row) => row.control.title, 50),
      text('Before', (row) => row.from),
      text('Now', (row) => row.to),
    ]),
  ];
}

export function gapSheets(document: GapAnalysis): Sheet[] {
  const evidence = document.gaps.flatMap((gap) =>
    gap.evidence.map((seen) => ({ control: gap.control, seen })),
  );
  return [
    sheetOf('Gaps', document.gaps, [
      ...finding,
      text<GapRow>('Overdue', (row) => yes(row.overdue), 10),
      long<GapRow>('Gaps', (row) => lines(row.gaps)),
      long<GapRow>('Remediation', (row) => row.remediation),
      long<GapRow>('Notes', (row) => row.remediation_notes, 40),
      long<GapRow>('Rationale', (row) => row.rationale),
      moment<GapRow>('Judged', (row) => row.updated_at),
    ]),
    sheetOf('Evidence seen', evidence, [
      text('Control', (row) => row.control.ref, 12),
      text('Kind', (row) => row.seen.kind, 10),
      long('Name', (row) => row.seen.name, 40),
      text('Result', (row) => row.seen.result, 10),
      long('Quote', (row) => row.seen.quote),
      text('SHA-256', (row) => row.seen.sha256, 68),
    ]),
  ];
}
