// Text of an evidence file, read in a process of its own: a hostile file can cost that process, never the worker.
import { z } from 'zod';
import { createIsolatedProcess } from '../isolation/process.js';
import type { Failure } from '../isolation/types.js';
import {
  DEFAULT_LIMITS,
  type ExtractJob,
  NOTHING,
  type Extracted,
  type ExtractLimits,
  type ExtractSource,
} from './types.js';

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

function unreadable(error: string): Extracted {
  return { ...NOTHING, error };
}

function inWords(failure: Failure, { timeout_ms }: ExtractLimits): string {
  switch (failure) {
    case 'memory':
      return 'reading the file takes more memory than is allowed';
    case 'time':
      return `reading the file takes longer than ${timeout_ms / 1000} s`;
    case 'thread':
      return 'the file is damaged and cannot be read';
    case 'exit':
      return 'reading the file made its reader crash';
    case 'send':
      return 'the file cannot be read';
  }
}

export function createExtractor(): Extractor {
  const reader = createIsolatedProcess(
    new URL('./reader-process', import.meta.url),
    (value, files) => extracted.safeParse(value).data?.error === null && files < FILES_PER_PROCESS,
  );
  return {
    async extractText(source, wanted, signal): Promise<Extracted> {
      const limits = { ...DEFAULT_LIMITS, ...wanted };
      const answer = await reader.run({ source, limits } satisfies ExtractJob, limits, signal);
      if ('failure' in answer) return unreadable(inWords(answer.failure, limits));
      const result = extracted.safeParse(answer.value).data;
      if (result === undefined) return unreadable('the file cannot be read');
      const { pages, ...rest } = result;
      return { ...rest, ...(pages === undefined ? {} : { pages }) };
    },
    close: () => reader.drop(),
  };
}
