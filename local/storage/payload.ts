import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { decodeChunked, type Trailers } from './chunked.js';
import { S3Error } from './errors.js';
import { queryValue, type Target } from './target.js';

// Reads a body once, counting and hashing as it passes, and compares it at its end with everything that was said
// about it. The bytes must not become visible before `verify` has returned.

export interface Payload {
  bytes: AsyncIterable<Buffer>;
  /** To be called when `bytes` has ended: throws if the body is not what the request promised. */
  verify(): { size: number; etag: string; sha256: string };
}

const TRAILER_PAYLOAD = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const CHECKSUMS = ['sha256', 'sha1', 'crc32'] as const;
const UNSUPPORTED_CHECKSUMS = ['crc32c', 'crc64nvme'];

export function readPayload(
  request: IncomingMessage,
  target: Target,
  signed: { payload: string },
  max_bytes: number,
): Payload {
  const header = (name: string) => headerOf(request, name) ?? queryValue(target, name);
  const streaming = signed.payload.startsWith('STREAMING-');
  if (streaming && signed.payload !== TRAILER_PAYLOAD) {
    throw new S3Error('NotImplemented', `Payloads sent as ${signed.payload} are not supported.`);
  }
  if (!streaming && signed.payload !== 'UNSIGNED-PAYLOAD' && !/^[0-9a-f]{64}$/.test(signed.payload)) {
    throw new S3Error('InvalidArgument', 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a SHA-256.');
  }
  const unsupported = UNSUPPORTED_CHECKSUMS.find((name) => header(`x-amz-checksum-${name}`) !== undefined);
  if (unsupported !== undefined) throw new S3Error('NotImplemented', `${unsupported} is not supported.`);

  const promised = promisedLength(request, streaming);
  if (promised > max_bytes) throw tooLarge(max_bytes);
  const trailers: Trailers = new Map();
  // A refusal in the middle must leave the connection open for its answer.
  const source: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  const tally = new Tally();
  return {
    bytes: count(streaming ? decodeChunked(source, trailers) : source, tally, Math.min(max_bytes, promised)),
    verify: () => {
      if (tally.size !== promised) {
        throw new S3Error('IncompleteBody', 'The body is not as long as its Content-Length.');
      }
      const digests = tally.digests();
      if (!streaming && signed.payload !== 'UNSIGNED-PAYLOAD' && signed.payload !== digests.sha256_hex) {
        throw new S3Error('XAmzContentSHA256Mismatch', 'The body does not match x-amz-content-sha256.');
      }
      requireAnnounced(headerOf(request, 'x-amz-trailer'), trailers);
      for (const name of CHECKSUMS) {
        const field = `x-amz-checksum-${name}`;
        const values = [header(field), trailers.get(field)].filter((value) => value !== undefined);
        if (values.some((value) => value !== digests[name])) throw badDigest(name);
      }
      const md5 = header('content-md5');
      if (md5 !== undefined && md5 !== digests.md5) throw badDigest('Content-MD5');
      const etag = `"${Buffer.from(digests.md5, 'base64').toString('hex')}"`;
      return { size: tally.size, etag, sha256: digests.sha256 };
    },
  };
}

class Tally {
  size = 0;
  readonly #hashes = {
    sha256: createHash('sha256'),
    sha1: createHash('sha1'),
    md5: createHash('md5'),
  };
  #crc32 = 0;

  add(part: Buffer): void {
    this.size += part.length;
    for (const hash of Object.values(this.#hashes)) hash.update(part);
    this.#crc32 = crc32(part, this.#crc32);
  }

  digests() {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc32);
    const sha256 = this.#hashes.sha256.digest();
    return {
      sha256: sha256.toString('base64'),
      sha256_hex: sha256.toString('hex'),
      sha1: this.#hashes.sha1.digest('base64'),
      md5: this.#hashes.md5.digest('base64'),
      crc32: crc.toString('base64'),
    };
  }
}

async function* count(
  source: AsyncIterable<Buffer>,
  tally: Tally,
  max_bytes: number,
): AsyncGenerator<Buffer> {
  for await (const part of source) {
    tally.add(part);
    if (tally.size > max_bytes) throw new S3Error('IncompleteBody', 'The body is longer than it says.');
    yield part;
  }
}

function promisedLength(request: IncomingMessage, streaming: boolean): number {
  const text = headerOf(request, streaming ? 'x-amz-decoded-content-length' : 'content-length');
  if (text === undefined || !/^\d{1,15}$/.test(text)) {
    throw new S3Error('MissingContentLength', 'The length of the body must be given.');
  }
  return Number(text);
}

function requireAnnounced(announced: string | undefined, trailers: Trailers): void {
  for (const name of (announced ?? '').split(',').map((part) => part.trim().toLowerCase())) {
    if (name === '') continue;
    if (!CHECKSUMS.some((checksum) => name === `x-amz-checksum-${checksum}`)) {
      throw new S3Error('NotImplemented', `The trailer ${name} is not supported.`);
    }
    if (!trailers.has(name)) throw new S3Error('IncompleteBody', `The trailer ${name} is missing.`);
  }
}

export function headerOf(request: IncomingMessage, name: string): string | undefined {
  return request.headersDistinct[name]?.join(',');
}

export function tooLarge(max_bytes: number): S3Error {
  return new S3Error('EntityTooLarge', `An object has at most ${max_bytes} bytes.`);
}

function badDigest(name: string): S3Error {
  return new S3Error('BadDigest', `The ${name} you specified did not match the calculated checksum.`);
}
