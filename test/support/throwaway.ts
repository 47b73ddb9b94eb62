// Folders of servers that only a test run needs. A run that is killed leaves them; the next one clears them away.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, stopProcess, type Running } from '../../local/process.js';

const PREFIX = 'sovereign-grc-test-';

export interface Throwaway {
  dir: string;
  /** The server works in the folder and ends with it. */
  keep<T extends Running>(part: T): T;
  remove(): Promise<void>;
}

export function makeThrowaway(): Throwaway {
  const dir = mkdtempSync(join(tmpdir(), `${PREFIX}${String(process.pid)}-`));
  // passable, because Postgres runs as another user when the tests run as root
  chmodSync(dir, 0o711);
  const running: Running[] = [];
  return {
    dir,
    keep(part) {
      running.push(part);
      writeFileSync(join(dir, 'pids'), running.map(({ pid }) => pid).join('\n'));
      return part;
    },
    async remove() {
      await Promise.all(running.map((part) => part.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Servers of runs that were killed: their folder names the run's pid, their pid list what to end. */
export async function sweepThrowaways(): Promise<void> {
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
