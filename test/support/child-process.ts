// One of our processes as a process of its own, so that it can be killed like one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface ChildProcess {
  pid: number;
  /** Resolves when it says that it works. */
  ready: Promise<void>;
  /** What it has written last. */
  output(): string;
  /** kill -9, or what is asked for; resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Enough to see why it died, and not more than a test report can bear. */
const KEPT = 200_000;

/** @param ready_word what its log holds once it works */
export function startChild(entry: string, env: Record<string, string>, ready_word: string): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, entry)], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit');
  let output = '';
  let works = false;
  const ready = new Promise<void>((done, fail) => {
    const listen = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-KEPT);
      works ||= output.includes(ready_word);
      if (works) done();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', () => fail(new Error(`${entry} ended: ${output.slice(-2000)}`)));
  });
  ready.catch(() => undefined); // whoever awaits it is told; a killed one nobody awaits
  return {
    pid: child.pid ?? 0,
    ready,
    output: () => output,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await gone;
    },
  };
}
