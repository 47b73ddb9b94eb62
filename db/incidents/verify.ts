// Is the timeline what was written? Recomputed from the rows; a redacted entry is no error, a changed one is.
import canonicalize from 'canonicalize';
import { GENESIS_HASH } from '../../domain/audit/rules.js';
import type { TenantDb } from '../tenancy.js';
import { entryHash, ITS_PAYLOAD, type Payload, payloadHash } from './timeline.js';

export interface TimelineRow {
  seq: number;
  occurred_at: string;
  recorded_at: string;
  event_type: string;
  actor_type: string;
  actor_id: string | null;
  corrects_seq: number | null;
  idempotency_key: string;
  header: string;
  prev_hash: string;
  entry_hash: string;
  salt: string | null;
  payload: Payload | null;
}

export interface Head {
  seq: number;
  hash: string;
}

export interface ChainFinding {
  valid: boolean;
  entries: number;
  head: string | null;
  first_bad_seq: number | null;
  reason: string | null;
  redacted: number;
}

/** Rows held at once. */
const CHUNK = 500;

/** All entries after that one, piece by piece. */
export async function walkTimeline(
  trx: TenantDb,
  incident_id: string,
  verifier: TimelineVerifier,
  from = 0,
): Promise<void> {
  for (let after = from; ;) {
    const rows = await readRows(trx, incident_id, after);
    for (const row of rows) verifier.add(row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNK) return;
    after = last.seq;
  }
}

export async function readRows(trx: TenantDb, incident_id: string, after: number): Promise<TimelineRow[]> {
  return await trx('timeline as t')
    .joinRaw(ITS_PAYLOAD)
    .where('t.incident_id', incident_id)
    .where('t.seq', '>', after)
    .orderBy('t.seq')
    .limit(CHUNK)
    .select(
      't.seq',
      't.occurred_at',
      't.recorded_at',
      't.event_type',
      't.actor_type',
      't.actor_id',
      't.corrects_seq',
      't.idempotency_key',
      't.header',
      't.prev_hash',
      't.entry_hash',
      'p.salt',
      'p.payload',
    );
}

export interface Expected {
  incident_id: string;
  /** What is checked already; the beginning unless given. */
  after?: Head;
  /** seq → hash, as somebody has signed or witnessed it. */
  anchors?: ReadonlyMap<number, string>;
}

/** Walks a timeline in order. Also what the verifier of an exported bundle runs. */
export class TimelineVerifier {
  private readonly expected: Expected;
  private previous: string;
  private count: number;
  private bad: { seq: number; reason: string } | null = null;
  /** Entries without their words. */
  private readonly gone: number[] = [];
  /** Entries that another one says were redacted. */
  private readonly explained = new Set<number>();

  constructor(expected: Expected) {
    this.expected = expected;
    this.previous = expected.after?.hash ?? GENESIS_HASH;
    this.count = expected.after?.seq ?? 0;
  }

  add(row: TimelineRow): void {
    if (row.payload === null || row.salt === null) this.gone.push(row.seq);
    if (row.event_type === 'redacted') this.explained.add(redactedSeq(row));
    const reason = this.bad ? undefined : this.problemOf(row);
    if (reason !== undefined) this.fail(Math.min(row.seq, this.count + 1), reason);
    this.count = row.seq;
    this.previous = row.entry_hash;
  }

  /** The earliest one counts. */
  fail(seq: number, reason: string): void {
    if (this.bad === null || seq < this.bad.seq) this.bad = { seq, reason };
  }

  finish(head: Head | null): ChainFinding {
    const { anchors = new Map<number, string>() } = this.expected;
    const anchored = Math.max(0, ...anchors.keys());
    if (!this.bad && (head?.seq ?? 0) !== this.count)
      this.fail(this.count + 1, `the head says ${head?.seq ?? 0} entries`);
    if (!this.bad && head && head.hash !== this.previous) this.fail(head.seq, 'the head has another hash');
    if (!this.bad && anchored > this.count)
      this.fail(this.count + 1, `entries up to ${anchored} were signed and are gone`);
    const taken = this.gone.find((seq) => !this.explained.has(seq));
    // in a chain that is broken the entry that explains it may be what is missing
    if (!this.bad && taken !== undefined)
      this.fail(taken, 'the words of the entry are gone, and no entry says that they were redacted');
    return {
      valid: this.bad === null,
      entries: this.count,
      head: this.count === 0 ? null : this.previous,
      first_bad_seq: this.bad?.seq ?? null,
      reason: this.bad?.reason ?? null,
      redacted: this.gone.length,
    };
  }

  private problemOf(row: TimelineRow): string | undefined {
    if (row.seq !== this.count + 1) return `entry ${this.count + 1} is missing`;
    if (entryHash(row.header) !== row.entry_hash) return 'the entry does not match its hash';
    const header = fieldsOf(row.header);
    if (!header) return 'the entry has no header';
    if (header['prev_hash'] !== this.previous) return 'the entry does not follow the one before it';
    if (header['incident_id'] !== this.expected.incident_id) return 'the entry is one of another incident';
    if (!isShownAsWritten(row, header)) return 'the entry is shown other than it was written';
    for (const field of ['occurred_at', 'recorded_at'] as const)
      if (!isSameMoment(String(header[field]), row[field]))
        return 'the entry has another time than was written';
    if (
      row.payload !== null &&
      row.salt !== null &&
      payloadHash(row.salt, row.payload) !== header['payload_hash']
    )
      return 'the words of the entry were changed';
    const anchor = this.expected.anchors?.get(row.seq);
    return anchor === undefined || anchor === row.entry_hash
      ? undefined
      : 'the chain was rewritten: the hash is not the one that was signed';
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(header: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(header);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

/** What lists show beside the header must say the same. */
function isShownAsWritten(row: TimelineRow, header: Fields): boolean {
  const { seq, event_type, actor_type, actor_id, corrects_seq, prev_hash, idempotency_key } = row;
  const shown = { seq, event_type, actor: { type: actor_type, id: actor_id }, corrects_seq, prev_hash };
  // not in the headers of the first timelines
  const key = 'idempotency_key' in header ? { idempotency_key } : {};
  const hashed = Object.fromEntries(Object.keys({ ...shown, ...key }).map((name) => [name, header[name]]));
  return canonicalize({ ...shown, ...key }) === canonicalize(hashed);
}

/** The seq that a redaction is about; in the first timelines among its words. */
function redactedSeq(row: TimelineRow): number {
  return row.corrects_seq ?? Number(row.payload?.data['seq'] ?? 0);
}

const NANOS_IN_MICRO = 1000n;

/** Postgres keeps microseconds; what was finer in the header is rounded there. */
function isSameMoment(written: string, kept: string): boolean {
  const [before, after] = [nanos(written), nanos(kept)];
  if (before === undefined || after === undefined) return false;
  const apart = before > after ? before - after : after - before;
  return before % NANOS_IN_MICRO === 0n ? apart === 0n : apart < NANOS_IN_MICRO;
}

function nanos(iso: string): bigint | undefined {
  const match = /^(.+?)(?:\.(\d{1,9})\d*)?Z$/.exec(iso);
  const ms = Date.parse(`${match?.[1] ?? ''}Z`);
  if (!match || Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
}
