import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.js';

/** What a request is aimed at, read from the raw request line: nothing is normalised, so nothing can climb. */
export interface Target {
  method: string;
  /** The decoded path, as it is signed. */
  path: string;
  bucket: string;
  /** Empty when the request is about the bucket. */
  key: string;
  query: readonly (readonly [name: string, value: string])[];
}

export function parseTarget(request: IncomingMessage): Target {
  const url = request.url ?? '/';
  if (!url.startsWith('/')) throw new S3Error('InvalidURI', 'The request line must hold a path.');
  const mark = url.indexOf('?');
  const path = decode(mark === -1 ? url : url.slice(0, mark));
  const query = mark === -1 ? [] : parseQuery(url.slice(mark + 1));
  const slash = path.indexOf('/', 1);
  const bucket = slash === -1 ? path.slice(1) : path.slice(1, slash);
  const key = slash === -1 ? '' : path.slice(slash + 1);
  checkKey(key);
  return { method: request.method ?? 'GET', path, bucket, key, query };
}

/** Bucket and key of an `x-amz-copy-source` header. */
export function parseCopySource(header: string): { bucket: string; key: string } {
  const source = decode(header).replace(/^\//, '');
  const slash = source.indexOf('/');
  if (slash < 1 || slash === source.length - 1) {
    throw new S3Error('InvalidArgument', 'x-amz-copy-source must be bucket/key.');
  }
  const key = source.slice(slash + 1);
  if (/\?versionId=/i.test(header)) throw new S3Error('NotImplemented', 'There are no versions here.');
  checkKey(key);
  return { bucket: source.slice(0, slash), key };
}

/** The value of a query parameter whose name is matched without regard to case. */
export function queryValue(target: Target, name: string): string | undefined {
  return target.query.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
}

// The only names that become part of a path on disk: no dots beside each other, no slash, no upper case.
export function checkBucketName(name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) {
    throw new S3Error(
      'InvalidBucketName',
      'A bucket is named by 3 to 63 lower-case letters, digits, hyphens.',
    );
  }
  return name;
}

function parseQuery(text: string): [string, string][] {
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=');
      return equals === -1
        ? [decode(pair), '']
        : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
    });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI', 'The request line is not valid percent-encoded UTF-8.');
  }
}

function checkKey(key: string): void {
  if (Buffer.byteLength(key) > 1024) throw new S3Error('KeyTooLongError', 'A key has at most 1024 bytes.');
  // Control characters cannot be written in the XML of a listing.
  // oxlint-disable-next-line no-control-regex -- they are exactly what is looked for
  if (/[\u0000-\u001f\u007f]/.test(key)) {
    throw new S3Error('InvalidURI', 'A key must not hold control characters.');
  }
}
