import { ChainVerifier, type ChainVerdict } from '../../domain/audit/rules.js';
import type { TenantDb } from '../tenancy.js';
import { chainHash, findHead, listChain, problemBeside } from './repository.js';

/** Rows read at once: some megabytes, and few round trips for a long chain. */
const CHUNK = 5000;

/**
 * Recomputes the organization's whole chain.
 * @param anchors seq → hash as witnessed outside the database; only they show a chain that was rewritten whole.
 */
export async function verifyAudit(
  trx: TenantDb,
  anchors?: ReadonlyMap<number, string>,
): Promise<ChainVerdict & { anchored: number | null }> {
  const head = await findHead(trx);
  // entries that others append while this reads are the next verification's
  const until = head?.seq ?? Number.MAX_SAFE_INTEGER;
  const verifier = new ChainVerifier(chainHash, anchors);
  let after = 0;
  for (;;) {
    const rows = await listChain(trx, { after, until, limit: CHUNK });
    for (const row of rows) verifier.add(row, () => problemBeside(row));
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) {
      return { ...verifier.finish(head), anchored: anchors ? Math.max(0, ...anchors.keys()) : null };
    }
    after = last.seq;
  }
}
