// A report as a workbook: one sheet per table, with a frozen header and filters. What users wrote is text, never a formula.
import { findElement, getCellAddress, prependMarkupInsideElement } from 'write-excel-file/utility';
import writeXlsx, { type CellObject, type Feature, type Image } from 'write-excel-file/node';
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import { withoutTimes } from './archive.js';
import { bcmSheets } from './sheets/bcm.js';
import { complianceSheets, gapSheets } from './sheets/compliance.js';
import { incidentSheets } from './sheets/incidents.js';
import { riskSheets } from './sheets/risks.js';
import type { Kind, Sheet, Value } from './sheets/sheet.js';
import { summarySheet } from './sheets/summary.js';
import { cellText } from './text.js';

const FORMATS: Readonly<Partial<Record<Kind, string>>> = {
  number: '#,##0.##',
  share: '0%',
  date: 'yyyy-mm-dd',
  moment: 'yyyy-mm-dd hh:mm',
};

const HEADER = {
  fontWeight: 'bold',
  textColor: '#ffffff',
  backgroundColor: '#1f3a5f',
  alignVertical: 'center',
  height: 24,
} as const;

function tablesOf(document: ReportDocument): Sheet[] {
  switch (document.type) {
    case 'compliance_summary':
      return complianceSheets(document);
    case 'gap_analysis':
      return gapSheets(document);
    case 'risk_register':
      return riskSheets(document);
    case 'incident_summary':
      return incidentSheets(document);
    case 'bcm_impact_analysis':
      return bcmSheets(document);
  }
}

function cellOf(value: Value, kind: Kind): CellObject | null {
  if (value === null || value === '') return null;
  const format = FORMATS[kind];
  if ((kind === 'date' || kind === 'moment') && typeof value === 'string') {
    return {
      value: new Date(value),
      type: Date,
      alignVertical: 'top',
      ...(format !== undefined && { format }),
    };
  }
  if (typeof value === 'number') {
    if (format === undefined) return { value, type: Number, alignVertical: 'top', align: 'left' };
    return { value, type: Number, alignVertical: 'top', format };
  }
  return { value: cellText(String(value)), type: String, alignVertical: 'top', wrap: true };
}

/** The cells of a sheet's table, as Excel writes them; `$A$1:$D$9` where `$` is given. */
function rangeOf({ columns, rows }: Sheet, fixed: '' | '$' = ''): string {
  const last = getCellAddress(0, columns.length - 1).slice(0, -1);
  return `${fixed}A${fixed}1:${fixed}${last}${fixed}${String(rows.length + 1)}`;
}

const ONE_PAGE_WIDE = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>';

/** Filters; in print all columns side by side, and the header again on every page. */
function filtered(sheets: readonly Sheet[]): Feature<Image['content']> {
  return {
    files: {
      transform: {
        'xl/worksheets/sheet{id}.xml': {
          transform: (xml, _options, { sheetIndex }) => {
            const sheet = sheets[sheetIndex];
            if (sheet === undefined) return xml;
            const worksheet = findElement(xml, 'worksheet');
            if (worksheet === undefined) return xml;
            return prependMarkupInsideElement(xml, worksheet, ONE_PAGE_WIDE)
              .replace('<pageSetup ', '<pageSetup fitToWidth="1" fitToHeight="0" ')
              .replace('</sheetData>', `</sheetData><autoFilter ref="${rangeOf(sheet)}"/>`);
          },
        },
        'xl/workbook.xml': {
          transform: (xml) => {
            const names = sheets.flatMap((sheet, index) => [
              `<definedName name="_xlnm._FilterDatabase" localSheetId="${String(index)}" hidden="1">'${sheet.name}'!${rangeOf(sheet, '$')}</definedName>`,
              `<definedName name="_xlnm.Print_Titles" localSheetId="${String(index)}">'${sheet.name}'!$1:$1</definedName>`,
            ]);
            return xml.replace('<definedNames/>', `<definedNames>${names.join('')}</definedNames>`);
          },
        },
      },
    },
  };
}

export async function reportWorkbook(document: ReportDocument): Promise<Uint8Array> {
  const sheets = [summarySheet(document), ...tablesOf(document)];
  const written = await writeXlsx(
    sheets.map((sheet) => ({
      sheet: sheet.name,
      data: [
        sheet.columns.map(({ title }) => ({ ...HEADER, value: title, type: String })),
        ...sheet.rows.map((row) =>
          row.map((value, index) => cellOf(value, sheet.columns[index]?.kind ?? 'text')),
        ),
      ],
      columns: sheet.columns.map(({ width }) => ({ width })),
      stickyRowsCount: 1,
      orientation: 'landscape' as const,
    })),
    { features: [filtered(sheets)], fontFamily: 'Calibri', fontSize: 11 },
  ).toBuffer();
  return withoutTimes(written);
}
