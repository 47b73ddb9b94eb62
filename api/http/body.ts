// JSON bodies, read by hand: every bound is checked before the cost it bounds is paid.
import type { IncomingMessage } from 'node:http';
import { DomainError } from '../../domain/errors.js';

const MAX_DEPTH = 32;
/** Items of one list, unless the route takes more. */
export const DEFAULT_ITEMS_LIMIT = 1000;
const MAX_KEYS = 1000;
// One that goes on for ever is cut off.
const MAX_DISCARDED = 8 * 1024 * 1024;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** @returns the parsed body, or undefined when there is none. */
export async function readJsonBody(req: IncomingMessage, limit: number, items: number): Promise<unknown> {
  const announced = req.headers['content-length'];
  if (announced === '0' || (announced === undefined && req.headers['transfer-encoding'] === undefined)) {
    return undefined;
  }
  refuseOtherTypes(req);
  if (Number(announced) > limit) throw tooLarge(limit);
  const bytes = await readAll(req, limit);
  if (bytes.length === 0) return undefined;
  const value = parse(bytes);
  check(value, '', 1, items);
  return value;
}

function refuseOtherTypes(req: IncomingMessage): void {
  const type = (req.headers['content-type'] ?? '').toLowerCase();
  const [media = '', ...parameters] = type.split(';').map((part) => part.trim());
  const foreignCharset = parameters.some(
    (part) => part.startsWith('charset=') && !/^charset="?utf-8"?$/.test(part),
  );
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (media !== 'application/json' || foreignCharset || encoding !== 'identity') {
    throw new DomainError(
      'UNSUPPORTED_MEDIA_TYPE',
      'the body must be application/json, UTF-8, not compressed',
    );
  }
}

function tooLarge(limit: number): DomainError {
  return new DomainError('PAYLOAD_TOO_LARGE', `the body is larger than ${limit} bytes`);
}

/** Reads on without keeping anything, so that a client that is still sending gets to hear its answer. */
export function discard(req: IncomingMessage): void {
  let discarded = 0;
  req.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > MAX_DISCARDED) req.destroy();
  });
  req.resume();
}

function readAll(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      req.off('data', onData);
      reject(tooLarge(limit));
    };
    req.on('data', onData);
    req.once('end', () => resolve(Buffer.concat(chunks)));
    // who hangs up is no fault of ours
    for (const event of ['error', 'close']) req.once(event, () => reject(unreadable('the body ended early')));
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return value;
  } catch {
    throw unreadable('the body is not JSON');
  }
}

function unreadable(detail: string): DomainError {
  return new DomainError('VALIDATION_ERROR', detail, { unreadable: true });
}

/** Refuses what no schema of ours wants and what code behind the schemas should never meet. */
function check(value: unknown, path: string, depth: number, items: number): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) throw refused(path, 'NUL is not allowed');
    if (!value.isWellFormed()) throw refused(path, 'half a character (a lone surrogate) is not allowed');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw refused(path, `deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    if (value.length > items) throw refused(path, `more than ${items} items`);
    for (const [index, item] of value.entries()) check(item, join(path, String(index)), depth + 1, items);
    return;
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_KEYS) throw refused(path, `more than ${MAX_KEYS} fields`);
  for (const [key, item] of entries) {
    const field = join(path, key);
    if (FORBIDDEN_KEYS.has(key) || key.includes('\0') || !key.isWellFormed())
      throw refused(field, 'unknown field');
    check(item, field, depth + 1, items);
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function refused(path: string, detail: string): DomainError {
  const field = path.slice(0, 200);
  if (field === '') return new DomainError('VALIDATION_ERROR', detail);
  return new DomainError('VALIDATION_ERROR', `${field}: ${detail}`, { field, errors: [{ field, detail }] });
}
