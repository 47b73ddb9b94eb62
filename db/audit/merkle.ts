// One hash over the heads of all chains. Leaves and nodes are hashed differently, so that neither passes for the other.
import { createHash } from 'node:crypto';

export interface Head {
  org_id: string;
  seq: number;
  hash: string;
}

/** @param heads in any order; the root is that of their order by organization */
export function merkleRoot(heads: readonly Head[]): string {
  let level = inOrder(heads).map(({ org_id, seq, hash }) => digest(`leaf\n${org_id}\n${seq}\n${hash}`));
  if (level.length === 0) return digest('empty');
  while (level.length > 1) {
    const next: string[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left = '', right] = level.slice(at, at + 2);
      next.push(right === undefined ? left : digest(`node\n${left}\n${right}`));
    }
    level = next;
  }
  return level[0] ?? '';
}

export function inOrder(heads: readonly Head[]): Head[] {
  return heads.toSorted((a, b) => (a.org_id < b.org_id ? -1 : 1));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
