// One document: its upload is awaited, read and judged; then the day comes on which it does not count as current any
// more. The row is the state, so this can be started again at any point.
import * as wf from '@temporalio/workflow';
import type { EvidenceActivities, EvidenceReading, EvidenceRef } from '../../activities/evidence/types.js';
import { lookAgainMs } from '../../domain/evidence/rules.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE, OBJECT_CALL, READING } from '../activity-options.js';
import { isLong } from '../history.js';
import { evidenceChangedSignal, uploadedSignal, type EvidenceInput } from './messages.js';

/** The database's clock decides what is due; where it is behind ours it is asked again, but not in a hurry. */
const SHORTEST_WAIT_MS = 500;
/** Looked at once a year at least: no timer of a server lasts for ever. */
const LONGEST_WAIT_MS = 366 * 86_400_000;

const rows = wf.proxyActivities<Pick<EvidenceActivities, 'ageEvidence' | 'closeUpload'>>(DATABASE);
const objects = wf.proxyActivities<Pick<EvidenceActivities, 'findUpload' | 'removeUpload'>>(OBJECT_CALL);
const files = wf.proxyActivities<EvidenceReading>(READING);

class Document {
  /** Something was said since the row was read. */
  news = false;
  private readonly input: EvidenceInput;
  private readonly ref: EvidenceRef;

  constructor(input: EvidenceInput) {
    const { tenant, evidence_id } = input;
    this.input = input;
    this.ref = { tenant, evidence_id };
  }

  /** Until it has been read, or nothing came. */
  async awaitUpload(closes_at: number): Promise<void> {
    show('awaiting the upload', closes_at);
    for (let looks = 0; ; looks += 1) {
      this.news = false;
      const { upload } = await objects.findUpload(this.ref);
      if (upload === 'settled') return;
      if (upload === 'there') {
        show('reading');
        const { status } = await files.verifyEvidence(this.ref);
        if (status !== null) return;
        // gone or replaced since: looked for again
      } else if (Date.now() >= closes_at) return await rows.closeUpload(this.ref);
      await this.wait(Math.min(lookAgainMs(looks), closes_at - Date.now()));
    }
  }

  private async wait(ms: number): Promise<void> {
    await wf.condition(() => this.news, Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, ms)));
  }

  /** Until nothing is to come: it is stale, has no end, or is gone; and no late upload can lie in quarantine. */
  async keep(): Promise<void> {
    const { upload } = this.input;
    let open_until = upload === null ? null : Date.parse(upload.closes_at);
    await this.clear();
    for (;;) {
      this.news = false;
      const clock = await rows.ageEvidence(this.ref);
      const due_at = clock?.due_at ?? null;
      const due = due_at === null ? null : Date.parse(due_at);
      if (open_until !== null && Date.now() >= open_until) {
        await this.clear();
        open_until = null;
      }
      const next = earliest(due, open_until);
      if (next === null && !this.news) return;
      if (isLong(undefined)) return await wf.continueAsNew<typeof evidenceWorkflow>(this.input);
      show(clock?.status ?? 'gone', due ?? undefined);
      await this.wait((next ?? 0) - Date.now());
    }
  }

  async clear(): Promise<void> {
    const { upload } = this.input;
    if (upload !== null) await objects.removeUpload({ ...this.ref, key: upload.key });
  }
}

export async function evidenceWorkflow(input: EvidenceInput): Promise<{ status: 'done' }> {
  const document = new Document(input);
  const tell = (): void => {
    document.news = true;
  };
  wf.setHandler(uploadedSignal, tell);
  wf.setHandler(evidenceChangedSignal, tell);
  try {
    if (input.upload !== null) await document.awaitUpload(Date.parse(input.upload.closes_at));
    await document.keep();
  } catch (error) {
    if (wf.isCancellation(error)) await wf.CancellationScope.nonCancellable(() => document.clear());
    throw error;
  }
  return { status: 'done' };
}

function earliest(...moments: (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function show(phase: string, due?: number): void {
  wf.upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.phase, value: phase },
    { key: SEARCH_ATTRIBUTES.slaDueAt, value: due === undefined ? null : new Date(due) },
  ]);
  wf.setCurrentDetails(due === undefined ? phase : `${phase}, until ${new Date(due).toISOString()}`);
}
