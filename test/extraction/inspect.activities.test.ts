// S12: files that are not what they claim to be are told by their bytes, in a process of its own; honest ones pass.
import writeXlsx from 'write-excel-file/node';
import { afterAll, expect, test } from 'vitest';
import { createExtractor } from '../../activities/extraction/extract.js';
import { BAD_FILES, PIXEL, TYPES } from '../support/bad-files.js';
import { docx, pdf } from '../support/files.js';

const extractor = createExtractor();
afterAll(() => extractor.close());
const never = new AbortController().signal;

// what the reader of the stream finds by itself is tried with the stream
const INSPECTED = BAD_FILES.filter(({ words }) => words !== 'bytes as text');

test.each(INSPECTED.map((bad) => [bad.words, bad] as const))('%s is refused', async (_, bad) => {
  const refused = await extractor.inspectFile(bad, never);
  expect(refused?.reason, refused?.detail).toBe(bad.reason);
  expect(refused?.detail).toMatch(/^the (file|archive)/);
});

const xlsx = await writeXlsx([{ data: [[{ value: 'User' }]], sheet: 'Q1' }]).toBuffer();

test.each([
  ['pdf', pdf(['Reviewed.'])],
  ['png', PIXEL],
  ['docx', docx(['Reviewed.'])],
  ['xlsx', xlsx],
  ['txt', Buffer.from('Reviewed.')],
  ['csv', Buffer.from('\u00ef\u00bb\u00bfuser,date\n', 'latin1')],
  ['json', Buffer.from(' {"a": 1}')],
] as const)('an honest %s passes', async (ending, bytes) => {
  const source = { bytes, content_type: TYPES[ending], filename: `file.${ending}` };
  expect(await extractor.inspectFile(source, never)).toBeUndefined();
});
