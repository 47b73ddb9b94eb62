import { EVIDENCE_INDEX } from './evidence-index.js';
import { renderEvidence } from './render.js';
import type { DemoDocument } from './seed.js';

/** The demo's documents as they would have been uploaded, rendered one by one so that memory holds one at a time. */
export async function* demoDocuments(): AsyncGenerator<DemoDocument> {
  for (const entry of EVIDENCE_INDEX) {
    const { filename, content_type, control_refs, age_days, expires_in_days } = entry;
    const meta = { filename, content_type, control_refs, age_days, expires_in_days };
    yield { meta, bytes: await renderEvidence(entry) };
  }
}
