import { notFound } from '../../domain/errors.js';
import type { CellCount } from '../../domain/risks/rules.js';
import { inOrder, type RiskStatus } from '../../domain/risks/rules.js';
import type {
  Heatmap,
  Risk,
  RiskChange,
  RiskCreate,
  RiskDetail,
  RiskQuery,
  RiskUpdate,
} from '../../domain/risks/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { moment } from '../moment.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

const COLUMNS = [
  'id',
  'title',
  'description',
  'category',
  'status',
  'treatment',
  'likelihood',
  'impact',
  'inherent_score',
  'effectiveness',
  'residual_likelihood',
  'residual_impact',
  'residual_score',
  'owner_id',
  'revision',
  'created_at',
  'updated_at',
].map((column) => `r.${column}`);

const bound = (name: string): string => `(o.settings -> 'appetite' ->> '${name}')::float8`;

const SHOWN = `'RISK-' || r.number as ref, r.assurance_of as controls_judged,
  case when r.residual_likelihood is null then 'computed' else 'manual' end as residual_source,
  json_build_object('likelihood', r.cell_likelihood, 'impact', r.cell_impact) as residual_cell,
  case when r.residual_score >= ${bound('critical')} then 'critical'
    when r.residual_score >= ${bound('exceeds')} then 'exceeds'
    when r.residual_score >= ${bound('approaching')} then 'approaching' else 'within' end as appetite,
  (select coalesce(json_agg(c.ref order by c.ref, c.id), '[]') from risk_control l join control c on c.id = l.control_id
    where l.org_id = r.org_id and l.risk_id = r.id) as control_refs,
  (select json_build_object('reason', a.reason, 'expires_at', ${moment('a.expires_at')},
      'accepted_by', a.accepted_by, 'accepted_at', ${moment('a.accepted_at')})
    from risk_acceptance a where a.org_id = r.org_id and a.risk_id = r.id and a.ended_at is null) as acceptance`;

const CONTROLS = `(
  select coalesce(json_agg(json_build_object('id', c.id, 'ref', c.ref, 'title', c.title, 'framework', w.key,
    'finding_id', f.id, 'finding_status', f.status) order by c.ref, c.id), '[]')
  from risk_control l join control c on c.id = l.control_id join framework w on w.id = c.framework_id
  left join lateral (select f.id, f.status from finding f where f.org_id = l.org_id and f.control_id = l.control_id
    order by f.judged_at desc, f.id desc limit 1) f on true
  where l.org_id = r.org_id and l.risk_id = r.id) as controls`;

/** As the API shows them, of the whole register. */
export function shownRisks(trx: TenantReader) {
  return trx('risk as r')
    .join('org as o', 'o.id', 'r.org_id')
    .select(...COLUMNS, trx.raw(SHOWN));
}

