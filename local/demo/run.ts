// The demo's main act: one SOC 2 assessment of the demo organization, through the public API only.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  assessment,
  assessmentDetail,
  assessmentPage,
  assessmentProgress,
  executeResult,
  type AssessmentDetail,
} from '../../domain/assessments/schema.js';
import { findingPage, type Finding } from '../../domain/findings/schema.js';
import { frameworkPage } from '../../domain/frameworks/schema.js';
import { Problem } from '../problem.js';
import { apiClient, type ApiClient } from './client.js';
import { progressLine, summaryLines } from './report.js';

const POLL_MS = 1_000; // well inside the 100 requests a minute that any caller has
const ASSESSMENT_NAME = 'SOC 2 Type II, demo';

export interface DemoRun {
  base_url: string;
  org_id: string;
  /** A token of the demo's admin, fresh enough for the next request. */
  token: () => Promise<string>;
  say: (line: string) => void;
  /** Repaints the last line on a terminal; elsewhere, called less often, prints a line. */
  paint: (line: string) => void;
  signal: AbortSignal;
}

/** Executes the assessment once; a later start shows what the first one found. Answers the run's Web UI address. */
export async function runDemo(run: DemoRun): Promise<{ assessment_id: string; workflow_url: string | null }> {
  const api = apiClient(run.base_url, run.token);
  const orgs = `/orgs/${run.org_id}`;
  const id = await findOrCreate(api, orgs);
  const before = await api.get(`${orgs}/assessments/${id}`, assessmentDetail);
  if (before.status === 'pending') await api.post(`${orgs}/assessments/${id}/execute`, {}, executeResult);
  if (before.status !== 'completed') await follow(api, `${orgs}/assessments/${id}`, run);
  if (run.signal.aborted) return { assessment_id: id, workflow_url: null };
  const detail = await api.get(`${orgs}/assessments/${id}`, assessmentDetail);
  for (const line of summaryLines(detail, await allFindings(api, orgs, detail))) run.say(line);
  return { assessment_id: id, workflow_url: detail.workflow?.url ?? null };
}

async function findOrCreate(api: ApiClient, orgs: string): Promise<string> {
  const { items } = await api.get(`${orgs}/assessments`, assessmentPage);
  const found = items.find((item) => item.name === ASSESSMENT_NAME);
  if (found) return found.id;
  const frameworks = await api.get('/frameworks', frameworkPage);
  const soc2 = frameworks.items.find((item) => item.key === 'SOC2_TYPE2');
  if (!soc2) throw new Problem('the SOC 2 catalogue is missing; run npm run db:seed');
  const body = { framework_id: soc2.id, name: ASSESSMENT_NAME, scope: 'Production environment' };
  return (await api.post(`${orgs}/assessments`, body, assessment)).id;
}

async function follow(api: ApiClient, path: string, run: DemoRun): Promise<void> {
  let shown = '';
  while (!run.signal.aborted) {
    const progress = await api.get(`${path}/status`, assessmentProgress);
    const line = progressLine(progress);
    if (line !== shown) run.paint(line);
    shown = line;
    if (!['in_progress', 'pending'].includes(progress.status)) return;
    await sleep(POLL_MS, undefined, { signal: run.signal }).catch(() => undefined);
  }
}

async function allFindings(api: ApiClient, orgs: string, detail: AssessmentDetail): Promise<Finding[]> {
  const findings: Finding[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await api.get(`${orgs}/findings?assessment_id=${detail.id}&limit=200${after}`, findingPage);
    findings.push(...page.items);
    cursor = page.next_cursor;
  }
  return findings;
}
