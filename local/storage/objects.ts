import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { S3Error } from './errors.js';
import type { ObjectFiles, ObjectMetadata } from './files.js';
import { headerOf, readPayload, tooLarge } from './payload.js';
import { parseCopySource, queryValue, type Target } from './target.js';
import { copyResultXml } from './xml.js';

export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  target: Target;
  files: ObjectFiles;
  max_object_bytes: number;
}

const STORED_HEADERS = ['cache-control', 'content-disposition', 'content-encoding', 'content-language'];
const MAX_USER_METADATA_BYTES = 2048;
/** Conditions that would change the outcome and are not kept must be refused, never overlooked. */
const UNSUPPORTED_CONDITIONS = {
  put: ['if-match'],
  copy: [
    'if-match',
    'x-amz-copy-source-if-none-match',
    'x-amz-copy-source-if-modified-since',
    'x-amz-copy-source-if-unmodified-since',
    'x-amz-copy-source-range',
  ],
  remove: ['if-match', 'x-amz-if-match-size', 'x-amz-if-match-last-modified-time'],
} as const;

export async function putObject(call: Call, signed: { payload: string }): Promise<void> {
  const { request, response, target } = call;
  refuseConditions(request, UNSUPPORTED_CONDITIONS.put);
  const described = describe(request);
  const payload = readPayload(request, target, signed, call.max_object_bytes);
  const metadata = await call.files.write(target.bucket, target.key, {
    bytes: payload.bytes,
    finish: () => ({ ...described, ...payload.verify(), modified_at: Date.now() }),
    only_if_absent: onlyIfAbsent(headerOf(request, 'if-none-match')),
  });
  response.writeHead(200, { etag: metadata.etag, 'x-amz-checksum-sha256': metadata.sha256 }).end();
}

/** A copy within the store. What is copied is what `x-amz-copy-source-if-match` was compared with. */
export async function copyObject(call: Call, copySource: string): Promise<void> {
  const { request, response, target, files } = call;
  refuseConditions(request, UNSUPPORTED_CONDITIONS.copy);
  const absent = headerOf(request, 'if-none-match') ?? headerOf(request, 'cf-copy-destination-if-none-match');
  const from = parseCopySource(copySource);
  const source = await files.open(from.bucket, from.key);
  try {
    const expected = headerOf(request, 'x-amz-copy-source-if-match');
    if (expected !== undefined && !etagMatches(expected, source.metadata.etag)) {
      throw new S3Error('PreconditionFailed', 'The source is not the one you asked for.');
    }
    if (source.metadata.size > call.max_object_bytes) throw tooLarge(call.max_object_bytes);
    const replace = headerOf(request, 'x-amz-metadata-directive') === 'REPLACE';
    const described = replace ? describe(request) : source.metadata;
    const metadata = await files.write(target.bucket, target.key, {
      bytes: source.read(0, source.metadata.size),
      finish: () => ({
        content_type: described.content_type,
        headers: described.headers,
        size: source.metadata.size,
        etag: source.metadata.etag,
        sha256: source.metadata.sha256,
        modified_at: Date.now(),
      }),
      only_if_absent: onlyIfAbsent(absent),
    });
    response.writeHead(200, { 'content-type': 'application/xml' }).end(copyResultXml(metadata));
  } finally {
    await source.close();
  }
}

export async function getObject(call: Call): Promise<void> {
  const { request, response, target } = call;
  const object = await call.files.open(target.bucket, target.key);
  try {
    const { metadata } = object;
    const { etag, size } = metadata;
    const match = headerOf(request, 'if-match');
    if (match !== undefined && !etagMatches(match, etag)) {
      throw new S3Error('PreconditionFailed', 'The object has changed.');
    }
    const noneMatch = headerOf(request, 'if-none-match');
    if (noneMatch !== undefined && etagMatches(noneMatch, etag)) {
      response.writeHead(304, { etag }).end();
      return;
    }
    const range = parseRange(headerOf(request, 'range'), size);
    const { start, end } = range ?? { start: 0, end: size };
    response.writeHead(range === undefined ? 200 : 206, {
      ...responseHeaders(call, metadata),
      'content-length': end - start,
      ...(range === undefined ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
    });
    if (target.method === 'HEAD') response.end();
    else await pipeline(object.read(start, end), response);
  } finally {
    await object.close();
  }
}

export async function removeObject(call: Call): Promise<void> {
  refuseConditions(call.request, UNSUPPORTED_CONDITIONS.remove);
  await call.files.remove(call.target.bucket, call.target.key);
  call.response.writeHead(204).end();
}

function describe(request: IncomingMessage): Pick<ObjectMetadata, 'content_type' | 'headers'> {
  const headers: Record<string, string> = {};
  let user_bytes = 0;
  for (const name of Object.keys(request.headersDistinct)) {
    const value = headerOf(request, name) ?? '';
    if (name.startsWith('x-amz-meta-')) {
      user_bytes += name.length + value.length;
      headers[name] = value;
    } else if (STORED_HEADERS.includes(name)) {
      // `aws-chunked` describes the transfer, which is over once the object is stored.
      const kept = value.replace(/(^|, *)aws-chunked(?=,|$)/g, '').replace(/^, */, '');
      if (kept !== '') headers[name] = kept;
    }
  }
  if (user_bytes > MAX_USER_METADATA_BYTES) {
    throw new S3Error('MetadataTooLarge', `x-amz-meta-* has at most ${MAX_USER_METADATA_BYTES} bytes.`);
  }
  return { content_type: headerOf(request, 'content-type') ?? 'binary/octet-stream', headers };
}

function responseHeaders(call: Call, metadata: ObjectMetadata): Record<string, string> {
  const headers: Record<string, string> = {
    ...metadata.headers,
    'accept-ranges': 'bytes',
    'content-type': metadata.content_type,
    etag: metadata.etag,
    'last-modified': new Date(metadata.modified_at).toUTCString(),
    'x-content-type-options': 'nosniff',
  };
  if (headerOf(call.request, 'x-amz-checksum-mode') === 'ENABLED' && !call.request.headers.range) {
    headers['x-amz-checksum-sha256'] = metadata.sha256;
  }
  for (const name of [...STORED_HEADERS, 'content-type', 'expires']) {
    const override = queryValue(call.target, `response-${name}`);
    if (override === undefined) continue;
    if (!/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(override)) {
      throw new S3Error('InvalidArgument', `response-${name} is not a valid header value.`);
    }
    headers[name] = override;
  }
  return headers;
}

/** One range, as S3 has it: what is not understood is ignored, what lies outside is refused. `end` is exclusive. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  const [, first, last] = match ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw new S3Error('InvalidRange', 'The requested range is not satisfiable.');
  return { start, end };
}

function etagMatches(header: string, etag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^W\//, '').replace(/^"|"$/g, '');
  return header.split(',').some((part) => part.trim() === '*' || bare(part) === bare(etag));
}

function onlyIfAbsent(header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header.trim() !== '*') throw new S3Error('NotImplemented', 'If-None-Match takes only * here.');
  return true;
}

function refuseConditions(request: IncomingMessage, names: readonly string[]): void {
  const found = names.find((name) => headerOf(request, name) !== undefined);
  if (found !== undefined) throw new S3Error('NotImplemented', `${found} is not supported.`);
}
