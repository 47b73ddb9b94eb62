import type { Knex } from 'knex';
import { notFound } from '../../domain/errors.js';
import type { Clock, SlaPolicy } from '../../domain/incidents/clocks.js';
import type { Incident, IncidentCreate, IncidentQuery, Review } from '../../domain/incidents/schema.js';
import type { IncidentFields } from '../../domain/incidents/state.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

const COLUMNS = [
  'id',
  'title',
  'description',
  'category',
  'severity',
  'status',
  'phase',
  'affected_systems',
  'affected_records',
  'source',
  'reported_by',
  'commander_id',
  'assignee_id',
  'occurred_at',
  'acknowledged_at',
  'acknowledged_by',
  'closed_at',
  'resolution',
  'created_at',
  'updated_at',
] as const;
const REF = `'INC-' || year || '-' || number as ref`;

/** What only the workflow and the detail view need. */
export interface IncidentInternals {
  pending_severity: IncidentFields['pending_severity'];
  pending_severity_by: string | null;
  visit_no: number;
  review: Review | null;
  policy: SlaPolicy;
  strict_guards: boolean;
  anchored_at: string;
  active_at: string;
  asked_at: string | null;
  run_id: string | null;
  revision: number;
}

export type IncidentRow = Incident & IncidentInternals;

const INTERNALS = [
  'pending_severity',
  'pending_severity_by',
  'visit_no',
  'review',
  'policy',
  'strict_guards',
  'anchored_at',
  'active_at',
  'asked_at',
  'run_id',
  'revision',
] as const;

export interface NewIncident extends Omit<IncidentCreate, 'occurred_at'> {
  occurred_at: string;
  policy: SlaPolicy;
  strict_guards: boolean;
}

/** Its reference counts within the organization and the year of its creation. */
export async function insertIncident(
  trx: TenantDb,
  tenant: TenantRef,
  incident: NewIncident,
): Promise<IncidentRow> {
  const id = newId();
  const { policy, ...columns } = incident;
  const { rows } = await trx.raw<{ rows: { year: number; last: number }[] }>(
    `insert into incident_counter as c (org_id, year, last)
     values (?, extract(year from clock_timestamp() at time zone 'UTC')::int, 1)
     on conflict (org_id, year) do update set last = c.last + 1 returning year, last`,
    [tenant.org_id],
  );
  const counted = rows[0];
  if (!counted) throw new Error('an upsert returned no row');
  await trx('incident').insert({
    ...columns,
    org_id: tenant.org_id,
    id,
    year: counted.year,
    number: counted.last,
    reported_by: tenant.actor_id,
    policy: JSON.stringify(policy),
    anchored_at: incident.occurred_at,
    active_at: incident.occurred_at,
  });
  return await getIncident(trx, id);
}

export async function getIncident(trx: TenantReader, id: string): Promise<IncidentRow> {
  return found(await select(trx).where({ id }).first());
}

export type ShownIncident = Incident &
  Pick<IncidentInternals, 'review' | 'pending_severity' | 'policy' | 'run_id'>;

export async function getShownIncident(trx: TenantReader, id: string): Promise<ShownIncident> {
  const row: ShownIncident | undefined = await shownIncident(trx, id).first();
  return found(row);
}

/** Without what only the workflow needs. */
export function shownIncident(trx: TenantReader, id: string): Knex.QueryBuilder {
  return trx('incident')
    .select(...COLUMNS, 'review', 'pending_severity', 'policy', 'run_id', trx.raw(REF))
    .where({ id });
}

/** @throws DomainError NOT_FOUND */
export async function lockIncident(trx: TenantDb, id: string): Promise<IncidentRow> {
  return found(await incidentLock(trx, id).first());
}

/** What locks its row, for a reader who has more to read. */
export function incidentLock(trx: TenantDb, id: string): Knex.QueryBuilder {
  return select(trx).where({ id }).forNoKeyUpdate();
}

function select(trx: TenantReader) {
  return trx('incident').select(...COLUMNS, ...INTERNALS, trx.raw(REF));
}

/** @throws DomainError NOT_FOUND */
export function found<Row>(row: Row | undefined): Row {
  if (!row) throw notFound('incident');
  return row;
}

/** Newest first. */
export async function listIncidents(
  trx: TenantReader,
  filter: Omit<IncidentQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<Incident>> {
  const query = trx('incident')
    .select(...COLUMNS, trx.raw(REF))
    .orderBy('id', 'desc')
    .limit(request.limit + 1);
  for (const column of ['status', 'severity', 'phase', 'commander_id'] as const) {
    const values = filter[column];
    if (values) query.whereIn(column, [...values]);
  }
  if (request.after) query.where('id', '<', keyPart(request.after, 0));
  const rows: Incident[] = await query;
  return toPage(rows, request.limit, (row) => [row.id]);
}

/** What the API writes itself: words and numbers that no clock depends on. */
export interface PlainFields {
  title?: string | undefined;
  description?: string | undefined;
  affected_records?: number | null | undefined;
  affected_systems?: string[] | undefined;
  review?: Review | undefined;
}

export async function updatePlain(trx: TenantDb, id: string, fields: PlainFields): Promise<void> {
  const { review, ...columns } = fields;
  await trx('incident')
    .where({ id })
    .update({ ...columns, ...(review && { review: JSON.stringify(review) }) });
}

/** What only the workflow's hand writes. */
export function stateUpdate(
  trx: TenantDb,
  id: string,
  set: Partial<IncidentFields & Pick<IncidentInternals, 'revision'>>,
): Knex.QueryBuilder {
  const { acknowledged_at, closed_at, active_at, asked_at, ...columns } = set;
  return trx('incident')
    .where({ id })
    .update({
      ...columns,
      ...(acknowledged_at !== undefined && { acknowledged_at: iso(acknowledged_at) }),
      ...(closed_at !== undefined && { closed_at: iso(closed_at) }),
      ...(active_at !== undefined && { active_at: iso(active_at) }),
      ...(asked_at !== undefined && { asked_at: iso(asked_at) }),
    });
}

export async function setRun(trx: TenantDb, id: string, run_id: string): Promise<void> {
  await trx('incident').where({ id }).update({ run_id });
}

export async function listClocks(trx: TenantReader, incident_id: string): Promise<Clock[]> {
  const rows: { record: Clock }[] = await clocksOf(trx, incident_id);
  return rows.map(({ record }) => record);
}

export function clocksOf(trx: TenantReader, incident_id: string): Knex.QueryBuilder {
  return trx('incident_clock').where({ incident_id }).orderBy('id').select('record');
}

/** @param due_at the moment each clock is due, by id; what lists and operators sort by. */
export function clockUpserts(
  trx: TenantDb,
  org_id: string,
  incident_id: string,
  clocks: readonly Clock[],
  due_at: (clock: Clock) => number | null,
): Knex.QueryBuilder[] {
  if (clocks.length === 0) return [];
  const rows = clocks.map((clock) => ({
    org_id,
    id: clock.id,
    incident_id,
    kind: clock.kind,
    attempt: clock.attempt,
    state: clock.state,
    record: JSON.stringify(clock),
    started_at: iso(clock.anchored_at),
    due_at: iso(due_at(clock)),
    breached_at: iso(clock.breached_at),
    ended_at: iso(clock.ended_at),
  }));
  const upsert = trx('incident_clock')
    .insert(rows)
    .onConflict(['org_id', 'id'])
    .merge(['state', 'record', 'due_at', 'breached_at', 'ended_at']);
  return [upsert];
}

export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
