// S19: what users wrote is printed as it stands: no markup of it, no script, no request, nothing cut off.
import { afterAll, describe, expect, it } from 'vitest';
import { createReportRenderer } from '../../activities/reports/renderer.js';
import { REPORT_TYPES, type ReportType } from '../../domain/reports/documents.js';
import { documentOf, keptOf, type Kind } from './documents.js';
import { NASTY } from './material.js';
import { type Pdf, readPdf, squeezed, unpackedPdf } from './reading.js';

const never = new AbortController().signal;
const renderer = createReportRenderer();
afterAll(() => renderer.close());

const A4 = { width: 595.3, margin: 56.6 };
/** Of Arabic the letters are there, in the order in which they are drawn. */
const LATIN_OR_CHINESE = [NASTY[0], NASTY[2], NASTY[4], NASTY[5]];

const TITLES: Readonly<Record<ReportType, string>> = {
  compliance_summary: 'Compliance summary: Q1 2026 SOC 2 assessment',
  gap_analysis: 'Gap analysis: Q1 2026 SOC 2 assessment',
  risk_register: 'Risk register: Risk register, first quarter of 2026',
  incident_summary: 'Incident summary: Incidents of the first quarter of 2026',
  bcm_impact_analysis: 'Business impact analysis: Business impact analysis 2026',
};

const SAYS: Readonly<Record<ReportType, { demo: string[]; empty: string[] }>> = {
  compliance_summary: {
    demo: [
      'The score is 78.6%',
      '8 points above the previous assessment',
      'By group of the framework',
      'Needs review',
    ],
    empty: ['No control of this assessment has been judged yet.', 'Nothing is judged yet.'],
  },
  gap_analysis: {
    demo: [
      '12 gaps are open',
      'Evidence seen',
      'Enforce a second factor',
      'Check iam_user_mfa_enabled: Fail',
    ],
    empty: ['No gaps: nothing is failed or partly met.'],
  },
  risk_register: {
    demo: ['24 risks are registered', 'Inherent', 'Residual', 'Top ten', 'RISK-24'],
    empty: ['No risks are registered.', 'No acceptance is about to expire.'],
  },
  incident_summary: {
    demo: ['14 incidents in this period', '7 h 30 min', 'NIS2', 'Submitted late', 'Redacted', 'INC-2026-14'],
    empty: ['No incidents were reported in this period.', 'No duty to notify has arisen.'],
  },
  bcm_impact_analysis: {
    demo: ['6 business processes', 'ledger-db', 'Tier 1: within 4 h', 'RTO inversion', 'Add a replica'],
    empty: ['No business processes are registered yet.', 'No single point of failure is known.'],
  },
};

async function drawn(type: ReportType, kind: Kind): Promise<{ bytes: Uint8Array; pdf: Pdf; text: string }> {
  const bytes = await renderer.render(keptOf(documentOf(type, kind)), 'pdf', never);
  const pdf = await readPdf(bytes);
  return { bytes, pdf, text: pdf.pages.map(({ text }) => text).join('') };
}

/** What runs out of the text block on either side. */
function outside({ pages }: Pdf): string[] {
  return pages.flatMap(({ words }) =>
    words
      .filter(({ left, right }) => left < A4.margin - 1 || right > A4.width - A4.margin + 2)
      .map(({ text }) => text),
  );
}

describe.each(REPORT_TYPES)('%s as a PDF', (type) => {
  it('says what the document holds, on numbered pages', async () => {
    const { pdf, text } = await drawn(type, 'demo');
    expect(SAYS[type].demo.filter((said) => !text.includes(squeezed(said)))).toEqual([]);
    expect(pdf).toMatchObject({ title: TITLES[type], author: 'Northwind Payments', language: 'en' });
    const last = String(pdf.pages.length);
    pdf.pages.forEach((page, index) => {
      expect(page.text).toContain(squeezed(`Page ${String(index + 1)} of ${last}`));
    });
    expect(outside(pdf)).toEqual([]);
  }, 120_000);

  it('says in words that there is nothing', async () => {
    const { text } = await drawn(type, 'empty');
    expect(SAYS[type].empty.filter((said) => !text.includes(squeezed(said)))).toEqual([]);
  }, 120_000);

  it('prints whatever people write, and does none of it', async () => {
    const { bytes, pdf, text } = await drawn(type, 'nasty');
    expect(LATIN_OR_CHINESE.filter((said) => !text.includes(squeezed(said)))).toEqual([]);
    expect(text).toMatch(/[\u0600-\u06ff\ufb50-\ufefc]{4,}/u);
    expect(outside(pdf)).toEqual([]);
    expect(pdf.actions).toEqual([]);
    expect(pdf.pages.map(({ annotations }) => annotations)).toEqual(pdf.pages.map(() => 0));
    const unpacked = unpackedPdf(bytes);
    expect(unpacked).toContain('/StructTreeRoot');
    for (const action of [
      '/JavaScript',
      '/JS',
      '/OpenAction',
      '/AA',
      '/Launch',
      '/URI',
      '/EmbeddedFile',
      '/GoToR',
      '/SubmitForm',
    ]) {
      expect(unpacked).not.toMatch(new RegExp(`${action}[^A-Za-z]`));
    }
  }, 120_000);
});

it('repeats the header of a table on every page that it goes over', async () => {
  const { pdf } = await drawn('compliance_summary', 'demo');
  const inside = pdf.pages.filter(({ text }) => text.includes('CC7.33') || text.includes('CC3.20'));
  expect(inside.length).toBeGreaterThan(1);
  for (const { text } of inside) expect(text).toContain('ControlRequirementStatusSeverity');
}, 120_000);
