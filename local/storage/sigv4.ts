import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.js';
import type { Target } from './target.js';

// AWS Signature Version 4 for S3, from the server's side: by the Authorization header and by presigned query.

export interface StorageCredentials {
  access_key_id: string;
  secret_access_key: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const REGIONS: readonly string[] = ['auto', 'us-east-1']; // the two names R2 goes by
const SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_S = 7 * 86_400;
const UNSIGNED = 'UNSIGNED-PAYLOAD';

interface Claim {
  access_key_id: string;
  scope: string;
  scope_date: string;
  region: string;
  timestamp: string;
  signed_headers: string[];
  signature: string;
  payload: string;
  query: Target['query'];
}

/** Throws unless the request is signed. Answers what it says its payload is (a hash, or how it is sent). */
export function verifySignature(
  request: IncomingMessage,
  target: Target,
  credentials: StorageCredentials,
  now = Date.now(),
): { payload: string } {
  const header = request.headers.authorization;
  const presigned = target.query.some(([name]) => /^x-amz-(signature|algorithm|credential)$/i.test(name));
  if (header !== undefined && presigned) {
    throw new S3Error('InvalidRequest', 'Only one way of authentication is allowed.');
  }
  if (header === undefined && !presigned) throw new S3Error('AccessDenied', 'Access Denied');
  const claim =
    header === undefined ? readPresigned(request, target, now) : readHeader(request, target, header, now);

  requireSigned(request, claim.signed_headers);
  if (claim.access_key_id !== credentials.access_key_id) {
    throw new S3Error('InvalidAccessKeyId', 'The access key id does not exist here.');
  }
  const expected = signatureOf(request, target, claim, credentials.secret_access_key);
  const given = Buffer.from(claim.signature);
  if (given.length !== expected.length || !timingSafeEqual(given, Buffer.from(expected))) {
    throw new S3Error('SignatureDoesNotMatch', 'The calculated signature does not match the one provided.');
  }
  return { payload: claim.payload };
}

function readHeader(request: IncomingMessage, target: Target, header: string, now: number): Claim {
  const match =
    /^AWS4-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  const [, credential, signedHeaders, signature] = match ?? [];
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw new S3Error('AuthorizationHeaderMalformed', 'The authorization header is malformed.');
  }
  const timestamp = single(request, 'x-amz-date') ?? '';
  const at = parseTimestamp(timestamp);
  if (at === undefined) throw new S3Error('AccessDenied', 'A valid x-amz-date header is required.');
  if (Math.abs(now - at) > SKEW_MS) {
    throw new S3Error('RequestTimeTooSkewed', 'The request time differs too much from the current time.');
  }
  const payload = single(request, 'x-amz-content-sha256');
  if (payload === undefined) throw new S3Error('InvalidRequest', 'Missing header: x-amz-content-sha256.');
  const scope = parseCredential(credential, timestamp, 'AuthorizationHeaderMalformed');
  return {
    ...scope,
    timestamp,
    signature,
    payload,
    signed_headers: signedHeaders.split(';'),
    query: target.query,
  };
}

function readPresigned(request: IncomingMessage, target: Target, now: number): Claim {
  const value = (name: string) => {
    const found = target.query.filter(([given]) => given.toLowerCase() === name.toLowerCase());
    if (found.length > 1) throw new S3Error('AuthorizationQueryParametersError', `${name} is given twice.`);
    return found[0]?.[1];
  };
  const required = (name: string) => {
    const found = value(name);
    if (found !== undefined && found !== '') return found;
    throw new S3Error('AuthorizationQueryParametersError', `${name} is required.`);
  };
  if (required('X-Amz-Algorithm') !== ALGORITHM) {
    throw new S3Error('AuthorizationQueryParametersError', `X-Amz-Algorithm must be ${ALGORITHM}.`);
  }
  const timestamp = required('X-Amz-Date');
  const at = parseTimestamp(timestamp);
  const expires_s = Number(/^\d{1,6}$/.exec(required('X-Amz-Expires'))?.[0] ?? 0);
  if (at === undefined || expires_s < 1 || expires_s > MAX_EXPIRES_S) {
    throw new S3Error('AuthorizationQueryParametersError', 'X-Amz-Date or X-Amz-Expires is not acceptable.');
  }
  if (at - now > SKEW_MS) throw new S3Error('AccessDenied', 'Request is not valid yet');
  if (now > at + expires_s * 1000) throw new S3Error('AccessDenied', 'Request has expired');
  return {
    ...parseCredential(required('X-Amz-Credential'), timestamp, 'AuthorizationQueryParametersError'),
    timestamp,
    signature: required('X-Amz-Signature'),
    payload: single(request, 'x-amz-content-sha256') ?? value('X-Amz-Content-Sha256') ?? UNSIGNED,
    signed_headers: required('X-Amz-SignedHeaders').split(';'),
    query: target.query.filter(([name]) => name.toLowerCase() !== 'x-amz-signature'),
  };
}

function parseCredential(
  text: string,
  timestamp: string,
  code: 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError',
) {
  const [access_key_id, scope_date, region, service, end, ...rest] = text.split('/');
  const known = region !== undefined && REGIONS.includes(region);
  const dated = scope_date !== undefined && /^\d{8}$/.test(scope_date) && timestamp.startsWith(scope_date);
  if (!access_key_id || !known || !dated || service !== 's3' || end !== 'aws4_request' || rest.length > 0) {
    throw new S3Error(code, 'The credential must be KEY/<date of the request>/auto/s3/aws4_request.');
  }
  return { access_key_id, scope_date, region, scope: `${scope_date}/${region}/s3/aws4_request` };
}

// Whatever could change the meaning of the request and is not signed could have been added by somebody else.
function requireSigned(request: IncomingMessage, signed: readonly string[]): void {
  const present = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'));
  const missing = ['host', ...present].filter((name) => !signed.includes(name));
  if (missing.length > 0) {
    throw new S3Error(
      'AccessDenied',
      `There were headers present which were not signed: ${missing.join(', ')}`,
    );
  }
}

function signatureOf(request: IncomingMessage, target: Target, claim: Claim, secret: string): string {
  const headers = claim.signed_headers.map((name) => `${name}:${canonicalHeader(request, name)}\n`).join('');
  const query = claim.query
    .map(([name, value]): [string, string] => [encode(name), encode(value)])
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((pair) => pair.join('='))
    .join('&');
  const canonical = [
    target.method,
    target.path.split('/').map(encode).join('/'),
    query,
    headers,
    claim.signed_headers.join(';'),
    claim.payload,
  ].join('\n');
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = [ALGORITHM, claim.timestamp, claim.scope, hash].join('\n');
  const key = [claim.scope_date, claim.region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', key).update(text).digest('hex');
}

function canonicalHeader(request: IncomingMessage, name: string): string {
  const values = request.headersDistinct[name] ?? [];
  return values.map((value) => value.trim().replace(/[ \t]+/g, ' ')).join(',');
}

function single(request: IncomingMessage, name: string): string | undefined {
  const values = request.headersDistinct[name];
  if (values !== undefined && values.length > 1) {
    throw new S3Error('InvalidRequest', `The header ${name} is given more than once.`);
  }
  return values?.[0];
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function parseTimestamp(text: string): number | undefined {
  if (!/^\d{8}T\d{6}Z$/.test(text)) return undefined;
  const at = Date.parse(text.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(at) ? undefined : at;
}
