// One Postgres and one Temporal dev server for the whole run, with a migrated template that each test file clones.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync, chmodSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { freePort } from '../../local/ports.js';
import { ensureDatabase } from '../../local/postgres/databases.js';
import { startPostgres, type Postgres } from '../../local/postgres/server.js';
import { isAlive, stopProcess, type Running } from '../../local/process.js';
import { startTemporal } from '../../local/temporal/server.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { temporalCli } from '../../local/tools/temporal-cli.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the cluster's own database, as a role that may create others. */
    postgres_admin_url: string;
    template_database: string;
    temporal_address: string;
  }
}

const PREFIX = 'sovereign-grc-test-';
const TEMPLATE = 'grc_template';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dir = mkdtempSync(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  // passable, because Postgres runs as another user when the tests run as root
  chmodSync(dir, 0o711);
  const running: Running[] = [];
  const keep = <T extends Running>(part: T): T => {
    running.push(part);
    writeFileSync(join(dir, 'pids'), running.map(({ pid }) => pid).join('\n'));
    return part;
  };
  const teardown = async (): Promise<void> => {
    await Promise.all(running.map((part) => part.stop()));
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const [postgres, temporal] = await Promise.all([
      bringUpPostgres(dir).then(keep),
      bringUpTemporal(dir).then(keep),
    ]);
    project.provide('postgres_admin_url', postgres.url('postgres'));
    project.provide('template_database', TEMPLATE);
    project.provide('temporal_address', temporal.address);
    await prepareTemplate(postgres);
    return teardown;
  } catch (error) {
    await teardown();
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

/** Servers of runs that were killed: their folder names the run's pid, their pid list what to end. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : 0;
    if (owner === 0 || isAlive(owner)) continue;
    const dir = join(tmpdir(), name);
    for (const pid of pidsIn(dir)) {
      // the pid may belong to somebody else by now, so it must still be working in that folder
      if (worksIn(pid, dir)) await stopProcess(pid, [{ signal: 'SIGTERM', wait_ms: 2_000 }]);
    }
    rmSync(dir, { recursive: true, force: true });
  }
}

function pidsIn(dir: string): number[] {
  try {
    return readFileSync(join(dir, 'pids'), 'utf8').split('\n').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function worksIn(pid: number, dir: string): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes(dir);
  } catch {
    return false;
  }
}
