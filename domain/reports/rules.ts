// What may be asked for, and what may be done with it. Pure; runs in the workflow sandbox too.
import type { ReportFormat, ReportType } from './documents.js';

export const REPORT_STATUSES = ['pending', 'generating', 'completed', 'failed'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

/** Reports about one assessment; the others are about the whole organization. */
export const ASSESSMENT_REPORTS = ['compliance_summary', 'gap_analysis'] as const;
export const ORGANIZATION_REPORTS = ['risk_register', 'incident_summary', 'bcm_impact_analysis'] as const;

export function isAboutAssessment(type: ReportType): boolean {
  return ASSESSMENT_REPORTS.some((each) => each === type);
}

/** Generations of one organization in any hour, whatever became of them. */
export const REPORTS_PER_HOUR = 10;
export const HOUR_MS = 3_600_000;

export function isSettled(status: ReportStatus): boolean {
  return status === 'completed' || status === 'failed';
}

const ALLOWED: Record<ReportStatus, readonly ('cancel' | 'download' | 'delete')[]> = {
  pending: ['cancel'],
  generating: ['cancel'],
  completed: ['download', 'delete'],
  failed: ['delete'],
};

/** Undefined when allowed, else a sentence that names the present state and what is allowed in it. */
export function refusal(status: ReportStatus, action: 'cancel' | 'download' | 'delete'): string | undefined {
  const allowed = ALLOWED[status];
  if (allowed.includes(action)) return undefined;
  return `cannot ${action} a report that is ${status}; allowed now: ${allowed.join(', ')}`;
}

/** Of what was read, once and for all attempts. */
export function documentKey(org_id: string, report_id: string): string {
  return `${reportFolder(org_id, report_id)}document.json`;
}

/** Named by its content: an attempt that is repeated writes the same bytes to the same place. */
export function reportKey(org_id: string, report_id: string, sha256: string): string {
  return `${reportFolder(org_id, report_id)}${sha256}`;
}

export function reportFolder(org_id: string, report_id: string): string {
  return `reports/${org_id}/${report_id}/`;
}

/** No words of people in it: it is safe in a header and on any disk. */
export function filenameOf(type: ReportType, format: ReportFormat, as_of: string): string {
  return `${type.replaceAll('_', '-')}-${as_of.slice(0, 10)}.${format}`;
}

export const REPORT_NAMES: Readonly<Record<ReportType, string>> = {
  compliance_summary: 'Compliance summary',
  gap_analysis: 'Gap analysis',
  risk_register: 'Risk register',
  incident_summary: 'Incident summary',
  bcm_impact_analysis: 'Business impact analysis',
};

/** What the row says of a report that could not be made. */
export function failureWords(code: string, detail: string): string {
  switch (code) {
    case 'PAYLOAD_TOO_LARGE':
    case 'NOT_FOUND':
      return detail;
    case 'SERVICE_UNAVAILABLE':
      return 'The database or the object store could not be used for too long; generate it again.';
    case 'TIMEOUT':
      return 'It took too long, or the worker that made it has died again and again; generate it again.';
    default:
      return 'It could not be made for a reason of ours; the worker logs it under the id of the report.';
  }
}

export const CANCELLED = 'It was cancelled.';
