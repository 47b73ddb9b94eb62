import { readFile } from 'node:fs/promises';
import { parseCsv } from './csv.js';
import { renderDocx } from './docx.js';
import { DEMO_ORGANIZATION, type DemoEvidenceEntry } from './evidence-index.js';
import { parseMarkdown } from './markdown.js';
import { renderPdf } from './pdf.js';
import { renderXlsx } from './xlsx.js';

/** The bytes of one document as delivered; the same source gives the same bytes. */
export async function renderEvidence(entry: DemoEvidenceEntry): Promise<Buffer> {
  const source = await readFile(new URL(`./evidence/${entry.file}`, import.meta.url));
  const text = source.toString('utf8');
  switch (entry.format) {
    case 'pdf':
      return renderPdf(parseMarkdown(text), DEMO_ORGANIZATION);
    case 'docx':
      return renderDocx(parseMarkdown(text), DEMO_ORGANIZATION);
    case 'xlsx':
      return renderXlsx(parseCsv(text), entry.title);
    case 'csv':
    case 'md':
    case 'json':
      return source;
    default: {
      const never: never = entry.format;
      return never;
    }
  }
}
