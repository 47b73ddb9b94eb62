// Work in a process of its own: what it is given can cost that process, never the worker.
import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Answer, Failure, Limits } from './types.js';

export interface IsolatedProcess {
  /**
   * Throws only the signal's reason. The process is ended after every failure.
   * @param fresh in a process that has done nothing before
   */
  run(job: unknown, limits: Limits, signal: AbortSignal, fresh?: boolean): Promise<Answer>;
  /** Ends the process; the next job starts another. */
  drop(): void;
}

const message = z.union([
  z.object({ failure: z.enum(['memory', 'time', 'thread', 'exit', 'send']) }),
  z.object({ value: z.unknown() }),
]);

function start(entry: URL): ChildProcess {
  const source = import.meta.url.endsWith('.ts');
  // From sources the child needs the loader too, wherever the parent was started.
  const loader = source
    ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
    : [];
  const started = fork(`${fileURLToPath(entry)}${source ? '.ts' : '.js'}`, [], {
    execArgv: loader,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // What it does needs no secrets. Of a heap per thread each keeps what it once had; one is given back sooner.
    env: { MALLOC_ARENA_MAX: '1' },
  });
  // A child killed in the middle of a message reports a broken pipe; its exit says the same.
  started.on('error', () => undefined);
  // It must not keep the worker from ending.
  started.unref();
  started.channel?.unref();
  return started;
}

function once(child: ChildProcess, job: unknown, limits: Limits, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const settle = (answer: Answer): void => {
      done.abort();
      clearTimeout(timer);
      for (const event of ['message', 'exit'] as const) child.removeAllListeners(event);
      resolve(answer);
    };
    const fail = (failure: Failure): void => settle({ failure });
    const timer = setTimeout(() => fail('time'), limits.timeout_ms);
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason);
        fail('exit');
      },
      { once: true, signal: done.signal },
    );
    child.once('message', (said) => settle(message.safeParse(said).data ?? { failure: 'exit' }));
    child.once('exit', () => fail('exit'));
    child.send({ job, limits }, (error) => {
      if (error !== null) fail('send');
    });
  });
}

/**
 * @param entry the process's module without its ending, as a URL
 * @param clean whether the process may be used again after what it said; parsers keep what they cache
 */
export function createIsolatedProcess(
  entry: URL,
  clean: (value: unknown, jobs: number) => boolean,
): IsolatedProcess {
  let child: ChildProcess | undefined;
  let jobs = 0;
  // One job at a time: it is all CPU, and the worker has other things to do with the rest.
  let tail: Promise<unknown> = Promise.resolve();

  function drop(): void {
    child?.kill('SIGKILL');
    child = undefined;
  }

  async function run(job: unknown, limits: Limits, signal: AbortSignal, fresh: boolean): Promise<Answer> {
    signal.throwIfAborted();
    if (child === undefined || !child.connected || (fresh && jobs > 0)) {
      drop();
      child = start(entry);
      jobs = 0;
    }
    jobs += 1;
    let keep = false;
    try {
      const answer = await once(child, job, limits, signal);
      keep = 'value' in answer && clean(answer.value, jobs);
      return answer;
    } finally {
      if (!keep) drop();
    }
  }

  return {
    run(job, limits, signal, fresh = false) {
      const result = tail.then(() => run(job, limits, signal, fresh));
      tail = result.catch(() => undefined);
      return result;
    },
    drop,
  };
}
