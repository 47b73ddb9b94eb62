// What the OSCAL export of an assessment tells, piece by piece: the whole need not fit into memory.
import type { AssessmentStatus } from '../../domain/assessments/rules.js';
import { notFound } from '../../domain/errors.js';
import type { Finding } from '../../domain/findings/schema.js';
import { moment } from '../moment.js';
import type { TenantDb } from '../tenancy.js';

export interface ResultsHead {
  name: string;
  scope: string;
  status: AssessmentStatus;
  framework: { key: string; name: string; version: string; source: string };
  org: { id: string; name: string };
  /** Null before the first run. */
  started_at: string | null;
  /** Null while a run is open. */
  ended_at: string | null;
  changed_at: string;
  /** In catalogue order. */
  findings: { id: string; control_id: string; oscal_id: string | null; ref: string }[];
  /** Who judged, each once. */
  judges: {
    kind: 'llm' | 'rules' | 'person';
    model: string | null;
    user_id: string | null;
    name: string | null;
  }[];
}

/** Throws NOT_FOUND. */
export async function getResultsHead(trx: TenantDb, assessment_id: string): Promise<ResultsHead> {
  const { rows } = await trx.raw<{ rows: ResultsHead[] }>(
    `select a.name, a.scope, a.status,
       json_build_object('key', f.key, 'name', f.name, 'version', f.version, 'source', f.source) as framework,
       json_build_object('id', o.id, 'name', o.name) as org,
       (select ${moment('min(coalesce(e.started_at, e.created_at))')} from assessment_execution e
         where e.org_id = a.org_id and e.assessment_id = a.id) as started_at,
       (select ${moment('max(e.ended_at)')} from assessment_execution e
         where e.org_id = a.org_id and e.assessment_id = a.id
           and a.status in ('completed', 'failed', 'cancelled')) as ended_at,
       ${moment(`greatest(a.updated_at, (select max(x.updated_at) from finding x
         where x.org_id = a.org_id and x.assessment_id = a.id))`)} as changed_at,
       (select coalesce(json_agg(json_build_object('id', x.id, 'control_id', c.id, 'oscal_id', c.oscal_id, 'ref', c.ref)
           order by c.position), '[]')
         from finding x join control c on c.id = x.control_id
         where x.org_id = a.org_id and x.assessment_id = a.id) as findings,
       (select coalesce(json_agg(distinct jsonb_build_object('kind', x.evaluated_by ->> 'kind',
           'model', x.evaluated_by ->> 'model', 'user_id', x.evaluated_by ->> 'user_id', 'name', m.name)), '[]')
         from finding x left join membership m
           on m.org_id = x.org_id and m.user_id = (x.evaluated_by ->> 'user_id')::uuid
         where x.org_id = a.org_id and x.assessment_id = a.id) as judges
     from assessment a join framework f on f.id = a.framework_id join org o on o.id = a.org_id
     where a.id = ?`,
    [assessment_id],
  );
  const [row] = rows;
  if (!row) throw notFound('assessment');
  return row;
}

export type ResultsFinding = Pick<
  Finding,
  | 'id'
  | 'status'
  | 'severity'
  | 'confidence'
  | 'rationale'
  | 'citations'
  | 'checks'
  | 'gaps'
  | 'remediation'
  | 'remediation_notes'
  | 'evaluated_by'
  | 'needs_review'
> & { title: string; judged_at: string; risk_ids: string[] };

/** Those of the ids that are still there, in their order. A weakness comes with the risks of its control. */
export async function listResultsFindings(trx: TenantDb, ids: readonly string[]): Promise<ResultsFinding[]> {
  const { rows } = await trx.raw<{ rows: ResultsFinding[] }>(
    `select f.id, f.status, f.severity, f.confidence, f.rationale, f.citations, f.checks, f.gaps, f.remediation,
       f.remediation_notes, f.evaluated_by, f.needs_review, f.judged_at, c.title,
       case when f.status in ('fail', 'partial') then array(select r.risk_id::text from risk_control r
         where r.org_id = f.org_id and r.control_id = f.control_id order by r.risk_id) else '{}' end as risk_ids
     from unnest(?::uuid[]) with ordinality as wanted(id, at)
     join finding f on f.id = wanted.id join control c on c.id = f.control_id
     order by wanted.at`,
    [[...ids]],
  );
  return rows;
}

export interface ResultsRisk {
  id: string;
  number: number;
  title: string;
  description: string;
  status: 'open' | 'mitigated' | 'accepted' | 'transferred';
  likelihood: number;
  impact: number;
  residual_score: number;
}

export async function listResultsRisks(trx: TenantDb, ids: readonly string[]): Promise<ResultsRisk[]> {
  return await trx('risk')
    .select('id', 'number', 'title', 'description', 'status', 'likelihood', 'impact', 'residual_score')
    .whereIn('id', ids)
    .orderBy('id');
}

export interface ResultsEvidence {
  id: string;
  filename: string;
  content_type: string;
  sha256: string | null;
}

export async function listResultsEvidence(trx: TenantDb, ids: readonly string[]): Promise<ResultsEvidence[]> {
  return await trx('evidence')
    .select('id', 'filename', 'content_type', 'sha256')
    .whereIn('id', ids)
    .orderBy('id');
}
