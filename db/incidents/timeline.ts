// An incident's hash-chained timeline. Words and names lie beside the chain, so that they can be redacted.
import { createHash, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Knex } from 'knex';
import { GENESIS_HASH } from '../../domain/audit/rules.js';
import type { TimelineEntry } from '../../domain/incidents/schema.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';
import { leaveToEnd } from '../dialect.js';

export type ActorType = TimelineEntry['actor_ref']['type'];

export interface EntryInput {
  event_type: string;
  /** ISO; when it happened. */
  occurred_at: string;
  actor: { type: ActorType; id: string | null; display: string };
  description: string;
  data: Readonly<Record<string, unknown>>;
  corrects_seq?: number | undefined;
  /** Of the act that caused it: a repetition appends nothing. */
  idempotency_key: string;
}

interface Header {
  incident_id: string;
  seq: number;
  occurred_at: string;
  recorded_at: string;
  event_type: string;
  actor: { type: ActorType; id: string | null };
  corrects_seq: number | null;
  idempotency_key: string;
  payload_hash: string;
  prev_hash: string;
}

export interface Payload {
  description: string;
  actor: string;
  data: Readonly<Record<string, unknown>>;
}

export function payloadHash(salt: string, payload: Payload): string {
  return createHash('sha256')
    .update(salt)
    .update(canonicalize(payload) ?? '')
    .digest('hex');
}

export function entryHash(header: string): string {
  return createHash('sha256').update(header).digest('hex');
}

/**
 * Appends under the lock of the chain's head.
 * @returns how many were new: entries whose key is known are left out.
 */
export async function appendTimeline(
  trx: TenantDb,
  org_id: string,
  incident_id: string,
  inputs: readonly EntryInput[],
): Promise<number> {
  if (inputs.length === 0) return 0;
  const head = await lockHead(trx, org_id, incident_id);
  const keys = inputs.map(({ idempotency_key }) => idempotency_key);
  const known = new Set<string>(
    await trx('timeline').where({ incident_id }).whereIn('idempotency_key', keys).pluck('idempotency_key'),
  );
  const news = inputs.filter(({ idempotency_key }) => !known.has(idempotency_key));
  if (news.length > 0) await leaveToEnd(trx, entriesAfter(trx, head, { org_id, incident_id }, news));
  return news.length;
}

/** What appends them under the head that is locked; their keys must be new. */
export function entriesAfter(
  trx: TenantDb,
  locked: TimelineHead,
  { org_id, incident_id }: { org_id: string; incident_id: string },
  inputs: readonly EntryInput[],
): Knex.QueryBuilder[] {
  if (inputs.length === 0) return [];
  let head = locked;
  const recorded_at = new Date().toISOString();
  const rows: Record<string, unknown>[] = [];
  const payloads: Record<string, unknown>[] = [];
  for (const input of inputs) {
    const seq = head.seq + 1;
    const salt = randomBytes(16).toString('hex');
    const payload: Payload = {
      description: input.description,
      actor: input.actor.display,
      data: input.data,
    };
    const { type, id } = input.actor;
    const header: Header = {
      incident_id,
      seq,
      occurred_at: input.occurred_at,
      recorded_at,
      event_type: input.event_type,
      actor: { type, id },
      corrects_seq: input.corrects_seq ?? null,
      idempotency_key: input.idempotency_key,
      payload_hash: payloadHash(salt, payload),
      prev_hash: head.hash,
    };
    const text = canonicalize(header) ?? '';
    const hash = entryHash(text);
    rows.push({
      org_id,
      incident_id,
      seq,
      occurred_at: input.occurred_at,
      recorded_at,
      event_type: input.event_type,
      actor_type: type,
      actor_id: id,
      corrects_seq: header.corrects_seq,
      idempotency_key: input.idempotency_key,
      header: text,
      prev_hash: head.hash,
      entry_hash: hash,
    });
    payloads.push({ org_id, incident_id, seq, salt, payload: JSON.stringify(payload) });
    head = { seq, hash };
  }
  return [
    trx('timeline').insert(rows),
    trx('timeline_payload').insert(payloads),
    trx('timeline_head').where({ incident_id }).update({ seq: head.seq, hash: head.hash }),
  ];
}

export interface TimelineHead {
  seq: number;
  hash: string;
}

/** Locks it; an incident has one from its first entry on. */
export function timelineHead(trx: TenantDb, incident_id: string): Knex.QueryBuilder {
  return trx('timeline_head').select('seq', 'hash').where({ incident_id }).forUpdate();
}

async function lockHead(trx: TenantDb, org_id: string, incident_id: string): Promise<TimelineHead> {
  const found: TimelineHead | undefined = await timelineHead(trx, incident_id).first();
  if (found) return found;
  await trx('timeline_head')
    .insert({ org_id, incident_id, seq: 0, hash: GENESIS_HASH })
    .onConflict()
    .ignore();
  const head: TimelineHead | undefined = await timelineHead(trx, incident_id).first();
  if (!head) throw new Error('a timeline has no head');
  return head;
}

const VIEW = `t.seq, t.occurred_at as timestamp, t.recorded_at, t.event_type,
  coalesce(p.payload ->> 'description', '[redacted]') as description,
  coalesce(p.payload ->> 'actor', '[redacted]') as actor,
  jsonb_build_object('type', t.actor_type, 'id', t.actor_id) as actor_ref,
  coalesce(p.payload -> 'data', '{}') as data, t.corrects_seq, p.seq is null as redacted, t.entry_hash`;

/**
 * The words of an entry `t` as `p`. As a plain join Postgres, while it takes the table for small, reads all words of the
 * incident for each entry: 17 ms instead of 0.2 for fifty of two thousand.
 */
export const ITS_PAYLOAD = `left join lateral (
  select w.* from timeline_payload w
  where w.org_id = t.org_id and w.incident_id = t.incident_id and w.seq = t.seq limit 1) p on true`;

function view(trx: TenantReader, incident_id: string) {
  return trx('timeline as t').joinRaw(ITS_PAYLOAD).where('t.incident_id', incident_id).select(trx.raw(VIEW));
}

/** Oldest first: by when things happened, or by when they were written down. */
export async function listTimeline(
  trx: TenantReader,
  incident_id: string,
  order: 'occurred' | 'recorded',
  request: PageRequest,
): Promise<PageResult<TimelineEntry>> {
  const query = view(trx, incident_id).limit(request.limit + 1);
  if (order === 'occurred') query.orderBy([{ column: 't.occurred_at' }, { column: 't.seq' }]);
  else query.orderBy('t.seq');
  const { after } = request;
  if (after && order === 'recorded') query.where('t.seq', '>', keyPart(after, 0));
  if (after && order === 'occurred')
    query.whereRaw('(t.occurred_at, t.seq) > (?, ?)', [keyPart(after, 1), keyPart(after, 0)]);
  const rows: TimelineEntry[] = await query;
  return toPage(rows, request.limit, (row) => [row.seq, row.timestamp]);
}

/** The newest by time of writing. */
export function latestTimeline(trx: TenantReader, incident_id: string, limit: number): Knex.QueryBuilder {
  return view(trx, incident_id).orderBy('t.seq', 'desc').limit(limit);
}

/** The words and names go, their commitment stays. @returns false when there was nothing left to redact. */
export async function redactPayload(trx: TenantDb, incident_id: string, seq: number): Promise<boolean> {
  return (await trx('timeline_payload').where({ incident_id, seq }).delete()) > 0;
}
