import { score } from '../../domain/assessments/rules.js';
import { SEVERITIES } from '../../domain/findings/rules.js';
import type { GapAnalysis, GapRow } from '../../domain/reports/compliance-schema.js';
import type { SnapshotDb } from '../tenancy.js';
import {
  findingRowOf,
  type FoundRow,
  type Judged,
  judgedOf,
  notesOn,
  readControls,
  readSubject,
} from './assessment.js';
import { isGap, statusesOf } from './compliance.js';
import { type Head, NO_SEVERITIES, tally } from './head.js';

/** Four statements with the head's, whatever the assessment. */
export async function gatherGaps(
  trx: SnapshotDb,
  head: Head,
  assessment_id: string | null,
): Promise<GapAnalysis> {
  const { assessment, framework } = await readSubject(trx, assessment_id);
  const controls = await readControls(trx, assessment.id);
  const judged = judgedOf(controls);
  const open = byGravity(judged.filter(({ finding }) => isGap(finding.status)));
  const filenames = await readFilenames(trx, open);
  const today = head.as_of.slice(0, 10);
  const gaps = open.map((row) => gapOf(row, filenames, today));
  const status = statusesOf(judged);
  return {
    type: 'gap_analysis',
    ...head,
    assessment,
    framework,
    notes: notesOn(assessment, controls.length, judged.length),
    summary: {
      controls_judged: judged.length,
      score: score(status),
      fail: status.fail,
      partial: status.partial,
      severity: tally(
        NO_SEVERITIES,
        gaps.map(({ severity }) => severity),
      ),
      overdue: gaps.filter(({ overdue }) => overdue).length,
      without_owner: gaps.filter(({ owner }) => owner === null).length,
      without_due_date: gaps.filter(({ due_date }) => due_date === null).length,
    },
    gaps,
  };
}

/** Rows come in the catalogue's order, which stays where the rest is equal. */
function byGravity(rows: readonly Judged[]): Judged[] {
  const rank = ({ finding }: Judged): number =>
    2 * SEVERITIES.indexOf(finding.severity) + (finding.status === 'fail' ? 0 : 1);
  return rows.toSorted((a, b) => rank(a) - rank(b));
}

async function readFilenames(trx: SnapshotDb, rows: readonly Judged[]): Promise<Map<string, string>> {
  const ids = new Set(rows.flatMap(({ finding }) => finding.citations.map(({ evidence_id }) => evidence_id)));
  const found: { id: string; filename: string }[] = await trx('evidence')
    .select('id', 'filename')
    .whereRaw('id = any(?::uuid[])', [[...ids]]);
  return new Map(found.map(({ id, filename }) => [id, filename]));
}

function gapOf(row: Judged, filenames: ReadonlyMap<string, string>, today: string): GapRow {
  const { gaps, remediation, remediation_notes, due_date } = row.finding;
  return {
    ...findingRowOf(row),
    gaps,
    evidence: evidenceOf(row.finding, filenames),
    remediation,
    remediation_notes,
    overdue: due_date !== null && due_date < today,
  };
}

function evidenceOf(
  { citations, checks }: FoundRow,
  filenames: ReadonlyMap<string, string>,
): GapRow['evidence'] {
  return [
    ...citations.map(({ evidence_id, quote, sha256 }) => ({
      kind: 'citation' as const,
      name: filenames.get(evidence_id) ?? evidence_id,
      evidence_id,
      quote,
      result: null,
      sha256,
    })),
    ...checks.map(({ name, status, rows_sha256 }) => ({
      kind: 'check' as const,
      name,
      evidence_id: null,
      quote: null,
      result: status,
      sha256: rows_sha256,
    })),
  ];
}
