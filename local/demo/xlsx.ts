import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { withFixedTimes } from './zip.js';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const NUMBER = /^-?(0|[1-9]\d{0,11})(\.\d+)?$/;
// Widest useful column in characters: longer text wraps.
const WIDEST = 48;

function cell(value: string): SheetData[number][number] {
  if (value === '') return null;
  if (DATE.test(value)) return { value: new Date(`${value}T00:00:00Z`), type: Date, format: 'yyyy-mm-dd' };
  if (NUMBER.test(value)) return { value: Number(value), type: Number };
  return { value, type: String, wrap: true };
}

/** One sheet with a frozen, bold header; dates and numbers become real ones. */
export async function renderXlsx(rows: string[][], sheet: string): Promise<Buffer> {
  const [header = [], ...body] = rows;
  const head = header.map(
    (value) => ({ value, type: String, fontWeight: 'bold', backgroundColor: '#e8eef4' }) as const,
  );
  const columns = header.map((value, column) => {
    const longest = Math.max(value.length, ...body.map((row) => (row[column] ?? '').length));
    return { width: Math.min(longest + 2, WIDEST) };
  });
  const written = writeExcelFile([head, ...body.map((row) => row.map(cell))], {
    sheet: sheet.slice(0, 31),
    columns,
    stickyRowsCount: 1,
  });
  return withFixedTimes(await written.toBuffer());
}
