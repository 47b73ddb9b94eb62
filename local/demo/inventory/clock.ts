// Dates of the inventory, all counted from one moment.

const DAY_MS = 86_400_000;

/** The day on which the demo's documents are read; what they date is that many days older than the inventory. */
const DOCUMENTS_READ_ON = '2026-11-24';

export interface Clock {
  /** ISO date that many days back; negative: ahead. */
  ago: (days: number) => string;
  /** ISO date of a day that a document names. */
  on: (day: string) => string;
}

export function clockAt(now: Date): Clock {
  const ago = (days: number): string => new Date(now.getTime() - days * DAY_MS).toISOString();
  return { ago, on: (day) => ago((Date.parse(DOCUMENTS_READ_ON) - Date.parse(day)) / DAY_MS) };
}
