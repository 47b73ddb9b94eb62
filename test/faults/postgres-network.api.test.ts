// R9: the link to Postgres is a black hole, is slow, is reset in the middle of COMMIT. No acknowledged write is lost,
// none that was refused is there, the API says 503 in time and heals, and no process ends.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withTenant } from '../../db/tenancy.js';
import { withClient } from '../../local/postgres/databases.js';
import { startOwnTemporal, type TestTemporal } from '../support/temporal.js';
import { BLACK_HOLE, latency, type Link, type Network, RESET, startNetwork } from '../support/toxiproxy.js';
import { drill } from './drill.js';
import { startMortalPostgres } from './servers.js';
import { eventually, install, type Installation } from './stage.js';

/** A machine that never ran them builds Toxiproxy first. */
const SETUP_MS = 300_000;

let temporal: TestTemporal;
let postgres: Awaited<ReturnType<typeof startMortalPostgres>>;
let network: Network;
let link: Link;
let its: Installation;

beforeAll(async () => {
  [temporal, postgres, network] = await Promise.all([
    startOwnTemporal(),
    startMortalPostgres(),
    startNetwork(),
  ]);
  link = await network.link('postgres', postgres.port);
  its = await install({
    database: postgres.database,
    temporal_address: temporal.address,
    postgres_link: link.port,
  });
  await its.startWorker();
}, SETUP_MS);
afterAll(async () => {
  await its.stop();
  await Promise.all([temporal.close(), postgres.stop(), network.stop()]);
});

test('a black hole', { timeout: 240_000 }, async () => {
  await drill(its, { hurt: () => link.poison(BLACK_HOLE), heal: () => link.heal() });
});

test('two seconds of latency', { timeout: 240_000 }, async () => {
  await drill(its, { hurt: () => link.poison(latency(1_000)), heal: () => link.heal() });
});

test('resets in the middle of COMMIT', { timeout: 240_000 }, async () => {
  const { owner_url, db } = postgres.database;
  await withClient(owner_url, async (client) => {
    // a COMMIT of an assessment waits here while the lock is taken, longer than the role waits for locks of its own
    await client.query(`create function gate() returns trigger language plpgsql set lock_timeout = '30s' as
      $$ begin perform pg_advisory_xact_lock_shared(9); return null; end $$`);
    await client.query(`create constraint trigger gate after insert on assessment
      deferrable initially deferred for each row execute function gate()`);
    const committing = async (): Promise<true | undefined> => {
      const { rowCount } = await client.query(
        `select 1 from pg_stat_activity
         where application_name = 'grc-api' and wait_event = 'advisory' and query ilike 'commit%'`,
      );
      return rowCount !== 0 || undefined;
    };
    const operations = await drill(its, {
      async hurt() {
        await client.query('select pg_advisory_lock(9)');
        await eventually('a COMMIT at the gate', committing);
        // what the server answers from now on, first of all that it has committed, cuts the connection
        await link.poison(RESET, ['downstream']);
        await client.query('select pg_advisory_unlock(9)');
      },
      heal: () => link.heal(),
    });
    // the commit went through although nobody was told so
    const untold = operations.filter(({ kind, outcome }) => kind === 'assessment' && outcome === 'unknown');
    const names = untold.map(({ key }) => key);
    const there = await withTenant(db, { org_id: its.org.id }, (trx) =>
      trx('assessment').whereIn('name', names).pluck('name'),
    );
    expect(there.length).toBeGreaterThan(0);
  });
});
