import { S3Error } from './errors.js';

/** What follows the last chunk: `name:value` lines, by lower-case name. */
export type Trailers = Map<string, string>;

const MAX_LINE_BYTES = 1024;

/**
 * Undoes `aws-chunked` as the AWS SDK sends it with STREAMING-UNSIGNED-PAYLOAD-TRAILER: hexadecimal sizes, data, a
 * chunk of size 0, trailers. Fills `trailers` when it ends.
 */
export async function* decodeChunked(
  source: AsyncIterable<Buffer>,
  trailers: Trailers,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  for (;;) {
    const line = await reader.line();
    const size = /^([0-9a-f]{1,8})$/i.exec(line)?.[1];
    if (size === undefined) throw new S3Error('IncompleteBody', 'A chunk does not begin with its size.');
    const bytes = Number.parseInt(size, 16);
    if (bytes === 0) break;
    yield* reader.take(bytes);
    if ((await reader.line()) !== '') throw new S3Error('IncompleteBody', 'A chunk is longer than it says.');
  }
  for (;;) {
    const line = await reader.line();
    if (line === '') return;
    const colon = line.indexOf(':');
    if (colon < 1 || trailers.size >= 8) throw new S3Error('IncompleteBody', 'A trailer is malformed.');
    trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#held.indexOf('\r\n');
      if (end !== -1) {
        const line = this.#held.subarray(0, end).toString('latin1');
        this.#held = this.#held.subarray(end + 2);
        return line;
      }
      if (this.#held.length > MAX_LINE_BYTES)
        throw new S3Error('IncompleteBody', 'A chunk line is too long.');
      await this.#more();
    }
  }

  async *take(size: number): AsyncGenerator<Buffer> {
    let left = size;
    while (left > 0) {
      if (this.#held.length === 0) await this.#more();
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done === true) throw new S3Error('IncompleteBody', 'The body ends before its last chunk.');
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value]);
  }
}
