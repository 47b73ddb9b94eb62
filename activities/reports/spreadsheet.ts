/*
 * Tables as SpreadsheetML, row by row: a cell is text, a number or a date, and there is no way to write a formula.
 * Why by hand: `write-excel-file` needs six times as long for the same cells, because it builds an object for each.
 */
import type { Part } from './archive.js';
import type { Kind, Sheet, Value } from './sheets/sheet.js';
import { cellText } from './text.js';

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

const DAY_MS = 86_400_000;
/** Days from the first day of a spreadsheet to 1970. */
const EPOCH = 25_569;
/** 1 March 1900: before it every spreadsheet counts otherwise. */
const FIRST_DATE = 61;

const FORMATS = ['#,##0', '#,##0.0#', '0%', 'yyyy-mm-dd', 'yyyy-mm-dd hh:mm'] as const;
const FIRST_FORMAT = 164;
const TOP = '<alignment vertical="top"/>';
/** Places in `cellXfs`, in the order in which `styles()` writes them. */
const STYLE = { header: 1, text: 2, plain: 3, whole: 4, fraction: 5, share: 6, date: 7, moment: 8 } as const;

const MARKUP = /[&<>"]/g;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(MARKUP, (letter) => ENTITIES[letter] ?? letter);
}

/** A, B, … Z, AA */
function letters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last;
}

/** Every text once; cells say its place. */
class Texts {
  readonly #places = new Map<string, number>();
  used = 0;

  placeOf(text: string): number {
    this.used += 1;
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(text, place);
    return place;
  }

  *xml(): Iterable<string> {
    yield `${XML}<sst xmlns="${MAIN}" count="${String(this.used)}" uniqueCount="${String(this.#places.size)}">`;
    for (const text of this.#places.keys()) {
      // Without the word, readers may take spaces off.
      yield `<si><t xml:space="preserve">${escaped(cellText(text))}</t></si>`;
    }
    yield '</sst>';
  }
}

/** @returns the days that a spreadsheet counts; undefined for what it has no date for */
function serial(value: Value): number | undefined {
  const days = typeof value === 'string' ? Date.parse(value) / DAY_MS + EPOCH : NaN;
  return days >= FIRST_DATE ? days : undefined;
}

function numberStyle(value: number, kind: Kind): number {
  if (kind === 'share') return STYLE.share;
  if (kind !== 'number') return STYLE.plain;
  return Number.isInteger(value) ? STYLE.whole : STYLE.fraction;
}

/** Ends in the row's number; what follows it says style, kind and value. */
function rest(value: Value, kind: Kind, texts: Texts): string {
  if (typeof value === 'number')
    return `" s="${String(numberStyle(value, kind))}"><v>${String(value)}</v></c>`;
  if (kind === 'date' || kind === 'moment') {
    const days = serial(value);
    if (days !== undefined) return `" s="${String(STYLE[kind])}"><v>${String(days)}</v></c>`;
  }
  return `" s="${String(STYLE.text)}" t="s"><v>${String(texts.placeOf(String(value)))}</v></c>`;
}

function rangeOf({ columns, rows }: Sheet, fixed: '' | '$' = ''): string {
  return `${fixed}A${fixed}1:${fixed}${letters(columns.length - 1)}${fixed}${String(rows.length + 1)}`;
}

function* sheetXml(sheet: Sheet, index: number, texts: Texts): Iterable<string> {
  const { columns, rows } = sheet;
  const widths = columns.map(({ width }, column) => {
    const place = String(column + 1);
    return `<col min="${place}" max="${place}" width="${String(width)}" customWidth="1"/>`;
  });
  const header = columns.map(
    ({ title }, column) =>
      `<c r="${letters(column)}1" s="${String(STYLE.header)}" t="s"><v>${String(texts.placeOf(title))}</v></c>`,
  );
  yield (
    `${XML}<worksheet xmlns="${MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="${rangeOf(sheet)}"/>` +
    `<sheetViews><sheetView${index === 0 ? ' tabSelected="1"' : ''} workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>` +
    `<cols>${widths.join('')}</cols><sheetData><row r="1" ht="24" customHeight="1">${header.join('')}</row>`
  );
  const cells = columns.map(({ kind }, column) => ({ kind, begun: `<c r="${letters(column)}` }));
  let number = 1;
  for (const row of rows) {
    number += 1;
    const at = String(number);
    let xml = `<row r="${at}">`;
    for (const [column, { kind, begun }] of cells.entries()) {
      const value = row[column];
      if (value === undefined || value === null || value === '') continue;
      xml += begun + at + rest(value, kind, texts);
    }
    yield `${xml}</row>`;
  }
  // In print all columns stand side by side.
  yield (
    `</sheetData><autoFilter ref="${rangeOf(sheet)}"/><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>` +
    '<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/></worksheet>'
  );
}

