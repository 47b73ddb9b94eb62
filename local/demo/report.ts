// What the terminal shows of the demo's assessment.
import type { AssessmentDetail, AssessmentProgress } from '../../domain/assessments/schema.js';
import type { Finding } from '../../domain/findings/schema.js';

const BAR_WIDTH = 32;
const WORST = 6;
const LABEL_WIDTH = 23; // of label()
const RANK = { critical: 0, high: 1, medium: 2, low: 3, info: 4 } as const;

export function progressLine(progress: AssessmentProgress): string {
  const filled = Math.round((progress.progress / 100) * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const now = progress.current_control ? `  ${progress.current_control}` : '';
  const reason = progress.paused_reason ? `  paused: ${progress.paused_reason}` : '';
  const count = `${progress.controls_evaluated}/${progress.controls_total}`;
  return `  ${bar} ${String(progress.progress).padStart(3)} %  ${count}${now}${reason}`;
}

export function summaryLines(detail: AssessmentDetail, findings: readonly Finding[]): string[] {
  const { summary } = detail;
  const { tokens_in, tokens_out, models } = detail.cost;
  const judge =
    models.length > 0
      ? `${models.join(', ')} (${tokens_in} + ${tokens_out} tokens)`
      : 'rules (no model was configured)';
  return [
    '',
    `  ${detail.name}: ${detail.score === null ? 'no score' : `${detail.score.toFixed(1)} %`}`,
    `  pass ${summary.pass} · partial ${summary.partial} · fail ${summary.fail} · not applicable ${summary.not_applicable}`,
    `  judged by ${judge}`,
    '',
    '  Worst gaps',
    ...worst(findings).flatMap((finding) => [
      `    ${label(finding)}  ${finding.control.title}`,
      `${' '.repeat(4 + LABEL_WIDTH + 2)}${headline(finding)}`,
    ]),
    '',
    `  Needs a person's review: ${reviewList(findings)}`,
  ];
}

function worst(findings: readonly Finding[]): Finding[] {
  return findings
    .filter((finding) => finding.status === 'fail' || finding.status === 'partial')
    .toSorted(
      (a, b) =>
        RANK[a.severity] - RANK[b.severity] || Number(b.status === 'fail') - Number(a.status === 'fail'),
    )
    .slice(0, WORST);
}

function label(finding: Finding): string {
  return `${finding.control.ref.padEnd(6)} ${finding.status.padEnd(7)} ${finding.severity.padEnd(8)}`;
}

function headline(finding: Finding): string {
  const line = (finding.gaps[0] ?? finding.rationale).replaceAll('\n', ' · ').replace(/\s+/g, ' ');
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}

function reviewList(findings: readonly Finding[]): string {
  const refs = findings.filter((finding) => finding.needs_review).map((finding) => finding.control.ref);
  return refs.length === 0
    ? 'nothing'
    : `${refs.length} (${refs.slice(0, 12).join(', ')}${refs.length > 12 ? ', …' : ''})`;
}
