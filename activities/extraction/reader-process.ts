/*
 * The process that reads files. Its main thread only watches: a parser in a tight loop cannot keep it from seeing that
 * memory runs out or that the parent has gone. Buffers lie outside the heap, so only the whole process can be bounded.
 */
import { Worker, type ResourceLimits } from 'node:worker_threads';
import { NOTHING, type ExtractJob, type Extracted } from './types.js';

/** Fast enough for a parser that fills a gigabyte a second to be stopped near its limit. */
const WATCH_MS = 25;
const MEMORY = 'reading the file takes more memory than is allowed';

const own = import.meta.url;
let thread: Worker | undefined;

function answer(result: Extracted): void {
  process.send?.(result);
}

/** Answers, then ends: what this process holds cannot be trusted any more. */
function giveUp(error: string): void {
  process.send?.({ ...NOTHING, error } satisfies Extracted, () => process.exit(1));
}

function openThread(resourceLimits: ResourceLimits): Worker {
  if (!own.endsWith('.ts')) return new Worker(new URL('./thread.js', own), { resourceLimits });
  // A thread does not get the loader of its process: from sources it must be registered first.
  const [loader, entry] = [import.meta.resolve('tsx/esm/api'), new URL('./thread.ts', own).href];
  const code = `import('${loader}').then((tsx) => { tsx.register(); return import('${entry}'); })`;
  return new Worker(code, { eval: true, resourceLimits });
}

function startThread(heap_mb: number): Worker {
  const started = openThread({ maxOldGenerationSizeMb: heap_mb });
  started.on('message', answer);
  started.on('error', (error) => {
    const code: unknown = Reflect.get(error, 'code');
    giveUp(code === 'ERR_WORKER_OUT_OF_MEMORY' ? MEMORY : 'the file is damaged and cannot be read');
  });
  return started;
}

process.on('message', (job: ExtractJob) => {
  thread ??= startThread(job.limits.heap_mb);
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > job.limits.rss_mb * 1024 * 1024) giveUp(MEMORY);
  }, WATCH_MS);
  thread.once('message', () => clearInterval(watch));
  thread.postMessage(job);
});
process.on('disconnect', () => process.exit(0));
