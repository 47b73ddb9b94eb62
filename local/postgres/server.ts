// Postgres as a supervised child process: see libraries.md 2.1 for why the package's own wrapper is not used.
import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loggedProblem, Problem } from '../problem.js';
import {
  launch,
  startedAt,
  stopProcess,
  tail,
  waitUntil,
  type Born,
  type Launched,
  type Running,
} from '../process.js';
import { serverAccount } from './account.js';
import { findPostgres } from './binaries.js';
import { ensureCluster } from './data-directory.js';

export interface PostgresOptions {
  dataDir: string;
  port: number;
  password: string;
  /** Default: beside the data directory. */
  logFile?: string;
  /** A cluster that nobody will miss (tests): no waiting for the disk. */
  throwaway?: boolean;
  warn?: (line: string) => void;
  born?: Born | undefined;
}

export interface Postgres extends Running {
  version: string;
  url: (database: string) => string;
}

/** Fast shutdown, then immediate; each leaves the data intact. */
const STOP_STEPS = [
  { signal: 'SIGINT', wait_ms: 15_000 },
  { signal: 'SIGQUIT', wait_ms: 5_000 },
] as const;

const READY_TIMEOUT_MS = 120_000; // crash recovery after a long run may take its time

/** Makes the cluster if there is none, stops a server that an earlier run left on it, and starts one. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const data_dir = resolve(options.dataDir);
  const account = serverAccount();
  const programs = await findPostgres(account);
  const warn = options.warn ?? (() => undefined);
  await stopLeftover(data_dir);
  const place = await ensureCluster({ programs, data_dir, password: options.password, account, warn });
  const start = (): Promise<Launched> =>
    launch({
      command: programs.postgres,
      args: ['-D', place.argument, ...settings(options)],
      env: { LC_ALL: 'C', TZ: 'UTC' },
      cwd: data_dir,
      log_file: options.logFile ?? `${data_dir}.log`,
      account: place.account,
      born: options.born,
    });
  const launched = await untilReady(start, data_dir, options.port);
  return {
    pid: launched.pid,
    exited: launched.exited,
    version: programs.version,
    url: (database) =>
      `postgres://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${String(options.port)}/${database}`,
    stop: () => stopProcess(launched.pid, STOP_STEPS),
  };
}

function settings(options: PostgresOptions): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Commits stay synchronous: what was acknowledged must survive a kill of the server in tests as well.
    ...(options.throwaway === true ? { fsync: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function untilReady(start: () => Promise<Launched>, data_dir: string, port: number): Promise<Launched> {
  for (let attempt = 1; ; attempt += 1) {
    const launched = await start();
    let ended = false;
    void launched.exited.then(() => (ended = true));
    const ready = (): boolean => {
      const lock = readPostmasterPid(data_dir);
      return ended || (lock?.pid === launched.pid && lock.ready);
    };
    const in_time = await waitUntil(ready, READY_TIMEOUT_MS, 10);
    if (in_time && !ended) return launched;
    if (!in_time) {
      await stopProcess(launched.pid, STOP_STEPS);
      throw new Problem(
        `Postgres was not ready within ${String(READY_TIMEOUT_MS / 1000)} s: ${tail(launched.log())}`,
      );
    }
    // After a kill -9 the children of the old server need a moment to notice.
    if (attempt < 50 && /pre-existing shared memory block/.test(launched.log())) await sleep(200);
    else throw startProblem(launched.log(), data_dir, port);
  }
}

function startProblem(log: string, data_dir: string, port: number): Problem {
  if (/could not bind|Address already in use/.test(log)) {
    return new Problem(`Port ${String(port)} is taken. Free it, or set POSTGRES_PORT to another one.`);
  }
  const fatal = log.split('\n').find((line) => /FATAL|PANIC/.test(line)) ?? tail(log);
  return new Problem(loggedProblem(log, data_dir) ?? `Postgres ended at once: ${fatal}`);
}

interface PostmasterPid {
  pid: number;
  ready: boolean;
}

function readPostmasterPid(data_dir: string): PostmasterPid | undefined {
  try {
    const lines = readFileSync(join(data_dir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
  } catch {
    return undefined;
  }
}

/** After a kill -9 of our parent the server lives on, or its lock file names a pid that now is somebody else. */
async function stopLeftover(data_dir: string): Promise<void> {
  const lock = readPostmasterPid(data_dir);
  if (lock === undefined || startedAt(lock.pid) === undefined) return;
  switch (serves(lock.pid, data_dir)) {
    case 'yes':
      await stopProcess(lock.pid, STOP_STEPS);
      return;
    case 'no':
      rmSync(join(data_dir, 'postmaster.pid'), { force: true });
      return;
    case 'unknown':
      throw new Problem(
        `Postgres with pid ${String(lock.pid)} already serves ${data_dir}. Stop it, or set DATA_DIR or DATABASE_URL.`,
      );
  }
}

function serves(pid: number, data_dir: string): 'yes' | 'no' | 'unknown' {
  try {
    if (process.platform !== 'linux') {
      const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
      return command.includes('postgres') && command.includes(data_dir) ? 'yes' : 'no';
    }
    if (readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trim() !== 'postgres') return 'no';
    return readlinkSync(`/proc/${String(pid)}/cwd`) === realpathSync(data_dir) ? 'yes' : 'no';
  } catch {
    return 'unknown';
  }
}
