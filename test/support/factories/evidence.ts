import { createHash } from 'node:crypto';
import type { TenantContext } from '../../../domain/tenant.js';
import type { Database } from '../../../db/connection.js';
import { type EvidenceInput, insertText, insertVerifiedEvidence } from '../../../db/evidence/repository.js';
import { withTenant } from '../../../db/tenancy.js';

/** A verified document whose text was extracted already. */
export async function buildEvidence(
  db: Database,
  tenant: TenantContext,
  text: string,
  overrides: Partial<EvidenceInput> = {},
): Promise<{ id: string; sha256: string }> {
  const sha256 = createHash('sha256').update(text).digest('hex');
  return await withTenant(db, tenant, async (trx) => {
    const { id } = await insertVerifiedEvidence(trx, tenant, {
      filename: 'policy.md',
      content_type: 'text/markdown',
      size: Buffer.byteLength(text),
      sha256,
      object_key: `evidence/${tenant.org_id}/${sha256}`,
      ...overrides,
    });
    await insertText(trx, tenant.org_id, {
      evidence_id: id,
      text,
      truncated: false,
      unreadable_reason: null,
      extractor_version: 'test',
    });
    return { id, sha256 };
  });
}
