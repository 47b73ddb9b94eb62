// One pass over an upload's bytes: counted, hashed, and as much of them kept as is needed to see what they are.
import { createHash } from 'node:crypto';
import type { Rejection } from '../../domain/evidence/rules.js';
import type { PendingUpload } from '../../db/evidence/uploads.js';

export interface ReadUpload {
  size: number;
  sha256: string;
  /** The whole file where it is an archive, else its beginning. */
  bytes: Buffer;
  tail: Buffer;
  /** A zero byte, which no text has but in UTF-16. */
  binary: boolean;
}

const HEAD_BYTES = 64 * 1024;
/** The end record of an archive, with the longest comment after it. */
const TAIL_BYTES = 66 * 1024;
const ARCHIVE = Buffer.from('PK\u0003\u0004', 'latin1');

/** @param counted told how many bytes have come */
export async function readUpload(
  source: AsyncIterable<Buffer>,
  counted: (bytes: number) => void,
): Promise<ReadUpload> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let held = 0;
  let tail: Buffer = Buffer.alloc(0);
  let size = 0;
  let binary = false;
  let whole: boolean | undefined;
  for await (const part of source) {
    hash.update(part);
    size += part.length;
    counted(size);
    binary ||= part.includes(0);
    if (whole !== false || held < HEAD_BYTES) {
      kept.push(part);
      held += part.length;
    }
    if (whole === undefined && held >= ARCHIVE.length)
      whole = Buffer.concat(kept).subarray(0, ARCHIVE.length).equals(ARCHIVE);
    tail =
      part.length >= TAIL_BYTES
        ? part.subarray(-TAIL_BYTES)
        : Buffer.concat([tail, part]).subarray(-TAIL_BYTES);
  }
  const bytes = Buffer.concat(kept);
  return {
    size,
    sha256: hash.digest('hex'),
    bytes: whole === true ? bytes : bytes.subarray(0, HEAD_BYTES),
    tail,
    binary,
  };
}

export interface Refusal {
  reason: Rejection;
  detail: string;
}

/** What can be told without looking into it: it is not what was promised. */
export function brokenPromise(upload: PendingUpload, read: ReadUpload): Refusal | undefined {
  const { declared_size, declared_sha256, content_type } = upload;
  if (read.size === 0) return { reason: 'empty', detail: 'the file is empty' };
  if (declared_size !== null && declared_size !== read.size)
    return {
      reason: 'wrong_size',
      detail: `${String(read.size)} bytes came, ${String(declared_size)} were announced`,
    };
  if (declared_sha256 !== null && declared_sha256 !== read.sha256)
    return { reason: 'wrong_sha256', detail: 'its SHA-256 is another than the one that was announced' };
  if (read.binary && isText(content_type) && !isUtf16(read.bytes))
    return { reason: 'wrong_type', detail: 'the file is not text' };
  return undefined;
}

function isText(content_type: string): boolean {
  return content_type.startsWith('text/') || content_type === 'application/json';
}

function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex');
  return mark === 'fffe' || mark === 'feff';
}
