// One table of a workbook, before it is written.

/** `date` takes 2026-01-27, `moment` an instant; both become real dates. `share` is 0–1 and reads as a percentage. */
export type Kind = 'text' | 'long' | 'number' | 'share' | 'date' | 'moment';

export type Value = string | number | boolean | null;

export interface Column<Row> {
  title: string;
  kind: Kind;
  value: (row: Row) => Value;
  /** In letters; by kind unless given. */
  width?: number;
}

export interface Sheet {
  name: string;
  columns: { title: string; kind: Kind; width: number }[];
  rows: Value[][];
}

const WIDTHS: Readonly<Record<Kind, number>> = {
  text: 20,
  long: 60,
  number: 12,
  share: 12,
  date: 12,
  moment: 17,
};

export function sheetOf<Row>(name: string, rows: readonly Row[], columns: readonly Column<Row>[]): Sheet {
  return {
    name,
    columns: columns.map(({ title, kind, width }) => ({ title, kind, width: width ?? WIDTHS[kind] })),
    rows: rows.map((row) => columns.map(({ value }) => value(row))),
  };
}

export function text<Row>(title: string, value: (row: Row) => Value, width?: number): Column<Row> {
  return { title, kind: 'text', value, ...(width !== undefined && { width }) };
}

export function long<Row>(title: string, value: (row: Row) => Value, width?: number): Column<Row> {
  return { title, kind: 'long', value, ...(width !== undefined && { width }) };
}

export function number<Row>(title: string, value: (row: Row) => Value): Column<Row> {
  return { title, kind: 'number', value };
}

export function share<Row>(title: string, value: (row: Row) => Value): Column<Row> {
  return { title, kind: 'share', value };
}

export function date<Row>(title: string, value: (row: Row) => Value): Column<Row> {
  return { title, kind: 'date', value };
}

export function moment<Row>(title: string, value: (row: Row) => Value): Column<Row> {
  return { title: `${title} (UTC)`, kind: 'moment', value };
}

/** Yes and no read and filter better than TRUE and FALSE. */
export function yes(value: boolean): string {
  return value ? 'yes' : 'no';
}

export function lines(values: readonly string[]): string {
  return values.join('\n');
}
