// Starting, recognizing and ending other processes.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, messageOf, Problem } from './problem.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process that runs: our child, or one that an earlier run left. */
export interface Running {
  pid: number;
  exited: Promise<Exit>;
  stop(): Promise<void>;
}

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

export interface LaunchOptions {
  command: string;
  args: readonly string[];
  /** Replaces the environment, so that each process gets only what it is meant to have. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  log_file: string;
  account?: Account | undefined;
  /** Told as soon as there is a process, long before it is ready. */
  born?: Born | undefined;
}

export type Born = (pid: number) => void;

export interface Launched {
  pid: number;
  exited: Promise<Exit>;
  /** What the process has written into its log so far. */
  log(): string;
}

const LOG_LIMIT_BYTES = 20_000_000;

/**
 * Starts a process in a session of its own: a Ctrl-C at the terminal reaches only the supervisor, which then stops
 * the parts in order. Output goes to a file, not a pipe, because a pipe would break when the supervisor is killed.
 */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const offset = sizeOf(options.log_file);
  const log = openSync(options.log_file, offset > LOG_LIMIT_BYTES ? 'w' : 'a', 0o600);
  const from = offset > LOG_LIMIT_BYTES ? 0 : offset;
  try {
    const { account } = options;
    const child = spawn(options.command, options.args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', log, log],
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) =>
        reject(new Problem(`${options.command} cannot be started: ${messageOf(error)}`)),
      );
    });
    const { pid } = child;
    if (pid === undefined) throw new Problem(`${options.command} cannot be started`);
    options.born?.(pid);
    return { pid, exited, log: () => readLog(options.log_file, from) };
  } finally {
    closeSync(log);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function readLog(file: string, from: number): string {
  return readFileSync(file).subarray(from).toString('utf8');
}

/** The last lines that say something, for an error message. */
export function tail(log: string, lines = 3): string {
  const said = log.split('\n').filter((line) => line.trim() !== '');
  return said.slice(-lines).join(' | ').slice(-600);
}

let boot_id: string | undefined;

/**
 * When the process began, as the system counts it; undefined when it is not running (a zombie is not). Together with
 * the pid this names a process for good, while a pid alone may have been given to another one since.
 */
export function startedAt(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return undefined;
  }
  return process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
}

export function isAlive(pid: number): boolean {
  return startedAt(pid) !== undefined;
}

function linuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets itself, so the fields are counted from the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X' || start === undefined) return undefined;
    boot_id ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
    return `${boot_id}.${start}`;
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.split(/\s+/).slice(1).join('_');
  } catch {
    return undefined;
  }
}

export function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

export function isShell(pid: number): boolean {
  try {
    return /^(sh|dash|bash|zsh)$/.test(readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trim());
  } catch {
    return false;
  }
}

/** Polls until `done` is true; false when the time is over. */
export async function waitUntil(
  done: () => boolean | Promise<boolean>,
  timeout_ms: number,
  every_ms = 20,
): Promise<boolean> {
  const deadline = Date.now() + timeout_ms;
  for (;;) {
    if (await done()) return true;
    if (Date.now() >= deadline) return false;
    await sleep(every_ms);
  }
}

export interface StopStep {
  signal: NodeJS.Signals;
  wait_ms: number;
}

/** Ends a process by ever stronger signals and returns when it is gone. */
export async function stopProcess(pid: number, steps: readonly StopStep[]): Promise<void> {
  const started = startedAt(pid);
  const gone = (): boolean => started === undefined || startedAt(pid) !== started;
  for (const step of [...steps, { signal: 'SIGKILL', wait_ms: 5_000 } as const]) {
    if (gone()) return;
    sendSignal(pid, step.signal);
    if (await waitUntil(gone, step.wait_ms)) return;
  }
  throw new Problem(`Process ${String(pid)} does not end, not even by SIGKILL.`);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** A file that nobody but its owner may read, at no moment. */
export function writePrivate(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
