// S19: a workbook has no formula, whatever the texts in it begin with, and opens with filters and a frozen header.
import readXlsx from 'read-excel-file/node';
import { afterAll, describe, expect, it } from 'vitest';
import { createReportRenderer } from '../../activities/reports/renderer.js';
import { REPORT_TYPES, type ReportType } from '../../domain/reports/documents.js';
import { documentOf, keptOf, type Kind } from './documents.js';
import { NASTY } from './material.js';
import { unzip } from './reading.js';

const never = new AbortController().signal;
const renderer = createReportRenderer();
afterAll(() => renderer.close());

const SHEETS: Readonly<Record<ReportType, string[]>> = {
  compliance_summary: [
    'Summary',
    'Findings',
    'Needs review',
    'By status and severity',
    'Groups',
    'Trend',
    'Changes',
  ],
  gap_analysis: ['Summary', 'Gaps', 'Evidence seen'],
  risk_register: ['Summary', 'Risks', 'Top ten', 'Acceptances ending', 'Heatmaps', 'Categories'],
  incident_summary: [
    'Summary',
    'Incidents',
    'By severity and phase',
    'Time in phase',
    'Phases of incidents',
    'Deadlines',
    'Clocks',
    'Regulatory clocks',
    'Timelines',
  ],
  bcm_impact_analysis: [
    'Summary',
    'Processes',
    'Nodes',
    'Dependencies',
    'Single points of failure',
    'Recovery',
    'Conflicts',
  ],
};

function written(type: ReportType, kind: Kind, rows?: number): Promise<Uint8Array> {
  return renderer.render(keptOf(documentOf(type, kind, rows)), 'xlsx', never);
}

/** The XML of every sheet, in order. */
function sheetsIn(bytes: Uint8Array): string[] {
  const files = unzip(bytes);
  return [...files.keys()]
    .filter((name) => name.startsWith('xl/worksheets/sheet'))
    .toSorted()
    .map((name) => files.get(name) ?? '');
}

async function rowsOf(bytes: Uint8Array, name: string) {
  const sheets = await readXlsx(Buffer.from(bytes));
  return sheets.find(({ sheet }) => sheet === name)?.data ?? [];
}

describe.each(REPORT_TYPES)('%s as a workbook', (type) => {
  it.each(['demo', 'empty', 'nasty'] as const)('has one filtered sheet per table: %s', async (kind) => {
    const bytes = await written(type, kind);
    const workbook = unzip(bytes).get('xl/workbook.xml') ?? '';
    expect([...workbook.matchAll(/<sheet [^>]*name="([^"]+)"/g)].map(([, name]) => name)).toEqual(
      SHEETS[type],
    );
    expect(workbook.match(/<definedNames/g)).toHaveLength(1);
    for (const sheet of sheetsIn(bytes)) {
      expect(sheet).toMatch(/<pane [^>]*ySplit="1"[^>]*state="frozen"/);
      expect(sheet).toMatch(/<\/sheetData><autoFilter ref="A1:[A-Z]+\d+"\/>/);
      const rows = sheet.match(/<row /g)?.length ?? 0;
      expect(sheet).toContain(`${String(rows)}"/>`);
    }
  });

  it('keeps every text a text', async () => {
    const bytes = await written(type, 'nasty');
    const files = unzip(bytes);
    const texts = [...(files.get('xl/sharedStrings.xml') ?? '').matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map(
      ([, text]) => text ?? '',
    );
    expect(texts.length).toBeGreaterThan(20);
    expect(texts.filter((text) => /^\s*[=+\-@\t\r]/.test(text))).toEqual([]);
    expect(texts.some((text) => text.startsWith("'="))).toBe(true);
    for (const sheet of sheetsIn(bytes)) {
      expect(sheet).not.toMatch(/<f[ >/]|<hyperlink|t="str"|DDE/);
      const kinds = new Set([...sheet.matchAll(/<c [^>]*?t="(\w+)"/g)].map(([, kind]) => kind));
      expect([...kinds].filter((kind) => kind !== 's' && kind !== 'n')).toEqual([]);
    }
    // oxlint-disable-next-line no-control-regex -- what XML has no place for
    for (const xml of files.values()) expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/u);
    expect([...files.keys()].filter((name) => /external|connection|macro|vba/i.test(name))).toEqual([]);
  });
});

it('writes real numbers, shares and dates', async () => {
  const [header, first] = await rowsOf(await written('compliance_summary', 'demo'), 'Findings');
  expect(header).toEqual(expect.arrayContaining(['Control', 'Confidence', 'Due', 'Judged (UTC)']));
  const at = (title: string): unknown => first?.[header?.indexOf(title) ?? -1];
  expect(at('Control')).toBe('CC1.1');
  expect(at('Confidence')).toBe(0.55);
  expect(at('Judged (UTC)')).toEqual(new Date('2026-03-25T04:00:00.000Z'));
  const risks = await rowsOf(await written('risk_register', 'demo'), 'Risks');
  expect(risks[1]?.filter((cell) => typeof cell === 'number').length).toBeGreaterThan(4);
});

it('gives back what people wrote, behind an apostrophe where it looks like a formula', async () => {
  const rows = await rowsOf(await written('gap_analysis', 'nasty'), 'Gaps');
  const cells = rows.flat();
  expect(cells).toContain(NASTY[2]);
  expect(cells).toContain(NASTY[3]);
  expect(cells).toContain(NASTY[5]);
  expect(cells).toContain(`'${NASTY[10]}`);
});

it('cuts a text that no cell can hold', async () => {
  const document = documentOf('gap_analysis', 'demo');
  if (document.type !== 'gap_analysis') throw new Error('another document');
  const [gap] = document.gaps;
  if (gap === undefined) throw new Error('no gap');
  const long = { ...document, gaps: [{ ...gap, remediation: 'x'.repeat(40_000) }] };
  const rows = await rowsOf(await renderer.render(keptOf(long), 'xlsx', never), 'Gaps');
  const cell = rows[1]?.[rows[0]?.indexOf('Remediation') ?? -1];
  expect(String(cell)).toHaveLength(32_767);
});

it('holds five thousand findings', async () => {
  const bytes = await written('compliance_summary', 'nasty', 5_000);
  const [, findings] = sheetsIn(bytes);
  expect(findings?.match(/<row /g)).toHaveLength(5_001);
}, 120_000);
