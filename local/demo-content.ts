// Which of the demo's documents speaks for which controls, in which format it is filed, and how old it is.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderDocx } from './demo/docx.js';
import { parseMarkdown } from './demo/markdown.js';
import { renderPdf } from './demo/pdf.js';
import type { DemoDocument } from './demo/seed.js';
import { PROJECT_DIR } from './node-process.js';

type Format = 'pdf' | 'docx' | 'md';

interface Filed {
  name: string;
  format: Format;
  refs: readonly string[];
  age_days: number;
}

const filed = (name: string, format: Format, refs: string, age_days: number): Filed => ({
  name,
  format,
  refs: refs.split(' '),
  age_days,
});

const DOCUMENTS: readonly Filed[] = [
  filed('backup-status-report-2026-09', 'md', 'A1.2 CC7.5', 50),
  filed('bank-feed-input-and-storage-controls', 'docx', 'PI1.1 PI1.2 PI1.3 PI1.5', 120),
  filed('board-minutes-2026-q3', 'pdf', 'CC1.2 CC3.1', 55),
  filed('capacity-report-2026-q3', 'md', 'A1.1', 50),
  filed('change-management-procedure', 'docx', 'CC8.1', 200),
  filed('code-of-conduct', 'pdf', 'CC1.1 CC1.5', 290),
  filed('customer-commitments', 'docx', 'CC2.3 C1.1', 140),
  filed('data-classification-and-handling', 'pdf', 'C1.1 C1.2 CC6.5', 180),
  filed('dpia-invoice-recognition', 'pdf', 'P3.1 P4.1', 160),
  filed('dr-exercise-2026', 'pdf', 'A1.3 CC7.5 CC9.1', 100),
  filed('encryption-standard', 'docx', 'CC6.1 CC6.7', 210),
  filed('hiring-checklist', 'docx', 'CC1.4', 130),
  filed('incident-response-plan', 'pdf', 'CC7.3 CC7.4 CC7.5', 170),
  filed('information-security-policy', 'pdf', 'CC1.3 CC5.2 CC5.3 CC6.1', 150),
  filed('internal-audit-2026-h1', 'pdf', 'CC4.1 CC4.2', 110),
  filed('internal-communication-plan', 'docx', 'CC2.2', 220),
  filed('logging-and-monitoring', 'docx', 'CC7.1 CC7.2', 190),
  filed('management-assertion', 'pdf', 'CC2.3 CC4.1', 40),
  filed('network-security-standard', 'docx', 'CC6.6', 230),
  filed('office-physical-security-review', 'pdf', 'CC6.4', 95),
  filed('pentest-summary-2026', 'pdf', 'CC4.1 CC7.1', 137),
  filed('post-mortem-inc-2026-0041', 'md', 'CC7.4 CC7.5', 70),
  filed('privacy-breach-procedure', 'docx', 'P6.3 P6.6', 175),
  filed('privacy-notice', 'pdf', 'P1.1 P2.1', 260),
  filed('privacy-quality-statement', 'docx', 'P7.1 P8.1', 165),
  filed('risk-assessment-methodology', 'docx', 'CC3.1 CC3.2 CC3.3', 205),
  filed('significant-change-assessment', 'docx', 'CC3.4', 85),
  filed('system-description', 'pdf', 'CC2.1 CC2.3', 45),
  filed('vendor-memo-paylink', 'md', 'CC9.2', 60),
];

const CONTENT_TYPES: Record<Format, string> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  md: 'text/markdown',
};

const AUTHOR = 'Demo organization';

export async function* demoDocuments(): AsyncGenerator<DemoDocument> {
  for (const { name, format, refs, age_days } of DOCUMENTS) {
    const source = await readFile(join(PROJECT_DIR, 'local', 'demo', 'evidence', `${name}.md`), 'utf8');
    yield {
      meta: {
        filename: `${name}.${format}`,
        content_type: CONTENT_TYPES[format],
        control_refs: refs,
        age_days,
        expires_in_days: null,
      },
      bytes: await render(source, format),
    };
  }
}

async function render(source: string, format: Format): Promise<Buffer> {
  switch (format) {
    case 'md':
      return Buffer.from(source);
    case 'pdf':
      return renderPdf(parseMarkdown(source), AUTHOR);
    case 'docx':
      return renderDocx(parseMarkdown(source), AUTHOR);
  }
}
