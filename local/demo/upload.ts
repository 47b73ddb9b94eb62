// One document that the demo hands in as people do: a signed URL, a PUT, and the service reads it by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Evidence, evidenceDetail, evidencePage, uploadTicket } from '../../domain/evidence/schema.js';
import { Problem } from '../problem.js';
import { apiClient } from './client.js';

const FILENAME = 'walkthrough-of-access-review.md';
const CONTENT = `# Walkthrough of the access review

On 2026-11-12 the control owner showed how access to production is reviewed every quarter: the list is drawn from the
identity provider, each manager confirms or withdraws each grant, and withdrawals are carried out within two days.
`;
const DAY_MS = 86_400_000;
const DEADLINE_MS = 30_000;
const LOOK_MS = 250;

export interface DemoUploadOptions {
  base_url: string;
  org_id: string;
  /** Of somebody who may hand in evidence. */
  token: () => Promise<string>;
  signal: AbortSignal;
}

/** @returns the document, and whether it was handed in now */
export async function uploadDemoEvidence({
  base_url,
  org_id,
  token,
  signal,
}: DemoUploadOptions): Promise<{ evidence: Evidence; added: boolean }> {
  const api = apiClient(base_url, token);
  const path = `/orgs/${org_id}/evidence`;
  const { items } = await api.get(`${path}?status=verified&limit=200`, evidencePage);
  const present = items.find(({ filename }) => filename === FILENAME);
  if (present) return { evidence: present, added: false };
  const bytes = Buffer.from(CONTENT);
  const ticket = await api.post(
    `${path}/upload-url`,
    {
      filename: FILENAME,
      content_type: 'text/markdown',
      size: bytes.length,
      control_refs: ['CC6.2', 'CC6.3'],
      collected_at: '2026-11-12T00:00:00Z',
      expires_at: new Date(Date.now() + 365 * DAY_MS).toISOString(),
    },
    uploadTicket,
  );
  const { 'content-length': _set_by_fetch, ...headers } = ticket.headers;
  const sent = await fetch(ticket.upload_url, { method: ticket.method, headers, body: bytes, signal });
  if (!sent.ok) throw new Problem(`The store answers ${String(sent.status)} to the upload.`);
  for (const end = Date.now() + DEADLINE_MS; ; await sleep(LOOK_MS, undefined, { signal })) {
    const evidence = await api.get(`${path}/${ticket.evidence_id}`, evidenceDetail);
    if (evidence.status === 'verified') return { evidence, added: true };
    if (evidence.status !== 'pending' || Date.now() > end)
      throw new Problem(`The uploaded document is ${evidence.status}.`);
  }
}
