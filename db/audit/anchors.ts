// Witnesses of the chains' heads outside the database: a chain that was rewritten whole still verifies, but not here.
import { z } from 'zod';
import { DomainError } from '../../domain/errors.js';
import type { ObjectStore } from '../objects/store.js';
import type { ReconcileDb } from '../tenancy.js';
import { type Head, inOrder, merkleRoot } from './merkle.js';

/** Everything below `audit-anchors/` is write-once by the bucket's own rule in production. */
export type AnchorStore = Pick<ObjectStore, 'put' | 'get' | 'listSome'>;

/** All heads of one hour, with the one hash that stands for them. */
export interface Tree {
  at: string;
  root: string;
  heads: Head[];
}

const TREES = 'audit-anchors/trees/';
const TREE_MAX_BYTES = 64 * 1024 * 1024; // about half a million organizations
/** Puts at once. */
const LANES = 8;

const storedTree = z.object({
  at: z.string(),
  root: z.string(),
  heads: z.array(z.object({ org_id: z.uuid(), seq: z.number().int().positive(), hash: z.string() })),
});

/** The key says it all, so that reading an organization's anchors is one listing. */
function keyOf({ org_id, seq, hash }: Head): string {
  return `audit-anchors/orgs/${org_id}/${String(seq).padStart(12, '0')}-${hash}`;
}

export async function listHeads(trx: ReconcileDb): Promise<Head[]> {
  return await trx('audit_head').select('org_id', 'seq', 'hash').where('seq', '>', 0);
}

/** @param period_ms one tree each; the beginning of the period that `now` lies in. */
export function periodOf(now: number, period_ms: number): string {
  return new Date(Math.floor(now / period_ms) * period_ms).toISOString();
}

/**
 * The first to come in a period says what is witnessed of it; whoever comes later, or again after a crash, completes
 * the entries of the organizations from that.
 * @param known organization → seq that is witnessed for sure, grows
 */
export async function writeAnchors(
  store: AnchorStore,
  at: string,
  heads: readonly Head[],
  known = new Map<string, number>(),
): Promise<Tree> {
  const mine: Tree = { at, root: merkleRoot(heads), heads: inOrder(heads) };
  const key = `${TREES}${at}.json`;
  const tree = (await putNew(store, key, JSON.stringify(mine))) ? mine : await readTree(store, key);
  const moved = tree.heads.filter(({ org_id, seq }) => (known.get(org_id) ?? 0) < seq);
  for (let from = 0; from < moved.length; from += LANES) {
    const lane = moved.slice(from, from + LANES);
    await Promise.all(lane.map((head) => putNew(store, keyOf(head), JSON.stringify({ ...head, at }))));
    for (const { org_id, seq } of lane) known.set(org_id, seq);
  }
  return tree;
}

/** seq → hash of all that was witnessed of an organization. */
export async function readAnchors(store: AnchorStore, org_id: string): Promise<Map<number, string>> {
  const anchors = new Map<number, string>();
  for await (const key of keysOf(store, `audit-anchors/orgs/${org_id}/`)) {
    const match = /\/(\d{12})-([0-9a-f]{64})$/.exec(key);
    if (match?.[1] && match[2]) anchors.set(Number(match[1]), match[2]);
  }
  return anchors;
}

/** The newest tree, and whether its root is that of its heads; undefined before the first. */
export async function readNewestTree(store: AnchorStore): Promise<(Tree & { intact: boolean }) | undefined> {
  let newest: string | undefined;
  for await (const key of keysOf(store, TREES)) newest = key;
  if (newest === undefined) return undefined;
  const tree = await readTree(store, newest);
  return { ...tree, intact: merkleRoot(tree.heads) === tree.root };
}

async function readTree(store: AnchorStore, key: string): Promise<Tree> {
  const object = await store.get(key, { max_bytes: TREE_MAX_BYTES });
  const parts: Buffer[] = [];
  for await (const part of object.bytes) parts.push(part);
  return storedTree.parse(JSON.parse(Buffer.concat(parts).toString()));
}

/** False when it is there already. */
export async function putNew(store: AnchorStore, key: string, text: string): Promise<boolean> {
  try {
    await store.put({ key, body: Buffer.from(text), content_type: 'application/json', only_if_absent: true });
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'CONFLICT') return false;
    throw error;
  }
}

/** In their order, page by page. */
export async function* keysOf(store: AnchorStore, prefix: string): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const keys = await store.listSome(prefix, after);
    yield* keys;
    after = keys.at(-1);
  } while (after !== undefined);
}