function styles(): string {
  const formats = FORMATS.map(
    (code, index) => `<numFmt numFmtId="${String(FIRST_FORMAT + index)}" formatCode="${escaped(code)}"/>`,
  );
  const family = '<name val="Calibri"/><family val="2"/>';
  const kinds = [
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>',
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="center"/></xf>',
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>',
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment horizontal="left" vertical="top"/></xf>',
    ...FORMATS.map(
      (_, index) =>
        `<xf numFmtId="${String(FIRST_FORMAT + index)}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">${TOP}</xf>`,
    ),
  ];
  return (
    `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="${String(formats.length)}">${formats.join('')}</numFmts>` +
    `<fonts count="2"><font><sz val="11"/>${family}</font><font><b/><sz val="11"/><color rgb="FFFFFFFF"/>${family}</font></fonts>` +
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF1F3A5F"/><bgColor indexed="64"/></patternFill></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
    `<cellXfs count="${String(kinds.length)}">${kinds.join('')}</cellXfs>` +
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
  );
}

function workbook(sheets: readonly Sheet[]): string {
  const entries = sheets.map(
    ({ name }, index) =>
      `<sheet name="${escaped(name)}" sheetId="${String(index + 1)}" r:id="rId${String(index + 1)}"/>`,
  );
  // The filter as Excel knows it, and the header again on every printed page.
  const names = sheets.flatMap((sheet, index) => {
    const local = `localSheetId="${String(index)}"`;
    const name = escaped(`'${sheet.name.replaceAll("'", "''")}'`);
    return [
      `<definedName name="_xlnm._FilterDatabase" ${local} hidden="1">${name}!${rangeOf(sheet, '$')}</definedName>`,
      `<definedName name="_xlnm.Print_Titles" ${local}>${name}!$1:$1</definedName>`,
    ];
  });
  return `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><bookViews><workbookView/></bookViews><sheets>${entries.join('')}</sheets><definedNames>${names.join('')}</definedNames></workbook>`;
}

function relations(targets: readonly (readonly [type: string, target: string])[]): string {
  const entries = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${String(index + 1)}" Type="${RELATIONS}/${type}" Target="${target}"/>`,
  );
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships">${entries.join('')}</Relationships>`;
}

function contentTypes(files: readonly (readonly [name: string, type: string])[]): string {
  const entries = files.map(
    ([name, type]) => `<Override PartName="/xl/${name}" ContentType="${TYPES}.${type}+xml"/>`,
  );
  return `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${entries.join('')}</Types>`;
}

/** The parts of a workbook. The texts come last: only then all of them are known. */
export function workbookParts(sheets: readonly Sheet[]): Part[] {
  const texts = new Texts();
  const files = sheets.map((_, index) => `worksheets/sheet${String(index + 1)}.xml`);
  const whole = (name: string, xml: string): Part => ({ name, text: () => [xml] });
  return [
    whole(
      '[Content_Types].xml',
      contentTypes([
        ['workbook.xml', 'sheet.main'],
        ...files.map((file) => [file, 'worksheet'] as const),
        ['styles.xml', 'styles'],
        ['sharedStrings.xml', 'sharedStrings'],
      ]),
    ),
    whole('_rels/.rels', relations([['officeDocument', 'xl/workbook.xml']])),
    whole('xl/workbook.xml', workbook(sheets)),
    whole(
      'xl/_rels/workbook.xml.rels',
      relations([
        ...files.map((file) => ['worksheet', file] as const),
        ['styles', 'styles.xml'],
        ['sharedStrings', 'sharedStrings.xml'],
      ]),
    ),
    whole('xl/styles.xml', styles()),
    ...sheets.map((sheet, index) => ({
      name: `xl/${files[index] ?? ''}`,
      text: () => sheetXml(sheet, index, texts),
    })),
    { name: 'xl/sharedStrings.xml', text: () => texts.xml() },
  ];
}
