import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { DomainError, notFound } from '../../domain/errors.js';
import { statusOf, translated } from './errors.js';
import { presignGet, presignPut, type PresignedGet, type PresignedPut } from './presign.js';

export interface ObjectStoreConfig {
  endpoint: string;
  region: string;
  bucket: string;
  access_key_id: string;
  secret_access_key: string;
  /** How long one request may be silent; 10 s if not given. */
  timeout_ms?: number;
}

export interface ObjectHead {
  /** With its quotes, as it is compared. */
  etag: string;
  size: number;
  content_type: string;
  /** Base64, where the store keeps it. */
  checksum_sha256: string | undefined;
}

export interface ObjectBody extends ObjectHead {
  /** Ends with PAYLOAD_TOO_LARGE once more than the allowed bytes have come. Must be read or destroyed. */
  bytes: AsyncIterable<Buffer>;
  destroy(): void;
}

export interface PutInput {
  key: string;
  body: Uint8Array;
  content_type: string;
  /** Base64; the store compares it with what arrives. */
  checksum_sha256?: string;
  /** CONFLICT when the key is taken. */
  only_if_absent?: boolean;
}

/** The evidence bucket. NOT_FOUND, CONFLICT and PAYLOAD_TOO_LARGE are final; SERVICE_UNAVAILABLE may pass. */
export interface ObjectStore {
  put(input: PutInput): Promise<{ etag: string }>;
  get(key: string, options: { max_bytes: number; signal?: AbortSignal }): Promise<ObjectBody>;
  find(key: string): Promise<ObjectHead | undefined>;
  /** Removing what is not there is fine. */
  remove(key: string): Promise<void>;
  /** The next keys with that prefix in their order, at most a thousand; none means that there are no more. */
  listSome(prefix: string, after?: string): Promise<string[]>;
  /**
   * Copies within the store, if the source still is the one with that etag (else CONFLICT), onto a key that nobody
   * has (else `exists`: with keys that are hashes, the same bytes).
   */
  copyIfUnchanged(input: { from: string; etag: string; to: string }): Promise<'copied' | 'exists'>;
  presignPut(input: PresignedPut): Promise<{ url: string; headers: Record<string, string> }>;
  presignGet(input: PresignedGet): Promise<string>;
  /** Resolves when the bucket answers. */
  ping(signal?: AbortSignal): Promise<void>;
  ensureBucket(): Promise<void>;
  close(): void;
}

/** A process's environment, as far as it is about the store. */
export interface StoreEnvironment {
  S3_ENDPOINT?: string | undefined;
  S3_REGION?: string | undefined;
  S3_BUCKET?: string | undefined;
  S3_ACCESS_KEY_ID?: string | undefined;
  S3_SECRET_ACCESS_KEY?: string | undefined;
}

/** Undefined where something is missing. */
export function storeOfEnvironment(env: StoreEnvironment): ObjectStore | undefined {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region = 'auto' } = env;
  const { S3_ACCESS_KEY_ID: access_key_id, S3_SECRET_ACCESS_KEY: secret_access_key } = env;
  if (!endpoint || !bucket || !access_key_id || !secret_access_key) return undefined;
  return createObjectStore({ endpoint, region, bucket, access_key_id, secret_access_key });
}

