import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { createExtractor } from '../../activities/extraction/extract.js';
import { createTextReader, type TextReaderDeps } from '../../activities/extraction/text-reader.js';
import { DomainError, notFound } from '../../domain/errors.js';

const never = new AbortController().signal;
const extractor = createExtractor();
afterAll(() => extractor.close());

const bytes = Buffer.from('Access is reviewed every quarter.');

async function* chunks(): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, 10);
  yield bytes.subarray(10);
}

const store: TextReaderDeps['store'] = {
  get: async () =>
    Promise.resolve({
      etag: '"e"',
      size: bytes.length,
      content_type: 'text/plain',
      checksum_sha256: undefined,
      bytes: chunks(),
      destroy: () => undefined,
    }),
};

const evidence = {
  object_key: 'k',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  filename: 'review.txt',
  content_type: 'text/plain',
  size: bytes.length,
};

describe('reading stored evidence', () => {
  it('gives its text', async () => {
    expect(await createTextReader({ store, extractor }).read(evidence, never)).toEqual({
      text: bytes.toString(),
      truncated: false,
      unreadable_reason: null,
      extractor_version: 'extract-1',
    });
  });

  it.each<[string, Partial<typeof evidence>, TextReaderDeps['store'], string]>([
    ['is another than the verified one', { sha256: 'f'.repeat(64) }, store, 'not the one'],
    ['is gone', {}, { get: () => Promise.reject(notFound('Object')) }, 'gone'],
    ['is too large', { size: 60 * 1024 * 1024 }, store, 'larger'],
    ['is of an unknown type', { content_type: 'video/mp4', filename: 'a.mp4' }, store, 'type of file'],
  ])('says so where the file %s', async (_name, change, from, said) => {
    const read = await createTextReader({ store: from, extractor }).read({ ...evidence, ...change }, never);
    expect(read.text).toBeNull();
    expect(read.unreadable_reason).toContain(said);
  });

  it('throws an outage of the store, which passes', async () => {
    const down = {
      get: () =>
        Promise.reject(new DomainError('SERVICE_UNAVAILABLE', 'The object store cannot be used now.')),
    };
    await expect(createTextReader({ store: down, extractor }).read(evidence, never)).rejects.toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
  });
});
