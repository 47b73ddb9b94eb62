// S19: a report is made within bounds of time and memory, or refused in words, and the process that made it is gone.
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { afterAll, describe, expect, it } from 'vitest';
import { createReportRenderer } from '../../activities/reports/renderer.js';
import { ReportTooLarge } from '../../activities/reports/types.js';
import { reportDocument, reportJsonSchema } from '../../domain/reports/document-schema.js';
import { REPORT_FORMATS, REPORT_TYPES } from '../../domain/reports/documents.js';
import { until } from '../support/until.js';
import { documentOf, keptOf } from './documents.js';
import { readPdf } from './reading.js';

const never = new AbortController().signal;
const renderer = createReportRenderer();
afterAll(() => renderer.close());

/** Processes that draw reports for this one. */
function drawing(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (!status.includes(`PPid:\t${String(process.pid)}\n`) || /State:\tZ/.test(status)) return false;
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('reports/renderer-process');
    } catch {
      return false;
    }
  });
}

describe('as JSON', () => {
  it.each(REPORT_TYPES)('is the document of its published schema: %s', async (type) => {
    const ajv = new Ajv2020({ strict: false });
    formats.default(ajv);
    const valid = ajv.compile(reportJsonSchema());
    for (const kind of ['demo', 'empty', 'nasty'] as const) {
      const bytes = await renderer.render(keptOf(documentOf(type, kind)), 'json', never);
      const text = Buffer.from(bytes).toString('utf8');
      const read: unknown = JSON.parse(text);
      expect(read).toEqual(documentOf(type, kind));
      expect(valid(read), JSON.stringify(valid.errors)).toBe(true);
      expect(text.endsWith('}\n')).toBe(true);
    }
  });

  it('has its fields in the order of the schema, however they came', async () => {
    const document = documentOf('risk_register', 'demo');
    const turned = reportDocument.parse(Object.fromEntries(Object.entries(document).toReversed()));
    const [one, other] = [
      await renderer.render(keptOf(document), 'json', never),
      await renderer.render(keptOf(turned), 'json', never),
    ];
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true);
  });
});

it.each(REPORT_FORMATS)(
  'gives the same bytes for the same document, from another process too: %s',
  async (format) => {
    const other = createReportRenderer();
    try {
      const document = keptOf(documentOf('risk_register', 'nasty'));
      const first = await renderer.render(document, format, never);
      const second = await other.render(document, format, never);
      expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
    } finally {
      other.close();
    }
  },
  120_000,
);

it('refuses what takes too long, and ends the process', async () => {
  const hasty = createReportRenderer({ timeout_ms: 50 });
  await expect(hasty.render(keptOf(documentOf('gap_analysis', 'demo')), 'pdf', never)).rejects.toThrow(
    new ReportTooLarge('the report takes longer than 0.05 s to draw'),
  );
  renderer.close();
  await until(() => drawing().length === 0);
});

it('refuses what takes too much memory, and ends the process', async () => {
  const small = createReportRenderer({ rss_mb: 60 });
  await expect(small.render(keptOf(documentOf('gap_analysis', 'demo')), 'pdf', never)).rejects.toThrow(
    new ReportTooLarge('the report takes more than 60 MB to draw'),
  );
  await until(() => drawing().length === 0);
}, 60_000);

it('draws five hundred findings in less than 300 MB', async () => {
  const bounded = createReportRenderer({ rss_mb: 300 });
  try {
    const bytes = await bounded.render(keptOf(documentOf('compliance_summary', 'demo', 500)), 'pdf', never);
    const { pages } = await readPdf(bytes);
    expect(pages.at(-1)?.text).toContain('CC8.500');
  } finally {
    bounded.close();
  }
}, 120_000);

it('ends the process when nobody waits any more', async () => {
  const leaving = new AbortController();
  const rendering = renderer.render(
    keptOf(documentOf('compliance_summary', 'demo', 2_000)),
    'pdf',
    leaving.signal,
  );
  const refused = expect(rendering).rejects.toThrow('enough');
  await until(() => drawing().length > 0);
  leaving.abort(new Error('enough'));
  await refused;
  await until(() => drawing().length === 0);
}, 60_000);

it('refuses a document that is none, and draws the next one', async () => {
  const document = { ...documentOf('risk_register', 'empty'), title: 7 };
  await expect(renderer.render(keptOf(document), 'pdf', never)).rejects.toThrow('the report cannot be drawn');
  expect(
    (await renderer.render(keptOf(documentOf('risk_register', 'empty')), 'json', never)).length,
  ).toBeGreaterThan(100);
}, 60_000);

it('draws five thousand findings, every one of them, while the worker goes on', async () => {
  const patient = createReportRenderer({ timeout_ms: 600_000 });
  let turns = 0;
  const beat = setInterval(() => (turns += 1), 10);
  const bytes = await patient.render(keptOf(documentOf('compliance_summary', 'demo', 5_000)), 'pdf', never);
  clearInterval(beat);
  patient.close();
  expect(turns).toBeGreaterThan(100);
  const { pages } = await readPdf(bytes);
  expect(pages.length).toBeGreaterThan(150);
  expect(pages.at(-1)?.text).toContain('CC8.5000');
}, 600_000);
