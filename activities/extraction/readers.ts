// One reader per kind of file. They run in the reading process only; what they throw becomes a sentence.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import mammoth from 'mammoth';
import readXlsx from 'read-excel-file/node';
import { inspectArchive } from './archive.js';
import { UnreadableFile, type ExtractLimits } from './types.js';

export interface ReadText {
  text: string;
  /** The reader stopped early because there is enough. */
  more: boolean;
  pages?: number;
}

export type Kind = 'pdf' | 'docx' | 'xlsx' | 'text';

const BY_TYPE: Readonly<Record<string, Kind>> = {
  'application/pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'text/csv': 'text',
  'text/markdown': 'text',
  'text/plain': 'text',
  'application/json': 'text',
};
const BY_EXTENSION: Readonly<Record<string, Kind>> = {
  pdf: 'pdf', docx: 'docx', xlsx: 'xlsx', csv: 'text', md: 'text', json: 'text', txt: 'text', log: 'text',
}; // prettier-ignore

export function kindOf(content_type: string, filename: string): Kind | undefined {
  const type = content_type.split(';')[0]?.trim().toLowerCase() ?? '';
  return BY_TYPE[type] ?? BY_EXTENSION[filename.split('.').at(-1)?.toLowerCase() ?? ''];
}

function startsWith(bytes: Uint8Array, ...wanted: number[]): boolean {
  return wanted.every((byte, index) => bytes[index] === byte);
}

/** Office files are zips; encrypted and old ones are in Microsoft's compound form. */
function openOffice(bytes: Uint8Array, part: string, limits: ExtractLimits): void {
  if (startsWith(bytes, 0xd0, 0xcf, 0x11, 0xe0)) {
    throw new UnreadableFile('the file is protected by a password or in an old Office format');
  }
  if (!startsWith(bytes, 0x50, 0x4b)) throw new UnreadableFile('the file is not what its name says');
  const names = inspectArchive(bytes, limits);
  if (!names.has(part)) throw new UnreadableFile('the file is not what its name says');
}

async function readDocx(bytes: Uint8Array, limits: ExtractLimits): Promise<ReadText> {
  openOffice(bytes, 'word/document.xml', limits);
  const { value } = await mammoth.extractRawText({ buffer: Buffer.from(bytes) });
  return { text: value, more: false };
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString().replace('T00:00:00.000Z', '');
  if (typeof cell === 'string') return onOneLine(cell);
  return typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : '';
}

function onOneLine(text: string): string {
  const lines = text.split('\n');
  return lines.length === 1
    ? text
    : lines
        .map((line) => line.trim())
        .filter(Boolean)
        .join(' ');
}

async function readSheets(bytes: Uint8Array, limits: ExtractLimits): Promise<ReadText> {
  openOffice(bytes, 'xl/workbook.xml', limits);
  const parts: string[] = [];
  let chars = 0;
  for (const { sheet, data } of await readXlsx(Buffer.from(bytes))) {
    parts.push(`Sheet: ${sheet}`);
    for (const row of data) {
      const cells = row.map(cellText);
      const last = cells.findLastIndex((cell) => cell.trim() !== '');
      const line = cells.slice(0, last + 1).join(' | ');
      chars += line.length;
      if (chars > limits.max_chars) return { text: parts.join('\n'), more: true };
      if (line.trim() !== '') parts.push(line);
    }
  }
  return { text: parts.join('\n'), more: false };
}

async function readPdf(bytes: Uint8Array, limits: ExtractLimits): Promise<ReadText> {
  const head = Buffer.from(bytes.subarray(0, 1_024)).toString('latin1');
  if (!head.includes('%PDF-')) throw new UnreadableFile('the file is not what its name says');
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const root = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  const loading = pdfjs.getDocument({
    data: new Uint8Array(bytes),
    cMapUrl: `${join(root, 'cmaps')}/`,
    cMapPacked: true,
    standardFontDataUrl: `${join(root, 'standard_fonts')}/`,
    disableFontFace: true,
    useSystemFonts: false,
    enableXfa: false,
    verbosity: 0,
  });
  try {
    const document = await loading.promise;
    const pages: string[] = [];
    let chars = 0;
    let more = document.numPages > limits.max_pages;
    for (let number = 1; number <= Math.min(document.numPages, limits.max_pages); number += 1) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const text = items
        .map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : ''))
        .join('');
      pages.push(text);
      chars += text.length;
      page.cleanup();
      if (chars > limits.max_chars) {
        more = more || number < document.numPages;
        break;
      }
    }
    if (chars === 0) throw new UnreadableFile('the PDF has no text: it is probably a scan');
    return { text: pages.join('\n\n'), more, pages: document.numPages };
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException') {
      throw new UnreadableFile('the PDF is protected by a password');
    }
    throw error;
  } finally {
    await loading.destroy();
  }
}

function decode(bytes: Uint8Array): string {
  if (startsWith(bytes, 0xff, 0xfe)) return new TextDecoder('utf-16le').decode(bytes);
  if (startsWith(bytes, 0xfe, 0xff)) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.subarray(0, 8_192).includes(0))
    throw new UnreadableFile('the file is not text, whatever its name says');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function readPlain(bytes: Uint8Array, limits: ExtractLimits): Promise<ReadText> {
  // Four bytes a character at most, and one character more to know that there is more.
  const wanted = limits.max_chars * 4 + 4;
  const part = bytes.length > wanted ? bytes.subarray(0, wanted) : bytes;
  if (startsWith(part, 0x25, 0x50, 0x44, 0x46) || startsWith(part, 0x50, 0x4b, 0x03, 0x04)) {
    return Promise.reject(new UnreadableFile('the file is not text, whatever its name says'));
  }
  return Promise.resolve({ text: decode(part), more: part.length < bytes.length });
}

export const READERS: Readonly<
  Record<Kind, (bytes: Uint8Array, limits: ExtractLimits) => Promise<ReadText>>
> = {
  pdf: readPdf,
  docx: readDocx,
  xlsx: readSheets,
  text: async (bytes, limits) => readPlain(bytes, limits),
};