/** One code path for the embedded store, R2 and any S3. */
export function createObjectStore(config: ObjectStoreConfig): ObjectStore {
  const { bucket } = config;
  const client = new S3Client({
    endpoint: config.endpoint,
    region: config.region,
    credentials: { accessKeyId: config.access_key_id, secretAccessKey: config.secret_access_key },
    // R2 and most others have no bucket sub-domains, and none the checksums that the SDK adds by default.
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: config.timeout_ms ?? 10_000,
      throwOnRequestTimeout: true,
    },
  });
  const at = (key: string) => ({ Bucket: bucket, Key: key });

  return {
    put: ({ key, body, content_type, checksum_sha256, only_if_absent }) =>
      translated(async () => {
        const output = await client.send(
          new PutObjectCommand({
            ...at(key),
            Body: body,
            ContentType: content_type,
            ContentLength: body.byteLength,
            ...(checksum_sha256 === undefined ? {} : { ChecksumSHA256: checksum_sha256 }),
            ...(only_if_absent === true ? { IfNoneMatch: '*' } : {}),
          }),
        );
        return { etag: output.ETag ?? '' };
      }),

    get: (key, { max_bytes, signal }) =>
      translated(async () => {
        const output = await client.send(new GetObjectCommand(at(key)), abortable(signal));
        const body = output.Body;
        if (!(body instanceof Readable)) throw notFound('Object');
        const head = headOf(output);
        if (head.size > max_bytes) {
          body.destroy();
          throw tooLarge(max_bytes);
        }
        return { ...head, bytes: capped(body, max_bytes), destroy: () => void body.destroy() };
      }),

    find: (key) =>
      translated(async () => {
        const output = await client.send(new HeadObjectCommand(at(key))).catch((error: unknown) => {
          if (statusOf(error) === 404) return undefined;
          throw error;
        });
        return output === undefined ? undefined : headOf(output);
      }),

    remove: (key) =>
      translated(async () => {
        await client.send(new DeleteObjectCommand(at(key)));
      }),

    listSome: (prefix, after) =>
      translated(async () => {
        const output = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, StartAfter: after }),
        );
        return (output.Contents ?? []).flatMap(({ Key }) => Key ?? []);
      }),

    copyIfUnchanged: ({ from, etag, to }) =>
      translated(async () => {
        // Asked first, because a 412 does not say which of the two conditions failed.
        const target = await exists(client, at(to));
        if (target) return 'exists';
        const command = new CopyObjectCommand({
          ...at(to),
          CopySource: [bucket, ...from.split('/')].map(encodeURIComponent).join('/'),
          CopySourceIfMatch: etag,
          IfNoneMatch: '*',
        });
        command.middlewareStack.add(destinationCondition, { step: 'build', name: 'r2Destination' });
        try {
          await client.send(command);
          return 'copied';
        } catch (error) {
          if (statusOf(error) === 412 && (await exists(client, at(to)))) return 'exists';
          throw error;
        }
      }),

    presignPut: (input) => presignPut(client, bucket, input),
    presignGet: (input) => presignGet(client, bucket, input),

    ping: (signal) =>
      translated(async () => {
        await client.send(new HeadBucketCommand({ Bucket: bucket }), abortable(signal));
      }),

    ensureBucket: () =>
      translated(async () => {
        try {
          await client.send(new HeadBucketCommand({ Bucket: bucket }));
        } catch (error) {
          if (statusOf(error) !== 404) throw error;
          await client.send(new CreateBucketCommand({ Bucket: bucket }));
        }
      }),

    close: () => client.destroy(),
  };
}

/** R2's own name for the destination's `If-None-Match`; the others ignore it. */
const destinationCondition =
  <Input extends { request: unknown }, Output>(next: (args: Input) => Promise<Output>) =>
  (args: Input): Promise<Output> => {
    const { request } = args;
    if (hasHeaders(request)) request.headers['cf-copy-destination-if-none-match'] = '*';
    return next(args);
  };

function hasHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

async function exists(client: S3Client, object: { Bucket: string; Key: string }): Promise<boolean> {
  try {
    await client.send(new HeadObjectCommand(object));
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

function headOf(output: {
  ETag?: string | undefined;
  ContentLength?: number | undefined;
  ContentType?: string | undefined;
  ChecksumSHA256?: string | undefined;
}): ObjectHead {
  return {
    etag: output.ETag ?? '',
    size: output.ContentLength ?? 0,
    content_type: output.ContentType ?? 'application/octet-stream',
    checksum_sha256: output.ChecksumSHA256,
  };
}

// Counted as it comes: the declared length is the sender's word.
async function* capped(body: Readable, max_bytes: number): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const part of body) {
    const bytes = Buffer.from(part);
    size += bytes.length;
    if (size > max_bytes) throw tooLarge(max_bytes);
    yield bytes;
  }
}

function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function tooLarge(max_bytes: number): DomainError {
  return new DomainError('PAYLOAD_TOO_LARGE', `The object has more than ${max_bytes} bytes.`);
}
