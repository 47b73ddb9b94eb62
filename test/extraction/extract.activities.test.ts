import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import writeXlsx from 'write-excel-file/node';
import { afterAll, describe, expect, it } from 'vitest';
import { createExtractor } from '../../activities/extraction/extract.js';
import { docx, pdf, pdfOf, zip } from '../support/files.js';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const never = new AbortController().signal;
const extractor = createExtractor();
afterAll(() => extractor.close());

async function read(bytes: Uint8Array, content_type: string, filename = 'file', limits = {}) {
  return extractor.extractText({ bytes, content_type, filename }, limits, never);
}

describe('readable files', () => {
  it('reads the text of a PDF, also what is printed invisibly', async () => {
    expect(await read(pdf(['Access policy', 'Reviewed every quarter.']), 'application/pdf')).toMatchObject({
      text: expect.stringContaining('Reviewed every quarter.'),
      pages: 1,
      truncated: false,
      error: null,
    });
    const hidden = await read(pdf(['Nobody sees this line.'], { invisible: true }), 'application/pdf');
    expect(hidden.text).toContain('Nobody sees this line.');
  });

  it('reads a docx, hidden runs too', async () => {
    expect(await read(docx(['First paragraph.', 'Second & last.']), DOCX)).toMatchObject({
      text: expect.stringContaining('Second & last.'),
      error: null,
    });
    expect((await read(docx(['Hidden run.'], true), DOCX)).text).toContain('Hidden run.');
  });

  it('reads every sheet of an xlsx with dates and numbers', async () => {
    const rows = [
      [{ value: 'User' }, { value: 'Reviewed' }, { value: 'Items' }],
      [
        { value: 'dana' },
        { value: new Date('2026-01-04T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' },
        { value: 42 },
      ],
    ];
    const bytes = await writeXlsx([
      { data: rows, sheet: 'Q1' },
      { data: [[{ value: 'second sheet' }]], sheet: 'Q2' },
    ]).toBuffer();
    const { text, error } = await read(bytes, XLSX);
    expect(error).toBeNull();
    expect(text).toContain('Sheet: Q1');
    expect(text).toContain('dana | 2026-01-04 | 42');
    expect(text).toContain('second sheet');
  });

  it.each([
    ['csv', Buffer.from('a,b\r\n1,2\r\n'), 'a,b\n1,2\n'],
    ['md', Buffer.from('# Título\n'), '# Título\n'],
    ['json', Buffer.from('{"mfa": true}'), '{"mfa": true}'],
    ['txt', Buffer.from('caf\u00e9', 'latin1'), 'café'],
    ['txt', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('wide', 'utf16le')]), 'wide'],
    ['txt', Buffer.from('no\u0000'.replace('\u0000', '\u0007') + 'bell'), 'nobell'],
  ])('reads %s', async (extension, bytes, wanted) => {
    expect(await read(bytes, 'application/octet-stream', `file.${extension}`)).toEqual({
      text: wanted,
      truncated: false,
      error: null,
    });
  });

  it('reads from a path', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'extract-'));
    const path = join(folder, 'a.txt');
    await writeFile(path, 'from a path');
    const result = await extractor.extractText(
      { path, content_type: 'text/plain', filename: 'a.txt' },
      {},
      never,
    );
    await rm(folder, { recursive: true });
    expect(result.text).toBe('from a path');
  });

  it('cuts what is longer than wanted and says so', async () => {
    const result = await read(Buffer.from('x'.repeat(5_000)), 'text/plain', 'a.txt', { max_chars: 1_000 });
    expect(result).toMatchObject({ truncated: true, error: null });
    expect(result.text).toHaveLength(1_000);
  });
});

