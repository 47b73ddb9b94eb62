import { createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrorCode } from '../system-errors.js';
import { S3Error } from './errors.js';
import { checkBucketName } from './target.js';

// One file per object: its bytes, then its metadata as JSON, then the length of that JSON and a mark. So bytes and
// metadata appear, change and vanish in one rename, and a kill leaves at most a file under `.incoming`.
// File names are hashes of keys: nothing a client says becomes part of a path.

const metadataSchema = z.object({
  key: z.string(),
  size: z.number().int().nonnegative(),
  etag: z.string(),
  sha256: z.string(),
  content_type: z.string(),
  modified_at: z.number(),
  /** Further headers to answer with, and `x-amz-meta-*`. */
  headers: z.record(z.string(), z.string()),
});
export type ObjectMetadata = z.infer<typeof metadataSchema>;

const MARK = Buffer.from('GRCO');
const FOOTER_BYTES = MARK.length + 4;
const INCOMING = '.incoming';

export interface OpenObject {
  metadata: ObjectMetadata;
  read(start: number, end: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

export class ObjectFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Removes what an interrupted process left behind. */
  async recover(): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    for (const bucket of await readdir(this.#root)) {
      await rm(join(this.#root, bucket, INCOMING), { recursive: true, force: true });
    }
  }

  async createBucket(bucket: string): Promise<void> {
    await mkdir(this.#bucketPath(bucket), { recursive: true, mode: 0o700 });
    await syncDirectory(this.#root);
  }

  async requireBucket(bucket: string): Promise<void> {
    const found = await stat(this.#bucketPath(bucket)).catch(ignoreMissing);
    if (found === undefined) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist.');
  }

  /**
   * Writes the bytes aside, asks `finish` for the metadata once they are all there, and only then makes the object
   * visible. Whatever throws on the way leaves what was there before.
   */
  async write(
    bucket: string,
    key: string,
    input: {
      bytes: AsyncIterable<Buffer>;
      finish: () => Omit<ObjectMetadata, 'key'>;
      only_if_absent: boolean;
    },
  ): Promise<ObjectMetadata> {
    await this.requireBucket(bucket);
    const path = this.#objectPath(bucket, key);
    // Asked before the bytes are read too, so that a second upload is refused without being stored first.
    if (input.only_if_absent && (await exists(path))) throw preconditionFailed();
    const incoming = join(this.#bucketPath(bucket), INCOMING);
    await mkdir(incoming, { recursive: true, mode: 0o700 });
    const temporary = join(incoming, randomBytes(12).toString('hex'));
    try {
      const handle = await open(temporary, 'wx', 0o600);
      let metadata: ObjectMetadata;
      try {
        for await (const part of input.bytes) await handle.writeFile(part);
        metadata = { ...input.finish(), key };
        await handle.writeFile(footerOf(metadata));
        await handle.sync();
      } finally {
        await handle.close();
      }
      const made = await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
      if (made !== undefined) await syncDirectory(join(made, '..'));
      if (input.only_if_absent) await linkNew(temporary, path);
      else await rename(temporary, path);
      await syncDirectory(join(path, '..'));
      return metadata;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** An open object stays readable as it was, whatever happens to its key meanwhile. */
  async open(bucket: string, key: string): Promise<OpenObject> {
    await this.requireBucket(bucket);
    const handle = await open(this.#objectPath(bucket, key), 'r').catch(ignoreMissing);
    if (handle === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    try {
      const metadata = await readMetadata(handle);
      return {
        metadata,
        read: (start, end) => readRange(handle, start, end),
        close: () => handle.close(),
      };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async remove(bucket: string, key: string): Promise<void> {
    await this.requireBucket(bucket);
    const path = this.#objectPath(bucket, key);
    await rm(path, { force: true });
    await syncDirectory(join(path, '..')).catch(ignoreMissing);
  }

  /** The metadata of all objects of a bucket, sorted by key as S3 does: by bytes of UTF-8. */
  async list(bucket: string): Promise<ObjectMetadata[]> {
    await this.requireBucket(bucket);
    const root = this.#bucketPath(bucket);
    const found: ObjectMetadata[] = [];
    for (const shard of await readdir(root)) {
      if (shard === INCOMING) continue;
      for (const name of await readdir(join(root, shard))) {
        const handle = await open(join(root, shard, name), 'r').catch(ignoreMissing);
        if (handle === undefined) continue;
        try {
          found.push(await readMetadata(handle));
        } finally {
          await handle.close();
        }
      }
    }
    return found.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  #bucketPath(bucket: string): string {
    return join(this.#root, checkBucketName(bucket));
  }

  #objectPath(bucket: string, key: string): string {
    const name = createHash('sha256').update(key).digest('hex');
    return join(this.#bucketPath(bucket), name.slice(0, 2), name);
  }
}

function footerOf(metadata: ObjectMetadata): Buffer {
  const json = Buffer.from(JSON.stringify(metadata));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([json, length, MARK]);
}

async function readMetadata(handle: FileHandle): Promise<ObjectMetadata> {
  const { size } = await handle.stat();
  const footer = await readExactly(handle, size - FOOTER_BYTES, FOOTER_BYTES);
  if (!footer.subarray(4).equals(MARK)) throw new Error('an object in the store is damaged');
  const length = footer.readUInt32BE(0);
  const json = await readExactly(handle, size - FOOTER_BYTES - length, length);
  return metadataSchema.parse(JSON.parse(json.toString('utf8')));
}

async function readExactly(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  if (position < 0) throw new Error('an object in the store is damaged');
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('an object in the store is damaged');
  return buffer;
}

async function* readRange(handle: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position < end;) {
    const part = await readExactly(handle, position, Math.min(65_536, end - position));
    position += part.length;
    yield part;
  }
}

// A link, unlike a rename, refuses to replace: of two that upload the same key, one wins.
async function linkNew(from: string, to: string): Promise<void> {
  await link(from, to).catch((error: unknown) => {
    if (isErrorCode(error, 'EEXIST')) throw preconditionFailed();
    throw error;
  });
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing)) !== undefined;
}

function ignoreMissing(error: unknown): undefined {
  if (isErrorCode(error, 'ENOENT')) return undefined;
  throw error;
}

function preconditionFailed(): S3Error {
  return new S3Error('PreconditionFailed', 'At least one of the preconditions you specified did not hold.');
}
