// What the workflow of a report asks of its activities, and they of the renderer.
import type { ReportFormat } from '../../domain/reports/documents.js';
import type { ReportStatus } from '../../domain/reports/rules.js';
import type { TenantRef } from '../../domain/tenant.js';

/** Data in, bytes out: reads nothing else, and equal documents give equal bytes. Made by `createReportRenderer()`. */
export interface ReportRenderer {
  /**
   * Throws `ReportTooLarge` beyond its bounds of time and memory, and the signal's reason when cancelled.
   * @param document a `ReportDocument` as JSON: it is read where it is drawn, so that the worker never holds it up
   */
  render(document: Uint8Array, format: ReportFormat, signal: AbortSignal): Promise<Uint8Array>;
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

export interface ReportRef {
  tenant: TenantRef;
  report_id: string;
}

export interface RenderedReport {
  sha256: string;
  size: number;
}

/** On the report queue: minutes of work. Each may be repeated at any point, and comes to the same. */
export interface ReportMaking {
  /** Reads all of it from one snapshot and keeps that beside the report; what an earlier attempt has kept stays. */
  gatherReport: (input: ReportRef) => Promise<void>;
  /** From what was kept, so that every attempt makes the same bytes and puts them in the same place. */
  renderReport: (input: ReportRef) => Promise<RenderedReport>;
  /** Removes all bytes of a deleted report. */
  clearReport: (input: ReportRef) => Promise<void>;
}

/** Short transactions of our own. */
export interface ReportActivities {
  /** `clear`: it was deleted. `nothing`: it has ended. */
  beginReport: (input: ReportRef) => Promise<{ next: 'make' | 'clear' | 'nothing' }>;
  completeReport: (input: ReportRef & RenderedReport) => Promise<{ status: ReportStatus }>;
  failReport: (
    input: ReportRef & { failure: string; cancelled: boolean },
  ) => Promise<{ status: ReportStatus }>;
}
