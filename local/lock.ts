// A lock as a file. Unlike a database's it also works before anything runs; a holder that died does not keep it.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './problem.js';
import { startedAt, writePrivate } from './process.js';

export interface Holder {
  pid: number;
}

export type LockAttempt = { held: true; release: () => void } | { held: false; holder: Holder };

/** Takes the lock, or says which living process has it. */
export function tryLock(file: string): LockAttempt {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${String(process.pid)} ${startedAt(process.pid) ?? ''}\n`;
  const draft = `${file}.${String(process.pid)}`;
  writePrivate(draft, mine);
  try {
    for (;;) {
      // Linking makes the file appear with its content, so nobody ever reads an empty lock.
      if (linked(draft, file)) return { held: true, release: () => releaseOwn(file, mine) };
      const text = read(file);
      if (text === undefined) continue;
      const holder = livingHolder(text);
      if (holder !== undefined) return { held: false, holder };
      removeStale(file, text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function linked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function livingHolder(text: string): Holder | undefined {
  const [pid, started] = text.trim().split(' ');
  return started !== undefined && startedAt(Number(pid)) === started ? { pid: Number(pid) } : undefined;
}

/** Moved away before it is looked at again: of two that saw the same stale lock, one must not remove the other's. */
function removeStale(file: string, text: string): void {
  const aside = `${file}.stale.${String(process.pid)}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (read(aside) !== text) linked(aside, file);
  rmSync(aside, { force: true });
}

function releaseOwn(file: string, mine: string): void {
  if (read(file) === mine) rmSync(file, { force: true });
}

/** Waits for the lock, does the work, gives it back. */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  waiting: (holder: Holder) => void,
): Promise<T> {
  for (;;) {
    const attempt = tryLock(file);
    if (attempt.held) {
      try {
        return await work();
      } finally {
        attempt.release();
      }
    }
    waiting(attempt.holder);
    await sleep(500);
  }
}
