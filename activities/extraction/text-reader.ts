// From an evidence object to its text. What cannot be read is said in a sentence; only an outage is thrown.
import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../db/objects/store.js';
import { DomainError } from '../../domain/errors.js';
import type { ExtractedText, TextReader } from '../assessments/deps.js';
import type { Extractor } from './extract.js';
import { DEFAULT_LIMITS, type ExtractLimits } from './types.js';

/** Goes up when the same file would give another text. */
export const EXTRACTOR_VERSION = 'extract-1';

export interface TextReaderDeps {
  store: Pick<ObjectStore, 'get'>;
  extractor: Extractor;
  limits?: Partial<ExtractLimits>;
}

function unreadable(unreadable_reason: string): ExtractedText {
  return { text: null, truncated: false, unreadable_reason, extractor_version: EXTRACTOR_VERSION };
}

/** Undefined where the object does not exist any more. */
async function fetchObject(
  store: TextReaderDeps['store'],
  key: string,
  options: { max_bytes: number; signal: AbortSignal },
): Promise<Buffer | undefined> {
  try {
    const body = await store.get(key, options);
    const chunks: Buffer[] = [];
    for await (const chunk of body.bytes) chunks.push(chunk);
    return Buffer.concat(chunks);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof DomainError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

export function createTextReader({ store, extractor, limits = {} }: TextReaderDeps): TextReader {
  const max_bytes = limits.max_bytes ?? DEFAULT_LIMITS.max_bytes;
  return {
    async read(evidence, signal) {
      if (evidence.size > max_bytes) return unreadable('the file is larger than can be read');
      const bytes = await fetchObject(store, evidence.object_key, { max_bytes, signal });
      if (bytes === undefined) return unreadable('the stored file is gone');
      if (createHash('sha256').update(bytes).digest('hex') !== evidence.sha256) {
        return unreadable('the stored file is not the one that was verified');
      }
      const { content_type, filename } = evidence;
      const read = await extractor.extractText({ bytes, content_type, filename }, limits, signal);
      if (read.error !== null) return unreadable(read.error);
      return {
        text: read.text,
        truncated: read.truncated,
        unreadable_reason: null,
        extractor_version: EXTRACTOR_VERSION,
      };
    },
  };
}
