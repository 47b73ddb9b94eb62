// Reports of the demo organization, generated through the public API once its assessment has run.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportFormat, ReportType } from '../../domain/reports/documents.js';
import { isAboutAssessment, isSettled, REPORT_NAMES } from '../../domain/reports/rules.js';
import { report as reportSchema, reportPage, type Report } from '../../domain/reports/schema.js';
import { Problem } from '../problem.js';
import { apiClient } from './client.js';

const WANTED: readonly (readonly [ReportType, ReportFormat])[] = [
  ['compliance_summary', 'pdf'],
  ['gap_analysis', 'xlsx'],
  ['risk_register', 'pdf'],
  ['incident_summary', 'pdf'],
];
const PATIENCE_MS = 120_000;
const POLL_MS = 1_000;

export interface DemoReportsOptions {
  base_url: string;
  org_id: string;
  assessment_id: string;
  /** Of somebody who may generate reports, and who calls for little else: callers have their limit. */
  token: () => Promise<string>;
  signal: AbortSignal;
}

/** @returns what is there now, and how many were not before */
export async function generateDemoReports(
  options: DemoReportsOptions,
): Promise<{ reports: Report[]; added: number }> {
  const { base_url, org_id, assessment_id, token, signal } = options;
  const api = apiClient(base_url, token);
  const path = `/orgs/${org_id}/reports`;
  const list = async (): Promise<Report[]> => (await api.get(`${path}?limit=200`, reportPage)).items;
  const present = await list();
  const missing = WANTED.filter(
    ([type, format]) => !present.some((each) => each.type === type && each.format === format),
  );
  for (const [type, format] of missing) {
    const body = { type, format, ...(isAboutAssessment(type) && { assessment_id }) };
    await api.post(`${path}/generate`, body, reportSchema);
  }
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const reports = await list();
    if (reports.every(({ status }) => isSettled(status))) return { reports, added: missing.length };
    if (Date.now() > deadline) throw new Problem('the reports of the demo were not ready in time');
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** What there is to read, and how to get it. */
export function reportLines(
  { base_url, org_id }: Pick<DemoReportsOptions, 'base_url' | 'org_id'>,
  /** Prints the token of somebody who may. */
  token_command: string,
  reports: readonly Report[],
): string[] {
  const ready = reports.filter(({ status }) => status === 'completed');
  const summary = ready.find(({ type }) => type === 'compliance_summary');
  const names = ready.map(({ type, format }) => `${REPORT_NAMES[type]} (${format})`).toReversed();
  return [
    `\n  Reports      ${names.length === 0 ? 'none' : names.join(', ')}`,
    ...(summary === undefined
      ? []
      : [
          `  To read one  curl -OJ -H "Authorization: Bearer $(${token_command})" \\`,
          `                 ${base_url}/api/v1/orgs/${org_id}/reports/${summary.id}/download`,
        ]),
  ];
}
