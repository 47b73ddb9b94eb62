// What whoever makes a report asks of the renderer.
import type { ReportDocument } from '../../domain/reports/document-schema.js';
import type { ReportFormat } from '../../domain/reports/documents.js';

/** Data in, bytes out: reads nothing else, and equal documents give equal bytes. Made by `createReportRenderer()`. */
export interface ReportRenderer {
  /** Throws `ReportTooLarge` beyond its bounds of time and memory, and the signal's reason when cancelled. */
  render(document: ReportDocument, format: ReportFormat, signal: AbortSignal): Promise<Uint8Array>;
  /** Ends the process that renders. */
  close(): void;
}

/** A report that cannot be made within its bounds: trying again would not help. */
export class ReportTooLarge extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReportTooLarge';
  }
}
