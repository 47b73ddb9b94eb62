// Keeps the parts of the stack running, and takes them down in order.
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, Problem } from '../problem.js';
import type { Born, Exit, Running } from '../process.js';
import { forgetPid, recordPid } from './pids.js';

export interface Part {
  /** Of the pid file. */
  name: string;
  /** The rest goes on without it: it is tried again for as long as it takes. */
  optional?: boolean;
  /** @param born must be told of the process at once: a kill of ours would leave it to nobody */
  start(born: Born): Promise<Running>;
}

export interface SupervisorOptions {
  run_dir: string;
  /** Names in the order in which they are stopped; others come first. */
  stop_order: readonly string[];
  warn: (line: string) => void;
  /** A part cannot be kept up. */
  fatal: (problem: Problem) => void;
}

export interface Supervisor {
  start(part: Part): Promise<void>;
  stopAll(): Promise<void>;
}

const MAX_QUICK_DEATHS = 5;
/** Who lived this long was not broken from the beginning. */
const QUICK_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 60_000;

interface Supervised {
  part: Part;
  /** The running process, or the attempt to start it. */
  current: Promise<Running>;
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const supervised = new Map<string, Supervised>();
  let stopping = false;

  const startPart = (part: Part): Promise<Running> =>
    part.start((pid) => recordPid(options.run_dir, part.name, pid));

  const watch = async (entry: Supervised, first: Running): Promise<void> => {
    const { name } = entry.part;
    let running: Running | undefined = first;
    let began = Date.now();
    let quick_deaths = 0;
    let reason = '';
    while (!stopping) {
      if (running !== undefined) {
        reason = describe(await running.exited);
        if (isStopping()) return;
      }
      // An attempt that never got it running counts, however long it took.
      const quick = running === undefined || Date.now() - began < QUICK_MS;
      quick_deaths = quick ? quick_deaths + 1 : 0;
      if (quick_deaths >= MAX_QUICK_DEATHS && entry.part.optional !== true) {
        options.fatal(new Problem(`${name} ended ${String(quick_deaths)} times in a row: ${reason}`));
        return;
      }
      const pause_ms = Math.min(FIRST_PAUSE_MS * 2 ** quick_deaths, LONGEST_PAUSE_MS);
      options.warn(`${name} ended (${reason}); starting it again in ${(pause_ms / 1000).toFixed(1)} s`);
      await sleep(pause_ms);
      if (isStopping()) return;
      entry.current = startPart(entry.part);
      try {
        running = await entry.current;
        began = Date.now();
        options.warn(`${name} runs again (pid ${String(running.pid)})`);
      } catch (error) {
        running = undefined;
        reason = messageOf(error);
      }
    }
  };

  // A function, because the compiler would take the flag for unchanged across the waits above.
  const isStopping = (): boolean => stopping;

  return {
    async start(part) {
      const entry: Supervised = { part, current: startPart(part) };
      supervised.set(part.name, entry);
      const running = await entry.current;
      void watch(entry, running);
    },
    async stopAll() {
      stopping = true;
      const rank = (name: string): number => options.stop_order.indexOf(name);
      const names = [...supervised.keys()].toSorted((a, b) => rank(a) - rank(b));
      for (const name of names) {
        const running = await supervised.get(name)?.current.catch(() => undefined);
        await running?.stop();
        forgetPid(options.run_dir, name);
      }
    },
  };
}

function describe(exit: Exit): string {
  if (exit.signal !== null) return exit.signal;
  return exit.code === null ? 'gone' : `exit code ${String(exit.code)}`;
}
