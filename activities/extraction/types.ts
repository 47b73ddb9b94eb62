// What the parent and the reading process say to each other.
import type { Rejection } from '../../domain/evidence/rules.js';

export interface ExtractLimits {
  timeout_ms: number;
  /** Heap of the reading thread. */
  heap_mb: number;
  /** Whole memory of the reading process, buffers included. */
  rss_mb: number;
  max_chars: number;
  max_bytes: number;
  /** What archives (docx, xlsx) may unpack to, and how many entries they may have. */
  max_unpacked_bytes: number;
  max_entries: number;
  max_pages: number;
}

export const DEFAULT_LIMITS: ExtractLimits = {
  timeout_ms: 30_000,
  heap_mb: 256,
  rss_mb: 1_024,
  max_chars: 200_000,
  max_bytes: 50 * 1024 * 1024,
  max_unpacked_bytes: 200 * 1024 * 1024,
  max_entries: 2_000,
  max_pages: 500,
};

export interface ExtractSource {
  /** One of the two. */
  bytes?: Uint8Array;
  path?: string;
  /** The end of a file of which `bytes` is only the beginning. */
  tail?: Uint8Array;
  content_type: string;
  filename: string;
}

export interface Extracted {
  text: string;
  truncated: boolean;
  pages?: number;
  /** A sentence for people when the file could not be read, or must not be kept; then `text` is empty. */
  error: string | null;
  /** Why it must not be kept. */
  reason?: Rejection;
}

export interface ExtractJob {
  /** Draw its text, or only see whether it is what it claims to be. */
  task: 'text' | 'inspect';
  source: ExtractSource;
  limits: ExtractLimits;
}

/** A file that cannot be read, in words for the finding. */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile';
  readonly reason: Rejection;

  constructor(message: string, reason: Rejection = 'damaged') {
    super(message);
    this.reason = reason;
  }
}

export const NOTHING: Omit<Extracted, 'error'> = { text: '', truncated: false };
