// The thread that draws a report. Its process watches it; both may be killed at any moment.
import { parentPort } from 'node:worker_threads';
import { type ReportDocument, reportDocument } from '../../domain/reports/document-schema.js';
import type { ReportFormat } from '../../domain/reports/documents.js';

interface RenderJob {
  /** As JSON. */
  document: Uint8Array;
  format: ReportFormat;
}

/** A workbook needs no type setter, and brings none with it. */
async function bytesOf(document: ReportDocument, format: ReportFormat): Promise<Uint8Array> {
  switch (format) {
    case 'pdf': {
      const { reportPdf } = await import('./pdf.js');
      return await reportPdf(document);
    }
    case 'xlsx': {
      const { reportWorkbook } = await import('./workbook.js');
      return await reportWorkbook(document);
    }
    case 'json':
      return Buffer.from(`${JSON.stringify(document, null, 2)}\n`);
  }
}

async function answer({ document, format }: RenderJob): Promise<void> {
  try {
    // Fields in the order of the schema, however they were gathered: equal documents give equal bytes.
    const bytes = await bytesOf(reportDocument.parse(JSON.parse(new TextDecoder().decode(document))), format);
    const rss_mb = process.memoryUsage.rss() / 1024 / 1024;
    parentPort?.postMessage({ bytes, rss_mb });
  } catch (error) {
    parentPort?.postMessage({ error: error instanceof Error ? error.message : 'unknown' });
  }
}

parentPort?.on('message', (job: RenderJob) => void answer(job));
