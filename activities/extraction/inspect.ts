// Is a file what it claims to be? By its bytes, in the process that may be lost: a name and a declared type are words.
import { fileTypeFromBuffer } from 'file-type';
import { inspectArchive } from './archive.js';
import { UnreadableFile, type ExtractLimits, type ExtractSource } from './types.js';

/** Programs in whatever wrapping, by file-type's names. */
const PROGRAMS = new Set([
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/java-vm',
  'application/java-archive',
  'application/wasm',
  'application/vnd.android.package-archive',
  'application/x-deb',
  'application/x-rpm',
  'application/x-apple-diskimage',
  'application/x-ms-shortcut',
  'application/x-shockwave-flash',
  'application/x-google-chrome-extension',
  'application/x-xpinstall',
]);

/** How programs begin that have no format, or whose head file-type takes for too short. */
const BEGINNINGS = ['MZ', '\u007fELF', '#!', 'X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR'];

/** The part without which an office file is none of its type. */
const PARTS: Readonly<Record<string, string>> = {
  docx: 'word/document.xml',
  xlsx: 'xl/workbook.xml',
  pptx: 'ppt/presentation.xml',
};

const BY_TYPE: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
};

/** @throws UnreadableFile with the reason */
export async function inspect(
  source: ExtractSource,
  bytes: Uint8Array,
  limits: ExtractLimits,
): Promise<void> {
  const head = Buffer.from(bytes.subarray(0, 4_096)).toString('latin1');
  if (BEGINNINGS.some((beginning) => head.startsWith(beginning))) throw program();
  const found = await fileTypeFromBuffer(bytes);
  if (found !== undefined && PROGRAMS.has(found.mime)) throw program();
  const wanted = BY_TYPE[source.content_type];
  const part = PARTS[wanted ?? ''];
  if (part !== undefined) return inspectOffice(bytes, part, limits);
  if (endsAsArchive(source.tail ?? bytes))
    throw new UnreadableFile('the file is an archive at the same time', 'wrong_type');
  if (wanted === undefined) return inspectText(source.content_type, head, found?.mime);
  // file-type forgives a PDF what stands before it; another reader may take just that for the file
  const begins = wanted !== 'pdf' || head.startsWith('%PDF-');
  if (found?.ext !== wanted || !begins) throw otherType(found?.mime);
}

function inspectOffice(bytes: Uint8Array, part: string, limits: ExtractLimits): void {
  const begins = (...wanted: number[]): boolean => wanted.every((byte, index) => bytes[index] === byte);
  if (begins(0xd0, 0xcf, 0x11, 0xe0))
    throw new UnreadableFile('the file is protected by a password or in an old Office format', 'wrong_type');
  if (!begins(0x50, 0x4b, 0x03, 0x04)) throw otherType(undefined);
  const names = [...inspectArchive(bytes, limits)];
  if (!names.includes(part) || !names.includes('[Content_Types].xml'))
    throw otherType('another kind of archive');
  if (names.some((name) => /(^|\/)vbaProject\.bin$/i.test(name)))
    throw new UnreadableFile('the file holds macros', 'executable');
}

function inspectText(content_type: string, head: string, found: string | undefined): void {
  if (found !== undefined) throw otherType(found);
  // UTF-8 may begin with its mark, three bytes here
  const first = head.replace(/^\u00ef\u00bb\u00bf/, '').trimStart()[0];
  if (content_type === 'application/json' && first !== undefined && !/[[{"\d\-tfn]/.test(first))
    throw otherType('text that is not JSON');
}

const END_RECORD = Buffer.from('PK\u0005\u0006', 'latin1');
const END_BYTES = 22;

/** A zip is read from its end, so any file may be one too. */
function endsAsArchive(bytes: Uint8Array): boolean {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (
    let at = data.lastIndexOf(END_RECORD);
    at !== -1;
    at = at === 0 ? -1 : data.lastIndexOf(END_RECORD, at - 1)
  ) {
    if (at + END_BYTES <= data.length && at + END_BYTES + data.readUInt16LE(at + 20) >= data.length)
      return true;
  }
  return false;
}

function program(): UnreadableFile {
  return new UnreadableFile('the file is a program', 'executable');
}

function otherType(found: string | undefined): UnreadableFile {
  const is = found === undefined ? '' : `: it is ${found}`;
  return new UnreadableFile(`the file is not of its declared type${is}`, 'wrong_type');
}
