// An assessment as it stands: its controls in scope, and what was found of each.
import { DomainError } from '../../domain/errors.js';
import type { CheckRun, Citation, FindingStatus, Severity } from '../../domain/findings/rules.js';
import type { FindingRow } from '../../domain/reports/compliance-schema.js';
import type { SnapshotDb } from '../tenancy.js';
import { bounded, type Head, MOST_ROWS } from './head.js';

interface Subject {
  assessment: NonNullable<Head['assessment']>;
  framework: NonNullable<Head['framework']>;
  groups: { key: string; title: string }[];
}

/** @throws DomainError NOT_FOUND when it was deleted after the report was asked for */
export async function readSubject(trx: SnapshotDb, assessment_id: string | null): Promise<Subject> {
  interface Row {
    id: string;
    name: string;
    scope: string;
    status: Subject['assessment']['status'];
    created_at: string;
    completed_at: string | null;
    framework_id: string;
    key: string;
    framework: string;
    version: string;
    groups: Subject['groups'];
  }
  const { rows } = await trx.raw<{ rows: Row[] }>(
    `select a.id, a.name, a.scope, a.status, a.created_at,
       case when a.status = 'completed' then e.ended_at end as completed_at,
       f.id as framework_id, f.key, f.name as framework, f.version, f.groups
     from assessment a join framework f on f.id = a.framework_id
     left join assessment_execution e on e.org_id = a.org_id and e.id = a.execution_id
     where a.id = ?`,
    [assessment_id],
  );
  const [row] = rows;
  if (!row)
    throw new DomainError('NOT_FOUND', 'The assessment was deleted before the report about it was made.');
  const { id, name, scope, status, created_at, completed_at, groups } = row;
  return {
    assessment: { id, name, scope, status, created_at, completed_at },
    framework: { id: row.framework_id, key: row.key, name: row.framework, version: row.version },
    groups,
  };
}

export interface ControlRow {
  control_id: string;
  ref: string;
  title: string;
  group: string;
  /** Null: not judged. */
  finding: FoundRow | null;
}

export interface FoundRow {
  finding_id: string;
  status: FindingStatus;
  severity: Severity;
  confidence: number;
  rationale: string;
  citations: Citation[];
  checks: CheckRun[];
  gaps: string[];
  remediation: string;
  remediation_notes: string | null;
  needs_review: boolean;
  review_due_at: string | null;
  owner_id: string | null;
  owner_name: string | null;
  due_date: string | null;
  updated_at: string;
}

type Joined = Omit<ControlRow, 'finding'> & (FoundRow | { [K in keyof FoundRow]: null });

/** In the order of the catalogue, groups as the framework lists them. */
export async function readControls(trx: SnapshotDb, assessment_id: string): Promise<ControlRow[]> {
  const { rows } = await trx.raw<{ rows: Joined[] }>(
    `select c.id as control_id, c.ref, c.title, c."group", f.id as finding_id, f.status, f.severity, f.confidence,
       f.rationale, f.citations, f.checks, f.gaps, f.remediation, f.remediation_notes, f.needs_review,
       f.review_due_at, f.owner_id, m.name as owner_name, f.due_date, f.updated_at
     from assessment a
     join framework w on w.id = a.framework_id
     join control c on c.framework_id = a.framework_id and (a.control_refs is null or c.ref = any(a.control_refs))
     left join finding f on f.org_id = a.org_id and f.assessment_id = a.id and f.control_id = c.id
     left join membership m on m.org_id = f.org_id and m.user_id = f.owner_id
     left join lateral (select min(g.at) as at from jsonb_array_elements(w.groups) with ordinality g(item, at)
       where g.item ->> 'key' = c."group") listed on true
     where a.id = ? order by listed.at nulls last, c.position, c.id limit ?`,
    [assessment_id, MOST_ROWS + 1],
  );
  return bounded(rows, 'controls').map(({ control_id, ref, title, group, ...found }) => ({
    control_id,
    ref,
    title,
    group,
    finding: found.finding_id === null ? null : found,
  }));
}

export interface Judged extends ControlRow {
  finding: FoundRow;
}

export function judgedOf(rows: readonly ControlRow[]): Judged[] {
  return rows.flatMap((row) => (row.finding === null ? [] : [{ ...row, finding: row.finding }]));
}

export function controlOf({
  control_id,
  ref,
  title,
  group,
}: Omit<ControlRow, 'finding'>): FindingRow['control'] {
  return { id: control_id, ref, title, group };
}

export function findingRowOf({ finding, ...control }: Judged): FindingRow {
  const { finding_id, status, severity, confidence, rationale, needs_review, review_due_at } = finding;
  const { owner_id, owner_name, due_date, updated_at } = finding;
  return {
    finding_id,
    control: controlOf(control),
    status,
    severity,
    confidence,
    rationale,
    needs_review,
    review_due_at,
    owner: owner_id === null ? null : { id: owner_id, name: owner_name ?? owner_id },
    due_date,
    updated_at,
  };
}

/** What a reader must know of an assessment that is not finished. */
export function notesOn({ status }: Subject['assessment'], total: number, judged: number): string[] {
  const unjudged = total - judged;
  return [
    ...(status === 'completed'
      ? []
      : [`The assessment is ${status.replaceAll('_', ' ')}: its figures may still change.`]),
    ...(unjudged === 0
      ? []
      : [
          `${unjudged} of ${total} controls in scope ${unjudged === 1 ? 'has' : 'have'} no finding yet; the score leaves them out.`,
        ]),
  ];
}
