import { score, type StatusCounts } from '../../domain/assessments/rules.js';
import { FINDING_STATUSES, type FindingStatus, SEVERITIES } from '../../domain/findings/rules.js';
import type { ComplianceSummary } from '../../domain/reports/compliance-schema.js';
import { TREND_LENGTH } from '../../domain/reports/documents.js';
import type { SnapshotDb } from '../tenancy.js';
import {
  controlOf,
  type ControlRow,
  findingRowOf,
  type Judged,
  judgedOf,
  notesOn,
  readControls,
  readSubject,
} from './assessment.js';
import { groupBy, type Head, NO_SEVERITIES, tally } from './head.js';

type TrendPoint = ComplianceSummary['trend'][number];

/** Five statements with the head's, whatever the assessment. */
export async function gatherCompliance(
  trx: SnapshotDb,
  head: Head,
  assessment_id: string | null,
): Promise<ComplianceSummary> {
  const { assessment, framework, groups } = await readSubject(trx, assessment_id);
  const controls = await readControls(trx, assessment.id);
  const judged = judgedOf(controls);
  const status = statusesOf(judged);
  const gaps = judged.filter(({ finding }) => isGap(finding.status));
  const completed_at = assessment.completed_at ?? head.as_of;
  const earlier = await readEarlier(trx, {
    framework_id: framework.id,
    assessment_id: assessment.id,
    completed_at,
  });
  const own = {
    assessment_id: assessment.id,
    name: assessment.name,
    completed_at,
    score: score(status),
    status,
  };
  return {
    type: 'compliance_summary',
    ...head,
    assessment,
    framework,
    notes: notesOn(assessment, controls.length, judged.length),
    summary: {
      controls_total: controls.length,
      controls_judged: judged.length,
      score: own.score,
      status,
      severity: tally(
        NO_SEVERITIES,
        gaps.map(({ finding }) => finding.severity),
      ),
      needs_review: judged.filter(({ finding }) => finding.needs_review).length,
    },
    matrix: matrixOf(judged),
    groups: groupsOf(groups, controls),
    trend: [...earlier.toReversed(), own],
    previous: await compare(trx, earlier[0], own, judged),
    findings: judged.map(findingRowOf),
  };
}

export function isGap(status: FindingStatus): boolean {
  return status === 'fail' || status === 'partial';
}

export function statusesOf(judged: readonly Judged[]): StatusCounts {
  return tally(
    { pass: 0, fail: 0, partial: 0, not_applicable: 0 },
    judged.map(({ finding }) => finding.status),
  );
}

function matrixOf(judged: readonly Judged[]): ComplianceSummary['matrix'] {
  return FINDING_STATUSES.flatMap((status) =>
    SEVERITIES.map((severity) => ({
      status,
      severity,
      count: judged.filter(({ finding }) => finding.status === status && finding.severity === severity)
        .length,
    })),
  ).filter(({ count }) => count > 0);
}

/** Those with controls in scope, in the framework's order. */
function groupsOf(
  listed: readonly { key: string; title: string }[],
  controls: readonly ControlRow[],
): ComplianceSummary['groups'] {
  const titles = new Map(listed.map(({ key, title }) => [key, title]));
  return [...groupBy(controls, ({ group }) => group)].map(([key, rows]) => {
    const status = statusesOf(judgedOf(rows));
    return { key, title: titles.get(key) ?? key, controls_total: rows.length, status, score: score(status) };
  });
}

interface Place {
  framework_id: string;
  assessment_id: string;
  completed_at: string;
}

/** Completed ones of the same framework, the latest first. */
async function readEarlier(trx: SnapshotDb, place: Place): Promise<TrendPoint[]> {
  const { rows } = await trx.raw<{ rows: Omit<TrendPoint, 'score'>[] }>(
    `select a.id as assessment_id, a.name, e.ended_at as completed_at, json_build_object(
         ${FINDING_STATUSES.map((status) => `'${status}', count(f.id) filter (where f.status = '${status}')`).join(', ')}) as status
     from assessment a
     join assessment_execution e on e.org_id = a.org_id and e.id = a.execution_id
     left join finding f on f.org_id = a.org_id and f.assessment_id = a.id
     where a.framework_id = ? and a.status = 'completed' and a.id <> ? and e.ended_at <= ?
     group by a.org_id, a.id, e.ended_at order by e.ended_at desc, a.id desc limit ?`,
    [place.framework_id, place.assessment_id, place.completed_at, TREND_LENGTH - 1],
  );
  return rows.map((row) => ({ ...row, score: score(row.status) }));
}

async function compare(
  trx: SnapshotDb,
  previous: TrendPoint | undefined,
  own: TrendPoint,
  judged: readonly Judged[],
): Promise<ComplianceSummary['previous']> {
  if (previous === undefined) return null;
  const { assessment_id, name, completed_at, score: before } = previous;
  const found: { control_id: string; status: FindingStatus }[] = await trx('finding')
    .select('control_id', 'status')
    .where({ assessment_id });
  const statuses = new Map(found.map(({ control_id, status }) => [control_id, status]));
  return {
    assessment_id,
    name,
    completed_at,
    score: before,
    score_change: own.score === null || before === null ? null : Math.round((own.score - before) * 10) / 10,
    changes: judged.flatMap(({ finding, ...control }) => {
      const from = statuses.get(control.control_id);
      return from === undefined || from === finding.status
        ? []
        : [{ control: controlOf(control), from, to: finding.status }];
    }),
  };
}
