// Is the timeline what was written? Recomputed from the rows; a redacted entry is no error, a changed one is.
import canonicalize from 'canonicalize';
import { GENESIS_HASH } from '../../domain/audit/rules.js';
import type { TenantDb } from '../tenancy.js';
import { entryHash, type Payload, payloadHash } from './timeline.js';

export interface TimelineRow {
  seq: number;
  occurred_at: string;
  event_type: string;
  actor_type: string;
  actor_id: string | null;
  corrects_seq: number | null;
  header: string;
  prev_hash: string;
  entry_hash: string;
  salt: string | null;
  payload: Payload | null;
}

export interface TimelineVerdict {
  valid: boolean;
  entries: number;
  head: string | null;
  first_bad_seq: number | null;
  reason: string | null;
  redacted: number;
}

const CHUNK = 2000;

export async function verifyTimeline(trx: TenantDb, incident_id: string): Promise<TimelineVerdict> {
  const head: { seq: number; hash: string } | undefined = await trx('timeline_head')
    .where({ incident_id })
    .select('seq', 'hash')
    .first();
  const verifier = new TimelineVerifier();
  for (let after = 0; ;) {
    const rows = await readRows(trx, incident_id, after);
    for (const row of rows) verifier.add(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) return verifier.finish(head ?? null);
    after = last.seq;
  }
}

export async function readRows(trx: TenantDb, incident_id: string, after: number): Promise<TimelineRow[]> {
  return await trx('timeline as t')
    .leftJoin('timeline_payload as p', (on) =>
      on.on('p.org_id', 't.org_id').andOn('p.incident_id', 't.incident_id').andOn('p.seq', 't.seq'),
    )
    .where('t.incident_id', incident_id)
    .where('t.seq', '>', after)
    .orderBy('t.seq')
    .limit(CHUNK)
    .select(
      't.seq',
      't.occurred_at',
      't.event_type',
      't.actor_type',
      't.actor_id',
      't.corrects_seq',
      't.header',
      't.prev_hash',
      't.entry_hash',
      'p.salt',
      'p.payload',
    );
}

/** Walks a timeline in order. Also what the verifier of an exported bundle runs. */
export class TimelineVerifier {
  private previous = GENESIS_HASH;
  private count = 0;
  private redacted = 0;
  private bad: { seq: number; reason: string } | null = null;

  add(row: TimelineRow): void {
    if (this.bad) return;
    const reason = this.problemOf(row);
    if (reason !== undefined) this.bad = { seq: Math.min(row.seq, this.count + 1), reason };
    if (row.payload === null) this.redacted += 1;
    this.count = row.seq;
    this.previous = row.entry_hash;
  }

  finish(head: { seq: number; hash: string } | null): TimelineVerdict {
    if (!this.bad && (head?.seq ?? 0) !== this.count)
      this.bad = { seq: this.count + 1, reason: `the head says ${head?.seq ?? 0} entries` };
    if (!this.bad && head && head.hash !== this.previous)
      this.bad = { seq: head.seq, reason: 'the head has another hash' };
    return {
      valid: this.bad === null,
      entries: this.count,
      head: this.count === 0 ? null : this.previous,
      first_bad_seq: this.bad?.seq ?? null,
      reason: this.bad?.reason ?? null,
      redacted: this.redacted,
    };
  }

  private problemOf(row: TimelineRow): string | undefined {
    if (row.seq !== this.count + 1) return `entry ${this.count + 1} is missing`;
    if (entryHash(row.header) !== row.entry_hash) return 'the entry does not match its hash';
    const header: unknown = JSON.parse(row.header);
    if (typeof header !== 'object' || header === null) return 'the entry has no header';
    const said = (key: string): unknown => Reflect.get(header, key);
    if (said('prev_hash') !== this.previous) return 'the entry does not follow the one before it';
    // what lists show beside the header must say the same
    const shown = {
      seq: row.seq,
      event_type: row.event_type,
      actor: { type: row.actor_type, id: row.actor_id },
      corrects_seq: row.corrects_seq,
    };
    const hashed = {
      seq: said('seq'),
      event_type: said('event_type'),
      actor: said('actor'),
      corrects_seq: said('corrects_seq'),
    };
    if (canonicalize(shown) !== canonicalize(hashed)) return 'the entry is shown other than it was written';
    if (Date.parse(String(said('occurred_at'))) !== Date.parse(row.occurred_at))
      return 'the entry has another time than was written';
    if (row.payload === null || row.salt === null) return undefined;
    return payloadHash(row.salt, row.payload) === said('payload_hash')
      ? undefined
      : 'the words of the entry were changed';
  }
}
