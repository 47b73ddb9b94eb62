// The application's database roles. None is owner, superuser or BYPASSRLS.
import { createHmac } from 'node:crypto';
import type pg from 'pg';

/** Each may wait so long for one statement; only reports read for longer than a request may last. */
const LOGIN_ROLES = [
  { role: 'grc_app', statement_timeout: '5s' },
  { role: 'grc_reconcile', statement_timeout: '5s' },
  { role: 'grc_report', statement_timeout: '60s' },
] as const;

/** The application's URL, derived from the migrating one, unless the operator names it. */
export function appUrl(database_url: string): string {
  return roleUrl(database_url, 'grc_app');
}

/** For the relay and the reconciler only. */
export function reconcileUrl(database_url: string): string {
  return roleUrl(database_url, 'grc_reconcile');
}

/** For the long reads of reports only. */
export function reportUrl(database_url: string): string {
  return roleUrl(database_url, 'grc_report');
}

/** The same database as another role, whose password follows from the one given. */
export function roleUrl(database_url: string, role: string): string {
  const url = new URL(database_url);
  url.password = passwordOf(url, role);
  url.username = role;
  return url.toString();
}

function passwordOf(url: URL, role: string): string {
  return createHmac('sha256', decodeURIComponent(url.password)).update(role).digest('hex');
}

/** Idempotent; several processes may call it at once (roles are global to the cluster). */
export async function ensureRoles(client: pg.Client, database_url: string): Promise<void> {
  for (const role of ['grc_owner', 'grc_audit_read', ...LOGIN_ROLES.map(({ role }) => role)]) {
    await client.query(`do $$ begin
      create role ${role} nologin nosuperuser nocreatedb nocreaterole nobypassrls;
    exception when duplicate_object or unique_violation then null; end $$`);
  }
  const url = new URL(database_url);
  for (const { role, statement_timeout } of LOGIN_ROLES) {
    // hex only, so it needs no quoting; ALTER ROLE takes no bind parameters
    await client.query(`alter role ${role} login password '${passwordOf(url, role)}'`);
    await client.query(`alter role ${role} set statement_timeout = '${statement_timeout}'`);
    await client.query(`alter role ${role} set lock_timeout = '2s'`);
    await client.query(`alter role ${role} set idle_in_transaction_session_timeout = '10s'`);
  }
  await client.query('grant grc_owner to current_user');
  const { rows } = await client.query<{ db: string }>('select quote_ident(current_database()) as db');
  await client.query(`grant create, connect on database ${rows[0]?.db ?? ''} to grc_owner`);
  await client.query('grant usage, create on schema public to grc_owner');
  await client.query('grant usage on schema public to grc_app, grc_reconcile, grc_report, grc_audit_read');
}
