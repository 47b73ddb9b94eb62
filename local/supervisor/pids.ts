// Which process is which part, for people and for the next start.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startedAt, stopProcess, writePrivate } from '../process.js';

/** Beside `<name>.pid`, because a pid alone may belong to another process after a crash. */
const IDENTITY = '.started';

export function recordPid(run_dir: string, name: string, pid: number): void {
  writePrivate(join(run_dir, `${name}${IDENTITY}`), `${String(pid)} ${startedAt(pid) ?? ''}\n`);
  writePrivate(join(run_dir, `${name}.pid`), `${String(pid)}\n`);
}

export function forgetPid(run_dir: string, name: string): void {
  rmSync(join(run_dir, `${name}.pid`), { force: true });
  rmSync(join(run_dir, `${name}${IDENTITY}`), { force: true });
}

/** Ends what a killed run left, in the given order and then the rest; answers the names of those that still ran. */
export async function stopOrphans(run_dir: string, order: readonly string[]): Promise<string[]> {
  const found = readdirSync(run_dir)
    .filter((file) => file.endsWith('.pid'))
    .map((file) => file.slice(0, -'.pid'.length));
  const names = [
    ...order.filter((name) => found.includes(name)),
    ...found.filter((name) => !order.includes(name)),
  ];
  const stopped: string[] = [];
  for (const name of names) {
    const pid = livingPid(run_dir, name);
    if (pid !== undefined) {
      // Postgres takes SIGINT as a fast shutdown; the others take it as SIGTERM. Node parts may wait for open work
      // that nobody wants any more, so they get little time.
      await stopProcess(pid, [{ signal: 'SIGINT', wait_ms: name === 'postgres' ? 15_000 : 2_000 }]);
      stopped.push(name);
    }
    forgetPid(run_dir, name);
  }
  return stopped;
}

function livingPid(run_dir: string, name: string): number | undefined {
  try {
    const [pid, started] = readFileSync(join(run_dir, `${name}${IDENTITY}`), 'utf8')
      .trim()
      .split(' ');
    return started !== undefined && startedAt(Number(pid)) === started ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}
