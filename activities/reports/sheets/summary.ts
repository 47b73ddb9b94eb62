// The first sheet: what the report is, and its figures.
import type { ReportDocument } from '../../../domain/reports/document-schema.js';
import { type Sheet, text, sheetOf, type Value } from './sheet.js';

type Line = [string, Value];

/** 2026-01-27 10:05 UTC: the column holds words too, so it cannot be a real date. */
function instant(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

function aboutIt(document: ReportDocument): Line[] {
  const { assessment, framework, period } = document;
  return [
    ['Title', document.title],
    ['Organization', document.organization.name],
    ...(assessment === null
      ? []
      : ([
          ['Assessment', assessment.name],
          ['Scope', assessment.scope],
          ['Status of the assessment', assessment.status],
        ] satisfies Line[])),
    ...(framework === null
      ? []
      : ([['Framework', `${framework.name} (${framework.version})`]] satisfies Line[])),
    ...(period === null
      ? []
      : ([
          ['From', instant(period.from)],
          ['To', instant(period.to)],
        ] satisfies Line[])),
    ['Data as of', instant(document.as_of)],
    ['Prepared', instant(document.generated_at)],
    ['Prepared for', document.generated_by?.name ?? null],
    ...document.notes.map((note): Line => ['Note', note]),
  ];
}

/** `severity.critical` of the document reads as `Severity: critical`. */
function figuresIn(value: unknown, path: readonly string[]): Line[] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => figuresIn(inner, [...path, key]));
  }
  const words = path.map((part) => part.replaceAll('_', ' ')).join(': ');
  const title = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return [[title, typeof value === 'number' || typeof value === 'string' ? value : null]];
}

export function summarySheet(document: ReportDocument): Sheet {
  return sheetOf(
    'Summary',
    [...aboutIt(document), ...figuresIn(document.summary, [])],
    [text<Line>('What', ([what]) => what, 34), text<Line>('Value', ([, value]) => value, 80)],
  );
}