/** Newest first. */
export async function listRisks(
  trx: TenantReader,
  filter: Omit<RiskQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<Risk>> {
  const query = shownRisks(trx)
    .orderBy('r.id', 'desc')
    .limit(request.limit + 1);
  for (const column of ['status', 'owner_id', 'category'] as const) {
    const values = filter[column];
    if (values) query.whereIn(`r.${column}`, [...values]);
  }
  if (filter.min_score !== undefined) query.where('r.residual_score', '>=', filter.min_score);
  if (request.after) query.where('r.id', '<', keyPart(request.after, 0));
  const rows: Risk[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

/** One statement. @throws DomainError NOT_FOUND */
export async function getRisk(trx: TenantReader, risk_id: string): Promise<RiskDetail> {
  const row: RiskDetail | undefined = await shownRisks(trx)
    .select(trx.raw(CONTROLS))
    .where('r.id', risk_id)
    .first();
  if (!row) throw notFound('risk');
  return row;
}

/** Who changes a risk holds its row until the end of the transaction. @throws DomainError NOT_FOUND */
export async function lockRisk(trx: TenantDb, risk_id: string): Promise<RiskDetail> {
  const locked: unknown = await trx('risk').select('id').where({ id: risk_id }).forNoKeyUpdate().first();
  if (locked === undefined) throw notFound('risk');
  return await getRisk(trx, risk_id);
}

/** Its reference counts within the organization. @returns the id */
export async function insertRisk(
  trx: TenantDb,
  { org_id, actor_id }: TenantRef,
  { control_refs: _links, ...columns }: RiskCreate,
): Promise<string> {
  const id = newId();
  const { rows } = await trx.raw<{ rows: { last: number }[] }>(
    `insert into risk_counter as c (org_id, last) values (?, 1)
     on conflict (org_id) do update set last = c.last + 1 returning last`,
    [org_id],
  );
  await trx('risk').insert({ ...columns, org_id, id, number: rows[0]?.last, created_by: actor_id });
  return id;
}

export async function updateRisk(
  trx: TenantDb,
  risk_id: string,
  { control_refs: _links, acceptance: _promise, ...columns }: RiskUpdate,
): Promise<void> {
  if (Object.keys(columns).length > 0) await trx('risk').where({ id: risk_id }).update(columns);
}

export async function removeRisk(trx: TenantDb, risk_id: string): Promise<void> {
  await trx('risk').where({ id: risk_id }).del();
}

/** Counts by cell; one statement, answered by the two indexes alone. */
export async function countCells(
  trx: TenantReader,
  statuses: readonly RiskStatus[],
): Promise<Pick<Heatmap, 'inherent' | 'residual' | 'total'>> {
  const { rows } = await trx.raw<{ rows: (CellCount & { map: 'inherent' | 'residual' })[] }>(
    `select 'inherent' as map, likelihood, impact, count(*) as count from risk where status = any(?)
       group by likelihood, impact
     union all
     select 'residual', cell_likelihood, cell_impact, count(*) from risk where status = any(?)
       group by cell_likelihood, cell_impact`,
    [[...statuses], [...statuses]],
  );
  const cells = (wanted: 'inherent' | 'residual'): CellCount[] =>
    inOrder(rows.filter(({ map }) => map === wanted).map(({ map: _map, ...cell }) => cell));
  const inherent = cells('inherent');
  const total = inherent.reduce((sum, { count }) => sum + count, 0);
  return { inherent, residual: cells('residual'), total };
}

export interface NewChange extends Pick<RiskChange, 'cause' | 'changes'> {
  actor_id: string | null;
}

/** The caller holds the risk's row. Scores and status are those that it has now. */
export async function insertChange(trx: TenantDb, risk_id: string, change: NewChange): Promise<void> {
  await trx.raw(
    `with counted as (
       update risk set revision = revision + 1 where id = ?
       returning org_id, id, revision, status, inherent_score, residual_score)
     insert into risk_history (org_id, risk_id, revision, actor_id, cause, changes, status, inherent_score, residual_score)
     select org_id, id, revision, ?, ?, ?::jsonb, status, inherent_score, residual_score from counted`,
    [risk_id, change.actor_id, change.cause, JSON.stringify(change.changes)],
  );
}

/** Newest first. */
export async function listChanges(
  trx: TenantReader,
  risk_id: string,
  request: PageRequest,
): Promise<PageResult<RiskChange>> {
  const query = trx('risk_history')
    .select(
      'revision',
      'at',
      'actor_id',
      'cause',
      'control_refs',
      'changes',
      'status',
      'inherent_score',
      'residual_score',
    )
    .where({ risk_id })
    .orderBy('revision', 'desc')
    .limit(request.limit + 1);
  if (request.after) query.where('revision', '<', keyPart(request.after, 0));
  const rows: RiskChange[] = await query;
  return toPage(rows, request.limit, (row) => [row.revision]);
}

/** @throws DomainError NOT_FOUND */
export async function requireRisk(trx: TenantReader, risk_id: string): Promise<void> {
  const row: unknown = await trx('risk').select('id').where({ id: risk_id }).first();
  if (row === undefined) throw notFound('risk');
}
