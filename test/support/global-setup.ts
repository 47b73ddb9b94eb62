// One Postgres and one Temporal dev server for the whole run, with a migrated template that each test file clones.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../local/ports.js';
import { ensureDatabase } from '../../local/postgres/databases.js';
import { startPostgres, type Postgres } from '../../local/postgres/server.js';
import { startTemporal } from '../../local/temporal/server.js';
import { opaProgram } from '../../local/tools/opa.js';
import { startOpa } from '../../local/opa/server.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { temporalCli } from '../../local/tools/temporal-cli.js';
import { makeThrowaway, sweepThrowaways } from './throwaway.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the cluster's own database, as a role that may create others. */
    postgres_admin_url: string;
    template_database: string;
    temporal_address: string;
    /** Of one policy engine for all: what an organization loads into it, no other one meets. */
    opa_url: string;
  }
}

const TEMPLATE = 'grc_template';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepThrowaways();
  const folder = makeThrowaway();
  try {
    const [postgres, temporal, opa] = await Promise.all([
      bringUpPostgres(folder.dir).then((part) => folder.keep(part)),
      bringUpTemporal(folder.dir).then((part) => folder.keep(part)),
      bringUpOpa(folder.dir).then((part) => folder.keep(part)),
    ]);
    project.provide('postgres_admin_url', postgres.url('postgres'));
    project.provide('template_database', TEMPLATE);
    project.provide('temporal_address', temporal.address);
    project.provide('opa_url', opa.url);
    await prepareTemplate(postgres);
    return () => folder.remove();
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function bringUpPostgres(dir: string): Promise<Postgres> {
  const password = randomBytes(12).toString('hex');
  return startPostgres({ dataDir: join(dir, 'postgres'), port: await freePort(), password, throwaway: true });
}

async function bringUpTemporal(dir: string): ReturnType<typeof startTemporal> {
  const program = await temporalCli({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: reporter(),
  });
  return startTemporal({
    program,
    dbFile: join(dir, 'temporal.db'),
    port: await freePort(),
    throwaway: true,
  });
}

async function bringUpOpa(dir: string): ReturnType<typeof startOpa> {
  const program = await opaProgram({
    tools_dir: defaultToolsDir(process.env),
    env: process.env,
    progress: reporter(),
  });
  return startOpa({ program, socket: join(dir, 'opa.sock'), log_file: join(dir, 'opa.log') });
}

async function prepareTemplate(postgres: Postgres): Promise<void> {
  const { migrate } = await import('../../db/migrate.js');
  await ensureDatabase(postgres.url('postgres'), TEMPLATE);
  await migrate(postgres.url(TEMPLATE));
  const { seedCatalogues } = await import('../../db/seeds/frameworks.js');
  await seedCatalogues(postgres.url(TEMPLATE));
}

/** A build says every 15 seconds that it is alive. */
function reporter(): (line: string) => void {
  let last = 0;
  return (line) => {
    if (Date.now() - last < 15_000) return;
    last = Date.now();
    process.stderr.write(`${line}\n`);
  };
}
