// Restarting, giving up, stopping in order, and what a killed run leaves.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from '../../local/lock.js';
import type { Problem } from '../../local/problem.js';
import { isAlive, launch, stopProcess, waitUntil, type Born, type Running } from '../../local/process.js';
import { recordPid, stopOrphans } from '../../local/supervisor/pids.js';
import { createSupervisor, type Part, type Supervisor } from '../../local/supervisor/supervisor.js';

let dir: string;
let warnings: string[];
let fatal: Problem | undefined;
let supervisor: Supervisor;
let stopped: string[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grc-supervisor-'));
  [warnings, stopped, fatal] = [[], [], undefined];
  supervisor = createSupervisor({
    run_dir: dir,
    stop_order: ['first', 'second'],
    warn: (line) => warnings.push(line),
    fatal: (problem) => (fatal = problem),
  });
});
afterEach(async () => {
  await supervisor.stopAll();
  rmSync(dir, { recursive: true, force: true });
});

async function run(script: string, born?: Born): Promise<Running> {
  const launched = await launch({
    command: '/bin/sh',
    args: ['-c', script],
    env: {},
    cwd: dir,
    log_file: join(dir, 'log'),
    born,
  });
  return { ...launched, stop: () => stopProcess(launched.pid, [{ signal: 'SIGTERM', wait_ms: 2_000 }]) };
}

function part(name: string, script = 'exec sleep 60'): Part {
  return {
    name,
    async start(born) {
      const running = await run(script, born);
      return {
        ...running,
        stop: () => {
          stopped.push(name);
          return running.stop();
        },
      };
    },
  };
}

function pidOf(name: string): number {
  return Number(readFileSync(join(dir, `${name}.pid`), 'utf8'));
}

describe('the supervisor', () => {
  it('starts a killed part again, with a line and a new pid file', async () => {
    await supervisor.start(part('first'));
    const before = pidOf('first');
    process.kill(before, 'SIGKILL');
    expect(await waitUntil(() => pidOf('first') !== before, 5_000)).toBe(true);
    expect(isAlive(pidOf('first'))).toBe(true);
    expect(warnings[0]).toMatch(/^first ended \(SIGKILL\); starting it again/);
  });

  it('knows of a part that is not ready yet, for whoever has to end it', async () => {
    const coming: Part = {
      name: 'first',
      async start(born) {
        const running = await run('exec sleep 60', born);
        await new Promise((ready) => setTimeout(ready, 500));
        return running;
      },
    };
    const starting = supervisor.start(coming);
    expect(await waitUntil(() => readdirSync(dir).includes('first.pid'), 5_000)).toBe(true);
    const pid = pidOf('first');
    expect(await stopOrphans(dir, ['first'])).toEqual(['first']);
    expect(isAlive(pid)).toBe(false);
    await starting;
  });

  it('gives up after five quick deaths and says the reason', async () => {
    await supervisor.start(part('first', 'exit 7'));
    expect(await waitUntil(() => fatal !== undefined, 15_000)).toBe(true);
    expect(fatal?.message).toBe('first ended 5 times in a row: exit code 7');
    expect(warnings.filter((line) => line.includes('ended'))).toHaveLength(4);
  }, 20_000);

  it('goes on trying with a part that the others can do without', async () => {
    await supervisor.start({ ...part('first', 'exit 7'), optional: true });
    expect(await waitUntil(() => warnings.filter((line) => line.includes('ended')).length >= 5, 30_000)).toBe(
      true,
    );
    expect(fatal).toBeUndefined();
  }, 40_000);

  it('stops the parts in order and leaves no process and no pid file', async () => {
    await supervisor.start(part('second'));
    await supervisor.start(part('first'));
    const pids = [pidOf('first'), pidOf('second')];
    await supervisor.stopAll();
    expect(stopped).toEqual(['first', 'second']);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(readdirSync(dir)).toEqual(['log']);
  });
});

describe('what a killed run left', () => {
  it('is ended when it is really ours, and left alone when the pid is somebody else by now', async () => {
    const ours = await run('exec sleep 60');
    const other = await run('exec sleep 60');
    recordPid(dir, 'first', ours.pid);
    writeFileSync(join(dir, 'second.pid'), `${String(other.pid)}\n`);
    writeFileSync(join(dir, 'second.started'), `${String(other.pid)} before.1\n`);
    expect(await stopOrphans(dir, ['first', 'second'])).toEqual(['first']);
    expect([isAlive(ours.pid), isAlive(other.pid)]).toEqual([false, true]);
    expect(readdirSync(dir)).toEqual(['log']);
    await other.stop();
  });
});

describe('the lock on a data directory', () => {
  it('is held once, given back, and taken over from a dead holder', () => {
    const file = join(dir, 'stack.lock');
    const first = tryLock(file);
    expect(first.held).toBe(true);
    expect(tryLock(file)).toEqual({ held: false, holder: { pid: process.pid } });
    if (first.held) first.release();
    for (const stale of ['999999999 before.1\n', `${String(process.pid)} before.1\n`, '']) {
      writeFileSync(file, stale);
      const next = tryLock(file);
      expect(next.held).toBe(true);
      if (next.held) next.release();
    }
    expect(readdirSync(dir)).toEqual([]);
  });
});
