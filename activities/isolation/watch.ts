/*
 * The inside of a process that works for a worker. Its main thread only watches: a parser in a tight loop cannot keep it
 * from seeing that memory runs out or that the parent has gone. Buffers lie outside the heap, so only the whole process
 * can be bounded.
 */
import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { Answer, Failure, Job } from './types.js';

/** Fast enough for a parser that fills a gigabyte a second to be stopped near its limit. */
const WATCH_MS = 25;

/** @param entry the thread's module without its ending, as a URL */
function openThread(entry: URL, resourceLimits: ResourceLimits): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`${entry.href}.js`), { resourceLimits });
  // A thread does not get the loader of its process: from sources it must be registered first.
  const loader = import.meta.resolve('tsx/esm/api');
  const code = `import('${loader}').then((tsx) => { tsx.register(); return import('${entry.href}.ts'); })`;
  return new Worker(code, { eval: true, resourceLimits });
}

function answer(said: Answer, then: () => void = () => undefined): void {
  process.send?.(said, then);
}

/** Answers, then ends: what this process holds cannot be trusted any more. */
function giveUp(failure: Failure): void {
  answer({ failure }, () => process.exit(1));
}

/** Hands every job to the thread, one at a time, and its answer back. */
export function watchThread(entry: URL): void {
  let thread: Worker | undefined;

  function startThread(heap_mb: number): Worker {
    const started = openThread(entry, { maxOldGenerationSizeMb: heap_mb });
    started.on('message', (value: unknown) => answer({ value }));
    started.on('error', (error) => {
      const code: unknown = Reflect.get(error, 'code');
      giveUp(code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'thread');
    });
    return started;
  }

  process.on('message', ({ job, limits }: Job) => {
    thread ??= startThread(limits.heap_mb);
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() > limits.rss_mb * 1024 * 1024) giveUp('memory');
    }, WATCH_MS);
    thread.once('message', () => clearInterval(watch));
    thread.postMessage(job);
  });
  process.on('disconnect', () => process.exit(0));
}
