// Keys, outcomes and answers of requests. Answers may hold secrets that are shown once: at rest all is sealed.
import type { Knex } from 'knex';
import { DomainError } from '../../domain/errors.js';
import { otherRequest } from '../../domain/idempotency/rules.js';
import type { Database } from '../connection.js';
import type { Sealer } from '../crypto/seal.js';
import { withTenant, withUser } from '../tenancy.js';
import { findKept, keepAnswer, keepOutcome, type KeptRow, lockKey, type RequestKey } from './repository.js';
import type { Keeper } from './scope.js';

export type { RequestKey } from './repository.js';

export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface IdempotencyStore {
  /** @throws DomainError CONFLICT when the key belongs to another request */
  find(key: RequestKey): Promise<KeptAnswer | undefined>;
  keeper(key: RequestKey): Keeper;
  /** @returns the answer that everybody gets: this one, or the one that was there first */
  settle(key: RequestKey, answer: KeptAnswer): Promise<KeptAnswer>;
}

export function createIdempotencyStore(db: Database, sealer: Sealer): IdempotencyStore {
  const place = (key: RequestKey, part: string): string =>
    `${part}:${key.org_id ?? ''}:${key.caller_id}:${key.key_hash}`;

  function opened(key: RequestKey, row: KeptRow | undefined): KeptAnswer | undefined {
    if (row === undefined) return undefined;
    if (row.fingerprint !== key.fingerprint) throw otherRequest();
    if (row.status === null || row.answer === null) return undefined;
    const rest: Omit<KeptAnswer, 'status'> = JSON.parse(sealer.open(row.answer, place(key, 'answer')));
    return { status: row.status, ...rest };
  }

  return {
    async find(key) {
      return opened(key, await within(db, key, (trx) => findKept(trx, key)));
    },

    keeper: (key) => ({
      async claim(trx, turn) {
        await lockKey(trx, key);
        const row = await asCaller(trx, key, () => findKept(trx, key));
        if (row === undefined) return undefined;
        if (row.fingerprint !== key.fingerprint) throw otherRequest();
        if (row.turn !== turn || row.outcome === null) return undefined;
        return { outcome: sealer.open(row.outcome, place(key, 'outcome')) };
      },
      async record(trx, turn, outcome) {
        const sealed = sealer.seal(outcome, place(key, 'outcome'));
        if (await asCaller(trx, key, () => keepOutcome(trx, key, turn, sealed))) return;
        throw new DomainError(
          'CONFLICT',
          'a request with this Idempotency-Key was answered meanwhile; ask again',
        );
      },
    }),

    async settle(key, answer) {
      const { status, ...rest } = answer;
      const sealed = sealer.seal(JSON.stringify(rest), place(key, 'answer'));
      const kept = await within(db, key, async (trx) =>
        (await keepAnswer(trx, key, status, sealed)) ? undefined : await findKept(trx, key),
      );
      return opened(key, kept) ?? answer;
    },
  };
}

async function within<T>(
  db: Database,
  { org_id, caller_id }: RequestKey,
  work: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  return org_id === null ? await withUser(db, caller_id, work) : await withTenant(db, { org_id }, work);
}

/** Outside of organizations a row is its caller's, who is not named in an organization's transaction. */
async function asCaller<T>(trx: Knex.Transaction, key: RequestKey, work: () => Promise<T>): Promise<T> {
  if (key.org_id !== null) return await work();
  const { rows } = await trx.raw<{ rows: { before: string | null }[] }>(
    `select current_setting('app.user_id', true) as before`,
  );
  const name = (user_id: string) => trx.raw(`select set_config('app.user_id', ?, true)`, [user_id]);
  await name(key.caller_id);
  const result = await work();
  await name(rows[0]?.before ?? '');
  return result;
}
