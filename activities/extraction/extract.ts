// Text of an evidence file, read in a process of its own: a hostile file can cost that process, never the worker.
import { fork, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import { DEFAULT_LIMITS, NOTHING, type Extracted, type ExtractLimits, type ExtractSource } from './types.js';

export interface Extractor {
  /** Never throws for a bad file; throws the signal's reason when cancelled. */
  extractText(source: ExtractSource, limits: Partial<ExtractLimits>, signal: AbortSignal): Promise<Extracted>;
  close(): void;
}

/** A process that has read so many files is replaced: parsers keep what they cache. */
const FILES_PER_PROCESS = 100;

const extracted = z.object({
  text: z.string(),
  truncated: z.boolean(),
  pages: z.number().optional(),
  error: z.string().nullable(),
});

function startReader(): ChildProcess {
  const own = import.meta.url;
  const source = own.endsWith('.ts');
  // From sources the child needs the loader too, wherever the parent was started.
  const loader = source ? ['--import', pathToFileURL(createRequire(own).resolve('tsx')).href] : [];
  return fork(fileURLToPath(new URL(source ? './reader-process.ts' : './reader-process.js', own)), [], {
    execArgv: loader,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    // A parser needs no secrets.
    env: {},
  });
}

function unreadable(error: string): Extracted {
  return { ...NOTHING, error };
}

/** Resolves with what the reader says, or with a sentence when it dies or takes too long. */
function readOnce(
  reader: ChildProcess,
  source: ExtractSource,
  limits: ExtractLimits,
  signal: AbortSignal,
): Promise<Extracted> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const settle = (result: Extracted): void => {
      done.abort();
      clearTimeout(timer);
      for (const event of ['message', 'exit'] as const) reader.removeAllListeners(event);
      resolve(result);
    };
    const timer = setTimeout(() => {
      settle(unreadable(`reading the file takes longer than ${limits.timeout_ms / 1000} s`));
    }, limits.timeout_ms);
    signal.addEventListener(
      'abort',
      () => {
        reject(signal.reason);
        settle(unreadable('cancelled'));
      },
      { once: true, signal: done.signal },
    );
    reader.once('message', (message) => {
      const result = extracted.safeParse(message).data;
      if (result === undefined) return settle(unreadable('the file cannot be read'));
      const { pages, ...rest } = result;
      settle({ ...rest, ...(pages === undefined ? {} : { pages }) });
    });
    reader.once('exit', () => settle(unreadable('reading the file made its reader crash')));
    reader.send({ source, limits }, (error) => {
      if (error !== null) settle(unreadable('the file cannot be read'));
    });
  });
}

export function createExtractor(): Extractor {
  let reader: ChildProcess | undefined;
  let read = 0;
  // One file at a time: reading is all CPU, and the worker has other things to do with the rest.
  let tail: Promise<unknown> = Promise.resolve();

  function drop(): void {
    reader?.kill('SIGKILL');
    reader = undefined;
  }

  async function run(source: ExtractSource, limits: ExtractLimits, signal: AbortSignal): Promise<Extracted> {
    signal.throwIfAborted();
    if (reader === undefined || !reader.connected || read >= FILES_PER_PROCESS) {
      drop();
      reader = startReader();
      // A reader killed in the middle of a message reports a broken pipe; its exit says the same.
      reader.on('error', () => undefined);
      // It must not keep the worker from ending.
      reader.unref();
      reader.channel?.unref();
      read = 0;
    }
    read += 1;
    let clean = false;
    try {
      const result = await readOnce(reader, source, limits, signal);
      clean = result.error === null;
      return result;
    } finally {
      if (!clean) drop();
    }
  }

  return {
    extractText(source, limits, signal): Promise<Extracted> {
      const result = tail.then(() => run(source, { ...DEFAULT_LIMITS, ...limits }, signal));
      tail = result.catch(() => undefined);
      return result;
    },
    close: drop,
  };
}
