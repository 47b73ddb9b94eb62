// How the verdicts on controls move the risks that they are linked to. Whoever changes a verdict and whoever links a
// risk write the control's row first, then hold the risks, both in the order of their ids: so one waits for the other,
// nobody overlooks what the other has just done, and two never wait for each other.
import type { Knex } from 'knex';
import { DomainError } from '../../domain/errors.js';
import type { RiskCause } from '../../domain/risks/rules.js';
import type { RecomputeResult } from '../../domain/risks/schema.js';
import type { AuditActor, AuditInput } from '../audit/repository.js';
import type { TenantDb } from '../tenancy.js';
import { together } from '../together.js';

/** What one call brings up to date at most: more would not fit a request's time on a busy machine, and be undone. */
const MOST_AT_ONCE = 2_000;

interface Candidate {
  id: string;
  ref: string;
  key: string;
}

/**
 * @param refs `CC6.1`, or `SOC2_TYPE2:CC6.1` where several frameworks have that reference
 * @returns ids of controls, each once
 * @throws DomainError VALIDATION_ERROR with the field of the first that is not clear
 */
export async function resolveControls(trx: TenantDb, refs: readonly string[]): Promise<string[]> {
  if (refs.length === 0) return [];
  const bare = refs.map((ref) => ref.slice(ref.indexOf(':') + 1));
  const { rows } = await trx.raw<{ rows: Candidate[] }>(
    `select c.id, c.ref, f.key from control c join framework f on f.id = c.framework_id
     where c.ref = any(?) and (f.org_id is null or f.org_id = (select id from org))
     order by f.created_at desc, f.id desc`,
    [[...new Set([...refs, ...bare])]],
  );
  const ids = refs.map((wanted, index) => {
    const field = `control_refs.${String(index)}`;
    const named = rows.filter(({ ref, key }) => ref === wanted || `${key}:${ref}` === wanted);
    const keys = [...new Set(named.map(({ key }) => key))];
    const [newest] = named;
    if (newest === undefined) throw new DomainError('VALIDATION_ERROR', 'no such control', { field });
    if (keys.length > 1) {
      const choice = keys.map((key) => `${key}:${wanted}`).join(', ');
      throw new DomainError('VALIDATION_ERROR', `several frameworks have it: ${choice}`, { field });
    }
    return newest.id;
  });
  return [...new Set(ids)];
}

/** Holds the rows of these controls and makes them what their latest findings say. */
export async function refreshControls(
  trx: TenantDb,
  org_id: string,
  control_ids: readonly string[],
): Promise<void> {
  if (control_ids.length > 0) await together(trx, refreshing(trx, org_id, control_ids));
}

function refreshing(trx: TenantDb, org_id: string, control_ids: readonly string[]): [Knex.Raw, Knex.Raw] {
  const held = trx.raw(
    `insert into control_assurance (org_id, control_id)
     select ?, id from unnest(?::uuid[]) as c (id) order by id
     on conflict (org_id, control_id) do update set changed_at = clock_timestamp()`,
    [org_id, [...control_ids]],
  );
  // a statement of its own: what others have written while the first waited is seen by now
  const refreshed = trx.raw(
    `update control_assurance a set status = f.status, judged_at = f.judged_at
     from control_assurance b left join lateral (
       select status, judged_at from finding f where f.org_id = b.org_id and f.control_id = b.control_id
       order by judged_at desc, id desc limit 1) f on true
     where b.control_id = any(?) and a.org_id = b.org_id and a.control_id = b.control_id
       and (a.status, a.judged_at) is distinct from (f.status, f.judged_at)`,
    [[...control_ids]],
  );
  return [held, refreshed];
}

/** The caller holds the risk and has refreshed the controls that are new to it. */
export async function replaceLinks(
  trx: TenantDb,
  org_id: string,
  risk_id: string,
  control_ids: readonly string[],
): Promise<void> {
  await trx('risk_control')
    .where({ risk_id })
    .whereNotIn('control_id', [...control_ids])
    .del();
  if (control_ids.length > 0)
    await trx('risk_control')
      .insert(control_ids.map((control_id) => ({ org_id, risk_id, control_id })))
      .onConflict()
      .ignore();
  await trx.raw(
    `with ${counted('r.id = ?')}
     update risk r set assurance_halves = n.halves, assurance_of = n.judged
     from counted n where r.org_id = n.org_id and r.id = n.id`,
    [risk_id],
  );
}

/** What the findings of their controls say, of the risks `r` for which the condition holds. */
function counted(condition: string): string {
  return `counted as (
    select r.org_id, r.id, r.assurance_halves, r.assurance_of, r.effectiveness, r.residual_score,
      coalesce(sum(case a.status when 'pass' then 2 when 'partial' then 1 end), 0)::int as halves,
      (count(a.status) filter (where a.status <> 'not_applicable'))::int as judged
    from risk r
    left join risk_control l on l.org_id = r.org_id and l.risk_id = r.id
    left join control_assurance a on a.org_id = l.org_id and a.control_id = l.control_id
    where ${condition}
    group by r.org_id, r.id, r.assurance_halves, r.assurance_of, r.effectiveness, r.residual_score)`;
}