describe('files that cannot be read', () => {
  const word = docx(['text']);
  it.each<[string, Uint8Array, string, string]>([
    ['an empty file', Buffer.alloc(0), 'text/plain', 'empty'],
    ['an unknown type', Buffer.from('x'), 'video/mp4', 'type of file'],
    ['a broken PDF', Buffer.from('%PDF-1.7\nbroken'), 'application/pdf', 'damaged'],
    ['a PDF in name only', Buffer.from('hello'), 'application/pdf', 'not what its name says'],
    ['an encrypted PDF', pdf(['secret'], { encrypted: true }), 'application/pdf', 'password'],
    ['a PDF without text', pdfOf(Buffer.from('0 0 100 100 re f')), 'application/pdf', 'scan'],
    ['an encrypted docx', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), DOCX, 'password'],
    ['half a docx', word.subarray(0, word.length / 2), DOCX, 'damaged'],
    ['an xlsx that is a docx', word, XLSX, 'not what its name says'],
    ['binary data called text', Buffer.from([1, 0, 2, 0, 0, 0]), 'text/plain', 'not text'],
    [
      'a docx whose xml is broken',
      zip([{ name: 'word/document.xml', data: '<w:document' }]),
      DOCX,
      'damaged',
    ],
  ])('%s is said to be unreadable in a sentence', async (_name, bytes, type, sentence) => {
    const result = await read(bytes, type);
    expect(result.text).toBe('');
    expect(result.error).toContain(sentence);
  });

  it('a file that is not there is a sentence too', async () => {
    const result = await extractor.extractText(
      { path: '/nowhere/a.txt', content_type: 'text/plain', filename: 'a' },
      {},
      never,
    );
    expect(result.error).toContain('cannot be read');
  });
});

describe('hostile files', () => {
  const zeros = Buffer.alloc(300 * 1024 * 1024);
  it('an archive that says it unpacks to more than allowed is not opened', async () => {
    const result = await read(zip([{ name: 'word/document.xml', data: zeros }]), DOCX);
    expect(result.error).toContain('more than is allowed');
  });

  it('an archive that lies about its size is caught while unpacking', async () => {
    const result = await read(zip([{ name: 'word/document.xml', data: zeros, declared: 1_000 }]), DOCX);
    expect(result.error).toContain('more than is allowed');
  });

  it('an archive of thousands of entries is not opened', async () => {
    const entries = Array.from({ length: 3_000 }, (_, index) => ({ name: `e${index}`, data: 'x' }));
    expect((await read(zip(entries), DOCX)).error).toContain('too many entries');
  });

  it('a PDF that inflates without end costs its reader, and the next file is read', async () => {
    const twice = deflateSync(deflateSync(zeros, { level: 9 }), { level: 9 });
    const bomb = pdfOf(twice, '/Filter [/FlateDecode /FlateDecode]');
    const result = await read(bomb, 'application/pdf', 'bomb.pdf', { rss_mb: 400, timeout_ms: 15_000 });
    expect(result.text).toBe('');
    expect(result.error).not.toBeNull();
    expect(await read(Buffer.from('still here'), 'text/plain')).toMatchObject({ text: 'still here' });
  }, 30_000);

  it('a reader that takes too long is killed, and the next file is read', async () => {
    const slow = docx(Array.from({ length: 60_000 }, (_, index) => `Paragraph ${index}`));
    const result = await read(slow, DOCX, 'slow.docx', { timeout_ms: 50 });
    expect(result.error).toContain('takes longer than 0.05 s');
    expect(await read(Buffer.from('still here'), 'text/plain')).toMatchObject({ text: 'still here' });
  });

  it('cancelling throws the reason and kills the reader', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const slow = docx(Array.from({ length: 60_000 }, (_, index) => `Paragraph ${index}`));
    const reading = extractor.extractText(
      { bytes: slow, content_type: DOCX, filename: 'a' },
      {},
      controller.signal,
    );
    const settled = expect(reading).rejects.toBe(reason);
    setImmediate(() => controller.abort(reason));
    await settled;
    expect(await read(Buffer.from('still here'), 'text/plain')).toMatchObject({ text: 'still here' });
  });
});
