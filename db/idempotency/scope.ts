// What one request wants checked and kept in the very transaction in which it writes. The doors in db/tenancy.ts ask
// here, so no handler and no repository knows of it.
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import { DomainError } from '../../domain/errors.js';
import type { Database } from '../connection.js';
import type { EnteringConfig } from '../dialect.js';
import { translated } from '../errors.js';
import { type Asking, entering } from '../exchange.js';
import { failpoint } from '../failpoint.js';

/** A request with a key. */
export interface Keeper {
  /**
   * Waits for whoever is writing under the same key.
   * @returns what that transaction of the request came to, if it has happened already
   * @throws DomainError CONFLICT when the key belongs to another request
   */
  claim(trx: Knex.Transaction, turn: number): Promise<{ outcome: string } | undefined>;
  /** @throws DomainError CONFLICT when the key is taken by now: nothing is done twice */
  record(trx: Knex.Transaction, turn: number, outcome: string): Promise<void>;
}

export interface WriteScope {
  keeper?: Keeper | undefined;
  /** Throws what refuses the write; what it reads, it reads in the writer's transaction. */
  precondition?: (() => Promise<void>) | undefined;
}

interface Progress extends WriteScope {
  turn: number;
  /** Something is written, now or by an earlier try: what follows is after the fact. */
  over: boolean;
  replayed: boolean;
}

const requests = new AsyncLocalStorage<Progress>();
const checks = new AsyncLocalStorage<Knex.Transaction>();

/** @returns also whether an earlier try had written already, so that this one only went on from there */
export async function inScope<T>(
  scope: WriteScope,
  work: () => Promise<T>,
): Promise<{ result: T; replayed: boolean }> {
  const progress: Progress = { ...scope, turn: 0, over: false, replayed: false };
  const result = await requests.run(progress, work);
  return { result, replayed: progress.replayed };
}

/** True while a write depends on what its caller has seen. */
export function isConditional(): boolean {
  return requests.getStore()?.precondition !== undefined;
}

/** While a precondition is looked at: the transaction of the change that depends on it. */
export function transactionOfChecks(): Knex.Transaction | undefined {
  return checks.getStore();
}

type Step<T> = (trx: Knex.Transaction) => Promise<T>;

/** Only the callback form of a transaction: the other one hides a failed COMMIT. */
export async function transact<T>(db: Database, asking: Asking, work: Step<T>): Promise<T> {
  const reading = transactionOfChecks();
  if (reading) return await work(reading);
  const request = requests.getStore();
  if (request === undefined || request.over) {
    return await translated(() => db.transaction(work, entered(asking)));
  }
  request.turn += 1;
  if (request.precondition === undefined) return await oneTry(db, request, asking, work);
  return await untilSettled(() => oneTry(db, request, asking, work));
}

async function oneTry<T>(db: Database, request: Progress, asking: Asking, work: Step<T>): Promise<T> {
  const { keeper, precondition, turn } = request;
  const done = await translated(() =>
    db.transaction(
      async (trx): Promise<{ result: T; wrote: boolean; replayed: boolean }> => {
        const earlier = await keeper?.claim(trx, turn);
        if (earlier) return { result: parse<T>(earlier.outcome), wrote: true, replayed: true };
        if (precondition) await checks.run(trx, precondition);
        const result = await work(trx);
        const wrote = await hasWritten(trx);
        if (wrote) await keeper?.record(trx, turn, JSON.stringify({ result }));
        return { result, wrote, replayed: false };
      },
      // one snapshot for the look and the write: a row that others have changed since cannot be written
      entered(asking, precondition && 'repeatable read'),
    ),
  );
  request.over = done.wrote;
  request.replayed = done.replayed;
  if (keeper && done.wrote) failpoint('after_commit');
  return done.result;
}

function entered(asking: Asking, isolationLevel?: 'repeatable read'): EnteringConfig {
  return { enter: [entering(asking)], ...(isolationLevel && { isolationLevel }) };
}

function parse<T>(outcome: string): T {
  const { result }: { result: T } = JSON.parse(outcome);
  return result;
}

async function hasWritten(trx: Knex.Transaction): Promise<boolean> {
  const { rows } = await trx.raw<{ rows: { wrote: boolean }[] }>(
    'select pg_current_xact_id_if_assigned() is not null as wrote',
  );
  return rows[0]?.wrote === true;
}

const TRIES = 20;
const PAUSE_MS = 20;
const SERIALIZATION_FAILURE = '40001';

/** Others have written what this one was about to: it looks again, and is refused if that was what it had seen. */
async function untilSettled<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 1; tried < TRIES; tried += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error) || Reflect.get(error, 'code') !== SERIALIZATION_FAILURE) throw error;
      await sleep(Math.random() * PAUSE_MS * tried);
    }
  }
  throw new DomainError('SERVICE_UNAVAILABLE', 'too many others write at the same time', {
    retry_after_s: 1,
  });
}
