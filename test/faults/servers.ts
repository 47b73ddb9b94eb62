// Servers that a test may kill and start again: same port, same data.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { connect } from '../../db/connection.js';
import { migrate } from '../../db/migrate.js';
import { appUrl, reconcileUrl, reportUrl } from '../../db/roles.js';
import { seedCatalogues } from '../../db/seeds/frameworks.js';
import { freePort } from '../../local/ports.js';
import { ensureDatabase } from '../../local/postgres/databases.js';
import { startPostgres } from '../../local/postgres/server.js';
import type { Running } from '../../local/process.js';
import { startTemporal } from '../../local/temporal/server.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { temporalCli } from '../../local/tools/temporal-cli.js';
import type { TestDatabase } from '../support/database.js';
import { makeThrowaway, type Throwaway } from '../support/throwaway.js';

export interface MortalServer {
  port: number;
  /** kill -9 of the server process; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves when it serves again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMortalTemporal(): Promise<MortalServer & { address: string }> {
  const program = await temporalCli({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: () => undefined,
  });
  const folder = makeThrowaway();
  const port = await freePort();
  const dbFile = join(folder.dir, 'temporal.db');
  const server = await mortal(folder, port, () => startTemporal({ program, dbFile, port }));
  return { ...server, address: `127.0.0.1:${String(port)}` };
}

/** A cluster with one database, migrated and with the built-in catalogues. */
export async function startMortalPostgres(): Promise<MortalServer & { database: TestDatabase }> {
  const folder = makeThrowaway();
  const port = await freePort();
  const password = randomBytes(12).toString('hex');
  const dataDir = join(folder.dir, 'postgres');
  // what was acknowledged has to be on the disk, so this one does wait for it
  const server = await mortal(folder, port, () => startPostgres({ dataDir, port, password }));
  const owner_url = `postgres://postgres:${password}@127.0.0.1:${String(port)}/grc`;
  await ensureDatabase(owner_url.replace(/grc$/, 'postgres'), 'grc');
  await migrate(owner_url);
  await seedCatalogues(owner_url);
  const db = connect({
    url: appUrl(owner_url),
    pool_max: 4,
    application_name: 'test',
    on_trouble: () => undefined, // it is what the test is about
  });
  const database = {
    owner_url,
    app_url: appUrl(owner_url),
    reconcile_url: reconcileUrl(owner_url),
    report_url: reportUrl(owner_url),
    db,
    drop: () => db.destroy(), // the data goes with its folder
  };
  return {
    ...server,
    database,
    async stop() {
      await database.drop();
      await server.stop();
    },
  };
}

async function mortal(folder: Throwaway, port: number, start: () => Promise<Running>): Promise<MortalServer> {
  let running: Running;
  try {
    running = folder.keep(await start());
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return {
    port,
    async kill() {
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
    },
    async restart() {
      running = folder.keep(await start());
    },
    stop: () => folder.remove(),
  };
}
