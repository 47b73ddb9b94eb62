// What is written cell by cell, read back by programs that others made.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import readXlsx from 'read-excel-file/node';
import { expect, it } from 'vitest';
import { zipped } from '../../activities/reports/archive.js';
import { date, long, moment, number, share, sheetOf, text } from '../../activities/reports/sheets/sheet.js';
import { workbookParts } from '../../activities/reports/spreadsheet.js';
import { reportWorkbook } from '../../activities/reports/workbook.js';
import { REPORT_TYPES } from '../../domain/reports/documents.js';
import { defaultToolsDir } from '../../local/tools/folder.js';
import { runCommand } from '../../local/tools/command.js';
import { pythonWith } from '../support/tools/python.js';
import { documentOf } from './documents.js';
import { unzip } from './reading.js';

const rows = [
  {
    word: '  spaces around\nand a line ',
    figure: 24,
    part: 0.5,
    day: '2026-01-27',
    at: '2026-01-27T10:05:00.000Z',
  },
  {
    word: 'a & b < c > "d"',
    figure: -1234567.89,
    part: 1,
    day: '1900-03-01',
    at: '9999-12-31T23:59:00.000Z',
  },
  { word: null, figure: null, part: null, day: null, at: null },
  { word: '_x000D_ is no line end', figure: 0, part: 0, day: '1900-02-28', at: '0001-01-01T00:00:00.000Z' },
];

const sheet = sheetOf('It\'s <all> & "more"', rows, [
  text('Word', (row) => row.word),
  number('Figure', (row) => row.figure),
  share('Part', (row) => row.part),
  date('Day', (row) => row.day),
  moment('At', (row) => row.at),
]);

it('gives back every kind of cell as it was', async () => {
  const [read] = await readXlsx(Buffer.from(await zipped(workbookParts([sheet]))), { trim: false });
  expect(read?.sheet).toBe(sheet.name);
  expect(read?.data).toEqual([
    ['Word', 'Figure', 'Part', 'Day', 'At (UTC)'],
    ['  spaces around\nand a line ', 24, 0.5, new Date('2026-01-27'), new Date('2026-01-27T10:05:00Z')],
    ['a & b < c > "d"', -1234567.89, 1, new Date('1900-03-01'), new Date('9999-12-31T23:59:00Z')],
    [null, null, null, null, null],
    // No spreadsheet has dates as old as these; they stay as they were written.
    ['_x000D_ is no line end', 0, 0, '1900-02-28', '0001-01-01T00:00:00.000Z'],
  ]);
});

it('shows no point behind a whole number, and no more of a fraction than two places', async () => {
  const files = unzip(await zipped(workbookParts([sheet])));
  const formats = [...(files.get('xl/styles.xml') ?? '').matchAll(/formatCode="([^"]+)"/g)].map(
    ([, code]) => code,
  );
  expect(formats).toEqual(['#,##0', '#,##0.0#', '0%', 'yyyy-mm-dd', 'yyyy-mm-dd hh:mm']);
  const written = files.get('xl/worksheets/sheet1.xml') ?? '';
  const styleOf = (cell: string): string | undefined =>
    new RegExp(`r="${cell}" s="(\\d+)"`).exec(written)?.[1];
  expect([styleOf('B2'), styleOf('B3'), styleOf('C2'), styleOf('D2'), styleOf('E2')]).toEqual([
    '4',
    '5',
    '6',
    '7',
    '8',
  ]);
});

it('counts columns beyond Z, and holds a text once however often it is used', async () => {
  const titles = Array.from({ length: 30 }, (_, n) => `T${String(n)}`);
  const wide = sheetOf(
    'Wide',
    [1, 2, 3],
    titles.map((title) => long(title, () => 'the same')),
  );
  const files = unzip(await zipped(workbookParts([wide])));
  expect(files.get('xl/worksheets/sheet1.xml')).toContain('<autoFilter ref="A1:AD4"/>');
  expect(files.get('xl/sharedStrings.xml')).toContain('count="120" uniqueCount="31"');
});

const READ = `
import sys, json, warnings, openpyxl
warnings.simplefilter('error')
said = []
for path in sys.argv[1:]:
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet for cell in row]
    said.append({
        'filtered': all(sheet.auto_filter.ref == sheet.dimensions and sheet.freeze_panes == 'A2' for sheet in book),
        'repeated': all(sheet.print_title_rows == '$1:$1' for sheet in book),
        'formulas': sum(cell.data_type == 'f' for cell in cells),
        'links': sum(cell.hyperlink is not None for cell in cells),
        'bold': all(cell.font.b for sheet in book for cell in sheet[1]),
    })
print(json.dumps(said))
`;

it('opens in openpyxl without a warning, with filters, a frozen header and no formula', async () => {
  const options = { tools_dir: defaultToolsDir(process.env), env: process.env, progress: () => undefined };
  const python = await pythonWith(options, {
    name: 'openpyxl-3.1.5',
    packages: ['openpyxl==3.1.5'],
    how_to: 'It needs Python 3 with venv (Debian: python3-venv).',
  });
  const folder = await mkdtemp(join(tmpdir(), 'workbooks-'));
  try {
    const paths: string[] = [];
    for (const type of REPORT_TYPES) {
      for (const kind of ['demo', 'empty', 'nasty'] as const) {
        const path = join(folder, `${type}-${kind}.xlsx`);
        await writeFile(path, await reportWorkbook(documentOf(type, kind)));
        paths.push(path);
      }
    }
    const { ok, output } = await runCommand(python, ['-c', READ, ...paths], {
      cwd: folder,
      env: process.env,
      timeout_ms: 120_000,
    });
    expect(ok, output).toBe(true);
    const fine = { filtered: true, repeated: true, formulas: 0, links: 0, bold: true };
    expect(JSON.parse(output)).toEqual(paths.map(() => fine));
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);