interface Moved {
  id: string;
  before: { effectiveness: number; residual_score: number };
  after: { effectiveness: number; residual_score: number };
}

interface Cause {
  actor_id: string | null;
  cause: Extract<RiskCause, 'finding_changed' | 'recomputed'>;
  /** Whose verdicts have changed. */
  control_ids: readonly string[];
}

/** Holds those risks, sets them right, and notes each that has moved. */
async function settle(trx: TenantDb, risk_ids: readonly string[], cause: Cause): Promise<Moved[]> {
  if (risk_ids.length === 0) return [];
  const hold = trx.raw('select id from risk where id = any(?) order by id for no key update', [
    [...risk_ids],
  ]);
  // a statement of its own, for the same reason as above
  const move = trx.raw(
    `with ${counted('r.id = any(?)')},
     moved as (
       update risk r set assurance_halves = n.halves, assurance_of = n.judged, revision = r.revision + 1
       from counted n where r.org_id = n.org_id and r.id = n.id
         and (n.halves, n.judged) is distinct from (n.assurance_halves, n.assurance_of)
       returning r.org_id, r.id, r.revision, r.status, r.inherent_score, r.residual_score, r.effectiveness,
         r.assurance_of, n.residual_score as score_was, n.effectiveness as effectiveness_was, n.assurance_of as of_was),
     noted as (
       insert into risk_history (org_id, risk_id, revision, actor_id, cause, control_refs, changes, status,
         inherent_score, residual_score)
       select m.org_id, m.id, m.revision, ?, ?,
         array(select c.ref from risk_control l join control c on c.id = l.control_id
           where l.org_id = m.org_id and l.risk_id = m.id and l.control_id = any(?) order by c.ref),
         (select coalesce(jsonb_agg(jsonb_build_object('field', v.field, 'from', v.was, 'to', v.now)), '[]')
           from (values ('controls_judged', to_jsonb(m.of_was), to_jsonb(m.assurance_of)),
             ('effectiveness', to_jsonb(m.effectiveness_was), to_jsonb(m.effectiveness)),
             ('residual_score', to_jsonb(m.score_was), to_jsonb(m.residual_score))) v (field, was, now)
           where v.was is distinct from v.now),
         m.status, m.inherent_score, m.residual_score
       from moved m)
     select id, json_build_object('effectiveness', effectiveness_was, 'residual_score', score_was) as before,
       json_build_object('effectiveness', effectiveness, 'residual_score', residual_score) as after
     from moved order by id`,
    [[...risk_ids], cause.actor_id, cause.cause, [...cause.control_ids]],
  );
  const [, moved] = await together<[never, Moved]>(trx, [hold, move]);
  return moved;
}

/** In the transaction that has changed the findings of these controls: they are made what those say; and their risks. */
export function recomputing(
  trx: TenantDb,
  org_id: string,
  control_ids: readonly string[],
): [Knex.Raw, Knex.Raw, Knex.QueryBuilder] {
  const linked = trx('risk_control')
    .whereIn('control_id', [...control_ids])
    .distinct('risk_id');
  return [...refreshing(trx, org_id, control_ids), linked];
}

/**
 * Before the audit entries of the change: it answers those of the risks, for the caller to write with its own.
 * @param linked what `recomputing` has found
 */
export async function recomputeLinked(
  trx: TenantDb,
  actor_id: string | null,
  control_ids: readonly string[],
  linked: readonly { risk_id: string }[],
): Promise<AuditInput[]> {
  const risk_ids = linked.map(({ risk_id }) => risk_id);
  const moved = await settle(trx, risk_ids, { actor_id, cause: 'finding_changed', control_ids });
  return moved.map(({ id, before, after }) => ({
    action: 'risk.recompute',
    resource_type: 'risk',
    resource_id: id,
    before,
    after,
  }));
}

export async function recomputeByControls(
  trx: TenantDb,
  { org_id, actor_id }: Pick<AuditActor, 'org_id' | 'actor_id'>,
  control_ids: readonly string[],
): Promise<AuditInput[]> {
  if (control_ids.length === 0) return [];
  const [, , linked] = await together<[never, never, { risk_id: string }]>(
    trx,
    recomputing(trx, org_id, control_ids),
  );
  return await recomputeLinked(trx, actor_id, control_ids, linked);
}

/** All of an organization's: nothing to do unless rows were changed by hand. */
export async function recomputeAll(
  trx: TenantDb,
  { org_id, actor_id }: Pick<AuditActor, 'org_id' | 'actor_id'>,
): Promise<RecomputeResult> {
  const control_ids: string[] = await trx('risk_control').distinct().pluck('control_id');
  await refreshControls(trx, org_id, control_ids);
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    `with ${counted('true')} select id from counted
     where (halves, judged) is distinct from (assurance_halves, assurance_of) order by id limit ?`,
    [MOST_AT_ONCE + 1],
  );
  const wrong = rows.slice(0, MOST_AT_ONCE).map(({ id }) => id);
  const moved = await settle(trx, wrong, { actor_id, cause: 'recomputed', control_ids });
  const total = await trx('risk').count({ n: '*' }).first();
  return { risks: Number(total?.n ?? 0), changed: moved.length, complete: rows.length <= MOST_AT_ONCE };
}
