// The only doors to rows. Each sets who is asking for one transaction; Postgres checks it on every row.
import type { Knex } from 'knex';
import type { TenantRef } from '../domain/tenant.js';
import type { Database } from './connection.js';
import type { EnteringConfig } from './dialect.js';
import { translated } from './errors.js';
import { type Asking, entering } from './exchange.js';
import { transact, transactionOfChecks } from './idempotency/scope.js';
import { readAs, type Rows } from './reading.js';

declare const tenantReaderBrand: unique symbol;
declare const userReaderBrand: unique symbol;
declare const tenantBrand: unique symbol;
declare const userBrand: unique symbol;
declare const snapshotBrand: unique symbol;
declare const reconcileBrand: unique symbol;
declare const ownerBrand: unique symbol;

/** Reads inside one organization. */
export type TenantReader = Rows & { readonly [tenantReaderBrand]: true };
/** Reads of what a person may see before an organization is chosen. */
export type UserReader = Rows & { readonly [userReaderBrand]: true };
/** A transaction inside one organization. */
export type TenantDb = Knex.Transaction & TenantReader & { readonly [tenantBrand]: true };
/** A transaction that sees what a person may see before an organization is chosen. */
export type UserDb = Knex.Transaction & UserReader & { readonly [userBrand]: true };
/** A transaction inside one organization that sees one instant of it, however long it reads, and writes nothing. */
export type SnapshotDb = Knex.Transaction & TenantReader & { readonly [snapshotBrand]: true };
/** The relay's and the reconciler's transaction: outbox, command and execution rows of all organizations. */
export type ReconcileDb = Knex.Transaction & { readonly [reconcileBrand]: true };

/** The operator's transaction: people of all organizations. */
export type OwnerDb = Knex.Transaction & { readonly [ownerBrand]: true };

/** Never spans a call to the outside. A request's precondition and its key are settled in it (idempotency/scope.ts). */
export async function withTenant<T>(
  db: Database,
  tenant: Pick<TenantRef, 'org_id'>,
  work: (trx: TenantDb) => Promise<T>,
): Promise<T> {
  return await transact(db, { org_id: tenant.org_id, user_id: '' }, (trx) => work(trx as TenantDb));
}

export async function withUser<T>(
  db: Database,
  user_id: string,
  work: (trx: UserDb) => Promise<T>,
): Promise<T> {
  return await transact(db, { org_id: '', user_id }, (trx) => work(trx as UserDb));
}

/**
 * For answers that change nothing: no transaction is opened, so each statement costs one round trip and sees what is
 * committed when it begins, as it would in `withTenant`.
 */
export async function readTenant<T>(
  db: Database,
  tenant: Pick<TenantRef, 'org_id'>,
  work: (rows: TenantReader) => Promise<T>,
): Promise<T> {
  return await read(db, { org_id: tenant.org_id, user_id: '' }, (rows) => work(rows as TenantReader));
}

/** As `readTenant`, of what a person may see before an organization is chosen. */
export async function readUser<T>(
  db: Database,
  user_id: string,
  work: (rows: UserReader) => Promise<T>,
): Promise<T> {
  return await read(db, { org_id: '', user_id }, (rows) => work(rows as UserReader));
}

/** What a change depends on is read in the transaction of the change. */
async function read<T>(db: Database, asking: Asking, work: (rows: Rows) => Promise<T>): Promise<T> {
  return await translated(() => work(transactionOfChecks() ?? readAs(db, asking)));
}

/**
 * The operator's word, on the migrating connection: accounts of people, whatever organization they are in. `within`
 * goes on in one of those organizations, for its audit row.
 */
export async function withOwner<T>(
  db: Database,
  work: (trx: OwnerDb, within: (org_id: string) => Promise<TenantDb>) => Promise<T>,
): Promise<T> {
  return await translated(() =>
    db.transaction(async (trx) => {
      await trx.raw('set local role grc_owner');
      return await work(trx as OwnerDb, async (org_id) => {
        await trx.raw(`select set_config('app.org_id', ?, true)`, [org_id]);
        return trx as TenantDb;
      });
    }),
  );
}

/** On the `grc_report` connection: long reads of what reports are about. */
export async function withSnapshot<T>(
  db: Database,
  tenant: Pick<TenantRef, 'org_id'>,
  work: (trx: SnapshotDb) => Promise<T>,
): Promise<T> {
  const enter = [entering({ org_id: tenant.org_id, user_id: '' })];
  const config: EnteringConfig = { enter, isolationLevel: 'repeatable read', readOnly: true };
  return await translated(() => db.transaction((trx) => work(trx as SnapshotDb), config));
}

/** On the `grc_reconcile` connection only; any other role sees nothing through it. */
export async function withReconciler<T>(db: Database, work: (trx: ReconcileDb) => Promise<T>): Promise<T> {
  return await translated(() => db.transaction(async (trx) => await work(trx as ReconcileDb)));
}
