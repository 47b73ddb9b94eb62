import { EVIDENCE_INDEX, type DemoEvidenceEntry } from './evidence-index.js';
import { renderEvidence } from './render.js';

/** Every document of the demo organization, rendered one after the other so that memory holds one at a time. */
export async function* demoEvidence(): AsyncGenerator<{ meta: DemoEvidenceEntry; bytes: Buffer }> {
  for (const meta of EVIDENCE_INDEX) yield { meta, bytes: await renderEvidence(meta) };
}
