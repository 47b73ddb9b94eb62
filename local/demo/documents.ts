import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_DIR } from '../node-process.js';
import { parseCsv } from './csv.js';
import { renderDocx } from './docx.js';
import { EVIDENCE, type EvidenceEntry } from './evidence-index.js';
import { parseMarkdown } from './markdown.js';
import { renderPdf } from './pdf.js';
import type { DemoDocument } from './seed.js';
import { renderXlsx } from './xlsx.js';

const AUTHOR = 'Northwind Ledger B.V.';
const TYPES: Record<EvidenceEntry['form'], string> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv',
  md: 'text/markdown',
};

/** The demo's documents as they would have been uploaded, rendered one by one. */
export async function* demoDocuments(): AsyncGenerator<DemoDocument> {
  for (const entry of EVIDENCE) {
    const { source, form, control_refs, age_days, expires_in_days } = entry;
    const filename = `${source}.${form}`;
    const meta = { filename, content_type: TYPES[form], control_refs, age_days, expires_in_days };
    yield { meta, bytes: await render(entry) };
  }
}

async function render({ source, form }: EvidenceEntry): Promise<Buffer> {
  const ending = form === 'csv' || form === 'xlsx' ? 'csv' : 'md';
  const text = await readFile(join(PROJECT_DIR, 'local/demo/evidence', `${source}.${ending}`), 'utf8');
  if (form === 'md' || form === 'csv') return Buffer.from(text);
  if (form === 'xlsx') return await renderXlsx(parseCsv(text), 'Export');
  const document = parseMarkdown(text);
  return form === 'pdf' ? await renderPdf(document, AUTHOR) : await renderDocx(document, AUTHOR);
}
