// Reports are drawn in a process of their own, bounded in time and memory, and killed when nobody waits any more.
import { z } from 'zod';
import { createIsolatedProcess } from '../isolation/process.js';
import type { Failure, Limits } from '../isolation/types.js';
import { ReportTooLarge, type ReportRenderer } from './types.js';

/**
 * A PDF takes 150 MB and 0.1 for each finding: 215 for five hundred of them, 265 for a thousand, 630 for five thousand,
 * which are 12 s of a processor; a busy machine may take ten times as long.
 */
const DEFAULT_LIMITS: Limits = { timeout_ms: 300_000, heap_mb: 512, rss_mb: 1_536 };

/** Typst remembers all that it has laid out, and cannot be told to forget: a process that has grown to this is replaced. */
const KEEP_BELOW_MB = 512;
/** About eight hundred findings: they are worth the second that a process needs to begin, without what others have left. */
const LARGE_BYTES = 400_000;

const rendered = z.union([
  z.object({ bytes: z.instanceof(Uint8Array), rss_mb: z.number() }),
  z.object({ error: z.string() }),
]);

function failure(failed: Failure, { timeout_ms, rss_mb }: Limits): Error {
  switch (failed) {
    case 'memory':
      return new ReportTooLarge(`the report takes more than ${String(rss_mb)} MB to draw`);
    case 'time':
      return new ReportTooLarge(`the report takes longer than ${String(timeout_ms / 1000)} s to draw`);
    case 'thread':
    case 'exit':
    case 'send':
      return new Error(`the process that draws reports failed: ${failed}`);
  }
}

export function createReportRenderer(wanted: Partial<Limits> = {}): ReportRenderer {
  const limits = { ...DEFAULT_LIMITS, ...wanted };
  const renderer = createIsolatedProcess(new URL('./renderer-process', import.meta.url), (value) => {
    const { data } = rendered.safeParse(value);
    return data !== undefined && 'rss_mb' in data && data.rss_mb < KEEP_BELOW_MB;
  });
  return {
    async render(document, format, signal) {
      const answer = await renderer.run(
        { document, format },
        limits,
        signal,
        format === 'pdf' && document.byteLength > LARGE_BYTES,
      );
      if ('failure' in answer) throw failure(answer.failure, limits);
      const result = rendered.parse(answer.value);
      if ('error' in result) throw new Error(`the report cannot be drawn: ${result.error}`);
      return new Uint8Array(result.bytes);
    },
    close: () => renderer.drop(),
  };
}
