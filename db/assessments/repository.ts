import type { Knex } from 'knex';
import { DomainError, notFound } from '../../domain/errors.js';
import { type AssessmentStatus, refusal, score } from '../../domain/assessments/rules.js';
import type {
  Assessment,
  AssessmentCreate,
  AssessmentDetail,
  AssessmentQuery,
} from '../../domain/assessments/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

const COLUMNS = [
  'id',
  'framework_id',
  'name',
  'scope',
  'control_refs',
  'evaluator',
  'status',
  'created_by',
  'created_at',
  'updated_at',
] as const;

/** Newest first. */
export async function listAssessments(
  trx: TenantReader,
  filter: Pick<AssessmentQuery, 'framework_id' | 'status'>,
  request: PageRequest,
): Promise<PageResult<Assessment>> {
  const query = trx('assessment')
    .select(...COLUMNS)
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  if (filter.framework_id) query.whereIn('framework_id', filter.framework_id);
  if (filter.status) query.whereIn('status', filter.status);
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: Assessment[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

export async function getAssessment(trx: TenantDb, assessment_id: string): Promise<Assessment> {
  const row: Assessment | undefined = await trx('assessment')
    .select(...COLUMNS)
    .where({ id: assessment_id })
    .first();
  if (!row) throw notFound('assessment');
  return row;
}

export interface LockedAssessment extends Assessment {
  execution_id: string | null;
}

/** Whoever moves an assessment from one state to another holds this until the end of the transaction. */
export async function lockAssessment(trx: TenantDb, assessment_id: string): Promise<LockedAssessment> {
  return foundAssessment(await assessmentLock(trx, assessment_id).first());
}

/** What locks its row, for a reader who has more to read. */
export function assessmentLock(trx: TenantDb, assessment_id: string): Knex.QueryBuilder {
  return trx('assessment')
    .select(...COLUMNS, 'execution_id')
    .where({ id: assessment_id })
    .forNoKeyUpdate();
}

/** @throws DomainError NOT_FOUND */
export function foundAssessment(row: LockedAssessment | undefined): LockedAssessment {
  if (!row) throw notFound('assessment');
  return row;
}

/** @throws DomainError VALIDATION_ERROR for a framework or a control that the organization does not have. */
export async function insertAssessment(
  trx: TenantDb,
  tenant: TenantRef,
  body: AssessmentCreate,
): Promise<Assessment> {
  const { control_refs, evaluator, ...columns } = body;
  const [row]: Assessment[] = await trx('assessment').insert(
    {
      ...columns,
      org_id: tenant.org_id,
      id: newId(),
      control_refs: control_refs === undefined ? null : [...new Set(control_refs)],
      evaluator: evaluator ?? null,
      created_by: tenant.actor_id,
    },
    [...COLUMNS],
  );
  if (!row) throw notFound('assessment');
  if (control_refs !== undefined) await refuseUnknownControls(trx, body.framework_id, control_refs);
  return row;
}

async function refuseUnknownControls(
  trx: TenantDb,
  framework_id: string,
  refs: readonly string[],
): Promise<void> {
  const known: string[] = await trx('control').where({ framework_id }).whereIn('ref', refs).pluck('ref');
  const errors = refs
    .map((ref, index) => ({ field: `control_refs.${index}`, detail: `the framework has no control ${ref}` }))
    .filter((_, index) => !known.includes(refs[index] ?? ''));
  const first = errors[0];
  if (first === undefined) return;
  throw new DomainError('VALIDATION_ERROR', `${first.field}: ${first.detail}`, {
    field: first.field,
    errors: errors.slice(0, 20),
  });
}

/** With its runs, findings and judgements; the audit log keeps that it was. @throws DomainError CONFLICT while live. */
/** @returns also the controls whose findings have gone with it */
export async function removeAssessment(
  trx: TenantDb,
  assessment_id: string,
): Promise<{ removed: Assessment; control_ids: string[] }> {
  const { execution_id: _latest, ...removed } = await lockAssessment(trx, assessment_id);
  const refused = refusal(removed.status, 'delete');
  if (refused !== undefined) throw new DomainError('CONFLICT', refused);
  const control_ids: string[] = await trx('finding').where({ assessment_id }).pluck('control_id');
  await trx('assessment').where({ id: assessment_id }).del();
  return { removed, control_ids };
}

export async function setAssessmentStatus(
  trx: TenantDb,
  assessment_id: string,
  status: AssessmentStatus,
): Promise<void> {
  await trx('assessment').where({ id: assessment_id }).update({ status });
}

/** The run that an assessment points at; the link into the Web UI is made of it by the caller. */
export interface LatestRun {
  execution_id: string;
  run_id: string | null;
}

interface DetailRow extends Assessment {
  summary: AssessmentDetail['summary'];
  cost: AssessmentDetail['cost'];
  run: LatestRun | null;
}

const SUMMARY = `(
  select json_build_object(
    'pass', count(*) filter (where f.status = 'pass'),
    'fail', count(*) filter (where f.status = 'fail'),
    'partial', count(*) filter (where f.status = 'partial'),
    'not_applicable', count(*) filter (where f.status = 'not_applicable'),
    'needs_review', count(*) filter (where f.needs_review))
  from finding f where f.org_id = a.org_id and f.assessment_id = a.id)`;

const COST = `(
  select json_build_object(
    'tokens_in', coalesce(sum(e.tokens_in), 0),
    'tokens_out', coalesce(sum(e.tokens_out), 0),
    'models', coalesce((
      select json_agg(distinct f.evaluated_by ->> 'model') from finding f
      where f.org_id = a.org_id and f.assessment_id = a.id and f.evaluated_by ->> 'model' is not null), '[]'),
    'runs', coalesce(json_agg(json_build_object(
      'execution_id', e.id, 'tokens_in', e.tokens_in, 'tokens_out', e.tokens_out) order by e.id desc), '[]'))
  from assessment_execution e where e.org_id = a.org_id and e.assessment_id = a.id)`;

/** One statement, however many findings and runs there are. */
export async function getAssessmentDetail(
  trx: TenantReader,
  assessment_id: string,
): Promise<Omit<AssessmentDetail, 'workflow'> & { run: LatestRun | null }> {
  const row: DetailRow | undefined = await trx('assessment as a')
    .leftJoin('assessment_execution as x', (join) =>
      join.on('x.org_id', 'a.org_id').andOn('x.id', 'a.execution_id'),
    )
    .select(
      ...COLUMNS.map((column) => `a.${column}`),
      trx.raw(`${SUMMARY} as summary`),
      trx.raw(`${COST} as cost`),
      trx.raw(`case when x.id is null then null
        else json_build_object('execution_id', x.id, 'run_id', x.run_id) end as run`),
    )
    .where('a.id', assessment_id)
    .first();
  if (!row) throw notFound('assessment');
  return { ...row, score: score(row.summary) };
}
