// The audit chain. Each entry's hash covers the one before it, so a change anywhere shows from there on.

export const GENESIS_HASH = '0'.repeat(64);

export interface ChainRow {
  seq: number;
  body: string;
  hash: string;
}

export interface ChainHead {
  seq: number;
  hash: string;
}

export interface ChainVerdict {
  valid: boolean;
  entries: number;
  head: string | null;
  first_bad_seq: number | null;
  reason: string | null;
}

/** Walks a chain piece by piece, so that 100,000 entries need no memory. */
export class ChainVerifier {
  private previous = GENESIS_HASH;
  private count = 0;
  private bad: { seq: number; reason: string } | null = null;
  private readonly anchors: ReadonlyMap<number, string>;
  private readonly hashOf: (previous: string, seq: number, body: string) => string;

  constructor(
    hashOf: (previous: string, seq: number, body: string) => string,
    anchors: ReadonlyMap<number, string> = new Map(),
  ) {
    this.hashOf = hashOf;
    this.anchors = anchors;
  }

  /** @param problemOf what the row says beside its body and should not, of a body that is as it was written. */
  add(row: ChainRow, problemOf: () => string | undefined): void {
    if (this.bad) return;
    const expected = this.count + 1;
    const anchor = this.anchors.get(row.seq);
    if (row.seq !== expected) this.fail(expected, `entry ${expected} is missing`);
    else if (this.hashOf(this.previous, row.seq, row.body) !== row.hash)
      this.fail(row.seq, 'the entry does not match its hash');
    else if (anchor !== undefined && anchor !== row.hash)
      this.fail(row.seq, 'the chain was rewritten: its hash is not the anchored one');
    else this.mind(row.seq, problemOf());
    this.count = expected;
    this.previous = row.hash;
  }

  finish(head: ChainHead | null): ChainVerdict {
    const last_anchor = Math.max(0, ...this.anchors.keys());
    if (!this.bad && (head?.seq ?? 0) !== this.count)
      this.fail(this.count + 1, `the head says ${head?.seq ?? 0} entries`);
    if (!this.bad && head && head.hash !== this.previous) this.fail(head.seq, 'the head has another hash');
    if (!this.bad && last_anchor > this.count)
      this.fail(this.count + 1, `entries up to ${last_anchor} were anchored and are gone`);
    return {
      valid: this.bad === null,
      entries: this.count,
      head: this.count === 0 ? null : this.previous,
      first_bad_seq: this.bad?.seq ?? null,
      reason: this.bad?.reason ?? null,
    };
  }

  private mind(seq: number, problem: string | undefined): void {
    if (problem !== undefined) this.fail(seq, problem);
  }

  private fail(seq: number, reason: string): void {
    this.bad = { seq, reason };
  }
}
