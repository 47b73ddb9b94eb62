// One row a key of a caller: which request it stands for, what its write came to, and what was answered.
import type { Knex } from 'knex';
import { KEPT_MS } from '../../domain/idempotency/rules.js';
import type { ReconcileDb } from '../tenancy.js';

export interface RequestKey {
  /** Null outside of organizations. */
  org_id: string | null;
  caller_id: string;
  key_hash: string;
  fingerprint: string;
}

export interface KeptRow {
  fingerprint: string;
  turn: number | null;
  outcome: string | null;
  status: number | null;
  answer: string | null;
}

const LIVE = 'expires_at > clock_timestamp()';
const TARGET = 'on conflict (org_id, caller_id, key_hash) do update set';

/** The others of the same key wait until this transaction has ended. */
export async function lockKey(trx: Knex.Transaction, key: RequestKey): Promise<void> {
  const name = `${key.org_id ?? ''}:${key.caller_id}:${key.key_hash}`;
  await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [name]);
}

export async function findKept(
  trx: Knex.Transaction,
  { org_id, caller_id, key_hash }: RequestKey,
): Promise<KeptRow | undefined> {
  const row: KeptRow | undefined = await trx('idempotency_record')
    .where({ org_id, caller_id, key_hash })
    .whereRaw(LIVE)
    .first('fingerprint', 'turn', 'outcome', 'status', 'answer');
  return row;
}

/** Over a row that has run out too. @returns false when the key is taken */
export async function keepOutcome(
  trx: Knex.Transaction,
  { org_id, caller_id, key_hash, fingerprint }: RequestKey,
  turn: number,
  outcome: string,
): Promise<boolean> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `insert into idempotency_record as kept (org_id, caller_id, key_hash, fingerprint, turn, outcome, expires_at)
     values (?, ?, ?, ?, ?, ?, clock_timestamp() + ? * interval '1 millisecond')
     ${TARGET} fingerprint = excluded.fingerprint, turn = excluded.turn, outcome = excluded.outcome, status = null,
       answer = null, created_at = excluded.created_at, expires_at = excluded.expires_at
     where not kept.${LIVE}`,
    bindings([org_id, caller_id, key_hash, fingerprint, turn, outcome, KEPT_MS]),
  );
  return rowCount > 0;
}

/** The first answer stays. @returns false when there is one, or the key is another request's */
export async function keepAnswer(
  trx: Knex.Transaction,
  { org_id, caller_id, key_hash, fingerprint }: RequestKey,
  status: number,
  answer: string,
): Promise<boolean> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `insert into idempotency_record as kept (org_id, caller_id, key_hash, fingerprint, status, answer, expires_at)
     values (?, ?, ?, ?, ?, ?, clock_timestamp() + ? * interval '1 millisecond')
     ${TARGET} fingerprint = excluded.fingerprint, status = excluded.status, answer = excluded.answer,
       created_at = case when kept.${LIVE} then kept.created_at else excluded.created_at end,
       expires_at = case when kept.${LIVE} then kept.expires_at else excluded.expires_at end
     where not kept.${LIVE} or (kept.status is null and kept.fingerprint = excluded.fingerprint)`,
    bindings([org_id, caller_id, key_hash, fingerprint, status, answer, KEPT_MS]),
  );
  return rowCount > 0;
}

/** Knex takes null, its types do not. */
function bindings(values: (string | number | null)[]): readonly Knex.RawBinding[] {
  return values;
}

/** @returns how many */
export async function forgetExpired(trx: ReconcileDb): Promise<number> {
  return await trx('idempotency_record').whereRaw('expires_at < clock_timestamp()').delete();
}
