// Reports read back by other programs than those that made them.
import { inflateRawSync, inflateSync } from 'node:zlib';

export interface Page {
  /** Without spaces of any kind: lines break where they must. */
  text: string;
  words: { text: string; left: number; right: number; bottom: number }[];
  annotations: number;
}

export interface Pdf {
  title: unknown;
  author: unknown;
  language: string | null;
  pages: Page[];
  /** Everything that a viewer would do by itself. */
  actions: unknown[];
}

/** Brackets are one: from right to left the same glyph is the other, and this reader takes it for that everywhere. */
export function squeezed(text: string): string {
  return text.normalize('NFKC').replace(/\s+/gu, '').replace(/[()]/g, '|');
}

export async function readPdf(bytes: Uint8Array): Promise<Pdf> {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const loading = pdfjs.getDocument({ data: new Uint8Array(bytes), useSystemFonts: false, verbosity: 0 });
  try {
    const document = await loading.promise;
    const pages: Page[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const texts = items.flatMap((item) => ('str' in item && item.str.trim() !== '' ? [item] : []));
      pages.push({
        text: squeezed(texts.map(({ str }) => str).join('')),
        words: texts.map(({ str, transform, width }) => {
          const [left, bottom] = [Number(transform[4]), Number(transform[5])];
          return { text: str, left, right: left + width, bottom };
        }),
        annotations: (await page.getAnnotations()).length,
      });
      page.cleanup();
    }
    const { info } = await document.getMetadata();
    const actions = [
      await document.getJSActions(),
      await document.getOpenAction(),
      await document.getAttachments(),
    ];
    return {
      title: Reflect.get(info, 'Title'),
      author: Reflect.get(info, 'Author'),
      language: Reflect.get(info, 'Language'),
      pages,
      actions: actions.filter((action) => action !== null && action !== undefined),
    };
  } finally {
    await loading.destroy();
  }
}

/** The file with its streams unpacked: nothing hides in an object stream. */
export function unpackedPdf(bytes: Uint8Array): string {
  const raw = Buffer.from(bytes);
  const parts = [raw.toString('latin1')];
  for (let at = raw.indexOf('stream\n'); at !== -1; at = raw.indexOf('stream\n', at + 7)) {
    if (raw.subarray(at - 3, at).toString('latin1') === 'end') continue;
    try {
      parts.push(inflateSync(raw.subarray(at + 7)).toString('latin1'));
    } catch {
      // a stream that is not packed stands in the file as it is
    }
  }
  return parts.join('\n');
}

/** Files of a zip by name, read from its directory. */
export function unzip(bytes: Uint8Array): Map<string, string> {
  const data = Buffer.from(bytes);
  const end = data.length - 22;
  const files = new Map<string, string>();
  let at = data.readUInt32LE(end + 16);
  for (let index = 0; index < data.readUInt16LE(end + 10); index += 1) {
    const [packed, name_length] = [data.readUInt32LE(at + 20), data.readUInt16LE(at + 28)];
    const local = data.readUInt32LE(at + 42);
    const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
    const content = data.subarray(start, start + packed);
    const name = data.toString('utf8', at + 46, at + 46 + name_length);
    files.set(name, (data.readUInt16LE(at + 10) === 8 ? inflateRawSync(content) : content).toString('utf8'));
    at += 46 + name_length + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
  }
  return files;
}
