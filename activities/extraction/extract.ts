// Text of an evidence file, read in a process of its own: a hostile file can cost that process, never the worker.
import { z } from 'zod';
import { REJECTIONS, type Rejection } from '../../domain/evidence/rules.js';
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
  /** Why the file is not what it claims to be, or must not be kept; undefined where nothing speaks against it. */
  inspectFile(source: ExtractSource, signal: AbortSignal): Promise<Refused | undefined>;
  close(): void;
}

export interface Refused {
  reason: Rejection;
  detail: string;
}

/** A process that has read so many files is replaced: parsers keep what they cache. */
const FILES_PER_PROCESS = 100;

const extracted = z.object({
  text: z.string(),
  truncated: z.boolean(),
  pages: z.number().optional(),
  error: z.string().nullable(),
  reason: z.enum(REJECTIONS).optional(),
});

/** Also one that refuses with a reason: its reader is well. */
function isClean(value: unknown): boolean {
  const { data } = extracted.safeParse(value);
  return data !== undefined && (data.error === null || data.reason !== undefined);
}

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
    (value, files) => isClean(value) && files < FILES_PER_PROCESS,
  );
  async function run(job: ExtractJob, signal: AbortSignal): Promise<Extracted> {
    const answer = await reader.run(job, job.limits, signal);
    if ('failure' in answer) return unreadable(inWords(answer.failure, job.limits));
    const result = extracted.safeParse(answer.value).data;
    if (result === undefined) return unreadable('the file cannot be read');
    const { pages, reason, ...rest } = result;
    return { ...rest, ...(pages !== undefined && { pages }), ...(reason !== undefined && { reason }) };
  }

  return {
    extractText: (source, limits, signal) =>
      run({ task: 'text', source, limits: { ...DEFAULT_LIMITS, ...limits } }, signal),
    async inspectFile(source, signal) {
      const { error, reason } = await run({ task: 'inspect', source, limits: DEFAULT_LIMITS }, signal);
      return error === null ? undefined : { reason: reason ?? 'damaged', detail: error };
    },
    close: () => reader.drop(),
  };
}
