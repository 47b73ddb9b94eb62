// Three incidents of the demo organization, reported and worked on through the public API: one resolved, two in progress.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { incidentDetail, incidentPage } from '../../domain/incidents/schema.js';
import { Problem } from '../problem.js';
import { apiClient, type ApiClient } from './client.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

interface DemoIncident {
  report: {
    title: string;
    description: string;
    category: string;
    severity: string;
    affected_systems: readonly string[];
    source: string;
    affected_records?: number;
  };
  age_ms: number;
  /** What was done about it, in this order. */
  steps: readonly { at: string; body: object; leads_to?: string }[];
}

const move = (new_phase: string, notes: string) => ({
  at: '/transition',
  body: { new_phase, notes },
  leads_to: new_phase,
});
const acknowledge = (notes: string) => ({ at: '/acknowledge', body: { notes } });
const note = (description: string) => ({ at: '/timeline', body: { description } });

const INCIDENTS: readonly DemoIncident[] = [
  {
    report: {
      title: 'Invoice phishing against accounts payable',
      description:
        'Eleven people got an invoice from a look-alike domain of a supplier. Two opened it; one entered a password.',
      category: 'phishing',
      severity: 'medium',
      affected_systems: ['mail-gateway', 'erp-payables'],
      source: 'user_report',
    },
    age_ms: 3 * HOUR_MS,
    steps: [
      acknowledge('Taken by the analyst on call'),
      move('analysis', 'Headers and the landing page are kept; the domain is nine days old'),
      note('The one password was changed and all sessions of its owner were ended'),
      move('containment', 'Domain blocked at the mail gateway and the proxy'),
      move('eradication', 'All copies of the message are removed from mailboxes'),
      move('recovery', 'No sign-in from elsewhere in the logs of the identity provider'),
      move('post_incident', 'Nothing was paid; supplier informed'),
    ],
  },
  {
    report: {
      title: 'Export bucket was readable by everybody',
      description:
        'northwind-exports allowed anonymous reads for two days after a change of its policy. It holds customer exports.',
      category: 'data_breach',
      severity: 'high',
      affected_systems: ['northwind-exports'],
      source: 'cloud_inventory',
      affected_records: 1_840,
    },
    age_ms: 90 * MINUTE_MS,
    steps: [
      acknowledge('Seen in the failing check of CC6.6'),
      move('analysis', 'Access logs since the change are being read'),
      { at: '/events', body: { event: 'awareness_confirmed' } },
      move('containment', 'Public access is blocked on the whole account'),
      {
        at: '/tasks',
        body: { title: 'List whose records were in the exports', phase: 'containment', blocking: true },
      },
    ],
  },
  {
    report: {
      title: 'Files are being encrypted on the finance share',
      description: 'The agent on fs-finance-02 reports mass renames to .locked and a note in each folder.',
      category: 'malicious_code',
      severity: 'critical',
      affected_systems: ['fs-finance-02', 'backup-gateway'],
      source: 'edr_alert',
    },
    age_ms: 5 * MINUTE_MS,
    steps: [
      acknowledge('Crisis call is open'),
      move('analysis', 'One host so far; others are being searched'),
      { at: '/playbook', body: { playbook_id: 'ransomware', execute_automated: true } },
    ],
  },
];

export interface DemoIncidentsOptions {
  base_url: string;
  org_id: string;
  token: () => Promise<string>;
  signal: AbortSignal;
}

/** @returns how many were not there yet */
export async function reportDemoIncidents(options: DemoIncidentsOptions): Promise<number> {
  const api = apiClient(options.base_url, options.token);
  const path = `/orgs/${options.org_id}/incidents`;
  const { items } = await api.get(`${path}?limit=200`, incidentPage);
  const present = new Set(items.map(({ title }) => title));
  const missing = INCIDENTS.filter(({ report }) => !present.has(report.title));
  for (const incident of missing) {
    options.signal.throwIfAborted();
    await reportOne(api, path, incident, options.signal);
  }
  return missing.length;
}

const created = z.looseObject({ id: z.string() });
const PATIENCE_MS = 60_000;
const POLL_MS = 500;

async function reportOne(
  api: ApiClient,
  path: string,
  { report, age_ms, steps }: DemoIncident,
  signal: AbortSignal,
): Promise<void> {
  const occurred_at = new Date(Date.now() - age_ms).toISOString();
  const { id } = await api.post(path, { ...report, occurred_at }, created);
  for (const { at, body, leads_to } of steps) {
    const said = at === '/events' ? { ...body, occurred_at } : body;
    await api.post(`${path}/${id}${at}`, said, created.partial());
    if (leads_to !== undefined)
      await untilIn(leads_to, () => api.get(`${path}/${id}`, incidentDetail), signal);
  }
}

/** Workers that have just come up may answer later than the API waits for them. */
async function untilIn(
  phase: string,
  look: () => Promise<{ phase: string }>,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while ((await look()).phase !== phase) {
    if (Date.now() > deadline) throw new Problem(`the incident did not get to ${phase}`);
    await sleep(POLL_MS, undefined, { signal });
  }
}
