import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { listenOn } from '../http-server.js';
import { isErrorCode } from '../system-errors.js';
import { S3Error } from './errors.js';
import { ObjectFiles } from './files.js';
import { listObjects } from './listing.js';
import { copyObject, getObject, putObject, removeObject, type Call } from './objects.js';
import { headerOf } from './payload.js';
import { verifySignature, type StorageCredentials } from './sigv4.js';
import { checkBucketName, parseTarget, queryValue, type Target } from './target.js';
import { errorXml } from './xml.js';

// The part of S3 that the product uses, on disk. Every request must be signed; what is not supported is refused
// with NotImplemented and never half done.

export interface StorageOptions {
  data_dir: string;
  host?: string;
  port: number;
  credentials: StorageCredentials;
  max_object_bytes: number;
  /** Made at the start when it is not there. */
  bucket?: string;
}

export interface EmbeddedStorage {
  /** The value of S3_ENDPOINT. */
  url: string;
  stop(): Promise<void>;
}

/** Sub-resources of S3 (`?acl`, `?uploads` …) that would otherwise be taken for the plain object or bucket. */
const KNOWN_QUERY =
  /^(x-amz-.*|x-id|response-.*|list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner)$/i;
// Bytes of a refused upload that are read and dropped, so that the client gets to read the refusal.
const DRAIN_BYTES = 8 * 1024 * 1024;

export async function startStorage(options: StorageOptions): Promise<EmbeddedStorage> {
  const files = new ObjectFiles(join(options.data_dir, 'storage'));
  await files.recover();
  if (options.bucket !== undefined) await files.createBucket(options.bucket);
  const server = createServer((request, response) => {
    handle(files, options, request, response).catch((error: unknown) => refuse(request, response, error));
  });
  server.headersTimeout = 15_000;
  server.requestTimeout = 300_000;
  return listenOn(server, options);
}

async function handle(
  files: ObjectFiles,
  options: StorageOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = parseTarget(request);
  // Nothing is read, written or told before the signature holds.
  const signed = verifySignature(request, target, options.credentials);
  const strange = target.query.find(([name]) => !KNOWN_QUERY.test(name))?.[0];
  if (strange !== undefined) throw new S3Error('NotImplemented', `?${strange} is not supported.`);
  checkBucketName(target.bucket);
  const { max_object_bytes } = options;
  const call: Call = { request, response, target, files, max_object_bytes };
  if (target.key === '') await bucketCall(call);
  else await objectCall(call, signed);
}

async function bucketCall({ files, response, target }: Call): Promise<void> {
  switch (target.method) {
    case 'PUT':
      await files.createBucket(target.bucket);
      response.writeHead(200, { location: `/${target.bucket}` }).end();
      return;
    case 'HEAD':
      await files.requireBucket(target.bucket);
      response.writeHead(200).end();
      return;
    case 'GET':
      response.writeHead(200, { 'content-type': 'application/xml' }).end(await listObjects(files, target));
      return;
    default:
      throw notAllowed(target);
  }
}

async function objectCall(call: Call, signed: { payload: string }): Promise<void> {
  switch (call.target.method) {
    case 'PUT': {
      const source =
        headerOf(call.request, 'x-amz-copy-source') ?? queryValue(call.target, 'x-amz-copy-source');
      return source === undefined ? putObject(call, signed) : copyObject(call, source);
    }
    case 'GET':
    case 'HEAD':
      return getObject(call);
    case 'DELETE':
      return removeObject(call);
    default:
      throw notAllowed(call.target);
  }
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    // Half an object must not look like a whole one.
    response.destroy();
    return;
  }
  const refusal = translate(error);
  const body = errorXml(refusal, request.url?.split('?', 1)[0] ?? '/', randomBytes(8).toString('hex'));
  if (!request.complete) {
    response.setHeader('connection', 'close');
    drain(request);
  }
  const headers = { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(body) };
  response.writeHead(refusal.status, request.method === 'HEAD' ? {} : headers);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function drain(request: IncomingMessage): void {
  let dropped = 0;
  request.on('error', () => undefined);
  request.on('data', (part: Buffer) => {
    dropped += part.length;
    if (dropped > DRAIN_BYTES) request.destroy();
  });
}

function translate(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  if (isErrorCode(error, 'ENOSPC')) return new S3Error('InsufficientStorage', 'The disk is full.');
  process.stderr.write(
    `storage: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return new S3Error('InternalError', 'We encountered an internal error.');
}

function notAllowed(target: Target): S3Error {
  return new S3Error('MethodNotAllowed', `${target.method} is not allowed here.`);
}
