// Witnesses of the chain's head outside the database: a chain that was rewritten whole still verifies, but not here.
import type { ReconcileDb } from '../tenancy.js';

/** The part of the object store that anchors need; its prefix is write-once in production. */
export interface AnchorStore {
  put(key: string, body: Buffer, options: { content_type: string }): Promise<unknown>;
  listKeys(prefix: string): Promise<string[]>;
}

interface Head {
  org_id: string;
  seq: number;
  hash: string;
}

const PREFIX = 'audit-anchors/';

/** The key says it all, so that reading the anchors is one listing. */
function keyOf(head: Head): string {
  return `${PREFIX}${head.org_id}/${String(head.seq).padStart(12, '0')}-${head.hash}`;
}

export async function listHeads(trx: ReconcileDb): Promise<Head[]> {
  return await trx('audit_head').select('org_id', 'seq', 'hash').where('seq', '>', 0);
}

/** Witnesses every head that has moved since `known`; answers what is witnessed now. Safe to repeat. */
export async function writeAnchors(
  store: AnchorStore,
  heads: readonly Head[],
  known: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const witnessed = new Map(known);
  for (const head of heads) {
    if (known.get(head.org_id) === head.seq) continue;
    const body = JSON.stringify({ ...head, at: new Date().toISOString() });
    await store.put(keyOf(head), Buffer.from(body), { content_type: 'application/json' });
    witnessed.set(head.org_id, head.seq);
  }
  return witnessed;
}

/** seq → hash of all that was witnessed of an organization. */
export async function readAnchors(store: AnchorStore, org_id: string): Promise<Map<number, string>> {
  const anchors = new Map<number, string>();
  for (const key of await store.listKeys(`${PREFIX}${org_id}/`)) {
    const match = /(\d{12})-([0-9a-f]{64})$/.exec(key);
    if (match?.[1] && match[2]) anchors.set(Number(match[1]), match[2]);
  }
  return anchors;
}
