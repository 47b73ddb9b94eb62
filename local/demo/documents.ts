import { EVIDENCE_INDEX } from './evidence-index.js';
import { renderEvidence } from './render.js';
import type { DemoDocument } from './seed.js';

/** The demo's documents as they would have been uploaded; rendered one by one, memory holds one at a time. */
export const demoDocuments: readonly DemoDocument[] = EVIDENCE_INDEX.map((entry) => {
  const { filename, content_type, control_refs, age_days, expires_in_days } = entry;
  return {
    meta: { filename, content_type, control_refs, age_days, expires_in_days },
    render: () => renderEvidence(entry),
  };
});
