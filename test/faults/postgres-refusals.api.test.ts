// R9: the postmaster is killed under load, the database becomes read-only, it has no connection left. No acknowledged
// write is lost, none that was refused is there, the API says 503 in time and heals, and no process ends.
import { afterAll, beforeAll, test } from 'vitest';
import { withClient } from '../../local/postgres/databases.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { drill } from './drill.js';
import { startMortalPostgres } from './servers.js';
import { install, type Installation } from './stage.js';

let temporal: TestTemporal;
let postgres: Awaited<ReturnType<typeof startMortalPostgres>>;
let its: Installation;

beforeAll(async () => {
  [temporal, postgres] = await Promise.all([startOwnTemporal(), startMortalPostgres()]);
  its = await install({ database: postgres.database, temporal_address: temporal.address });
  await its.startWorker();
});
afterAll(async () => {
  await its.stop();
  await Promise.all([temporal.close(), postgres.stop()]);
});

/** As superuser, one statement after the other. */
async function say(...statements: string[]): Promise<void> {
  await withClient(postgres.database.owner_url, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

test('kill -9 of the postmaster', { timeout: 240_000 }, async () => {
  await drill(its, { hurt: () => postgres.kill(), heal: () => postgres.restart() });
});

test('read-only', { timeout: 240_000 }, async () => {
  const set = (value: 'on' | 'off') => (): Promise<void> =>
    say(
      'set default_transaction_read_only = off',
      `alter system set default_transaction_read_only = ${value}`,
      'select pg_reload_conf()',
    );
  await drill(its, { hurt: set('on'), heal: set('off') });
});

test('too many connections', { timeout: 240_000 }, async () => {
  await drill(its, {
    hurt: () =>
      say(
        'alter role grc_app connection limit 0',
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'grc_app'",
      ),
    heal: () => say('alter role grc_app connection limit -1'),
  });
});
