// Who did what. Written in the transaction of the change: what cannot be audited does not happen.
import { createHash, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Knex } from 'knex';
import { GENESIS_HASH, type ChainHead, type ChainRow } from '../../domain/audit/rules.js';
import type { AuditEntry, AuditQuery } from '../../domain/audit/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { leaveToEnd } from '../dialect.js';
import { keyPart, type PageRequest, type PageResult, toPage } from '../pagination.js';
import type { TenantDb, TenantReader } from '../tenancy.js';

type Snapshot = Record<string, unknown>;

export interface AuditInput {
  /** `resource.verb`, e.g. `assessment.execute`. */
  action: string;
  resource_type: string;
  resource_id: string | null;
  outcome?: 'done' | 'refused';
  before?: Snapshot | null;
  after?: Snapshot | null;
  /** Names and addresses: kept beside the chain, which holds only their salted hash. */
  personal?: { subject_id: string; data: Snapshot };
}

export interface AuditActor extends Pick<TenantRef, 'org_id' | 'request_id'> {
  /** Null for the system itself, e.g. a repair by the reconciler. */
  actor_id: string | null;
  address?: string;
}

interface Body {
  seq: number;
  at: string;
  actor_id: string | null;
  action: string;
  resource_type: string;
  resource_id: string | null;
  outcome: 'done' | 'refused';
  address: string | null;
  request_id: string;
  before: Snapshot | null;
  after: Snapshot | null;
  personal_sha256: string | null;
}

export function chainHash(previous: string, seq: number, body: string): string {
  return createHash('sha256').update(previous).update(`\n${seq}\n`).update(body).digest('hex');
}

/**
 * Locks the organization's chain until the transaction ends: call it last.
 * @param locked what `auditHead` has found, in the statement before
 */
export async function appendAudit(
  trx: TenantDb,
  actor: AuditActor,
  input: AuditInput | readonly AuditInput[],
  locked?: ChainHead,
): Promise<void> {
  const inputs = [input].flat();
  if (inputs.length === 0) return;
  let head = locked ?? (await lockHead(trx, actor.org_id));
  const at = new Date().toISOString();
  const rows: Record<string, unknown>[] = [];
  const personal: Record<string, unknown>[] = [];
  for (const item of inputs) {
    const seq = head.seq + 1;
    const salted = item.personal && saltPersonal(item.personal.data);
    const body = toBody(seq, at, actor, item, salted?.sha256 ?? null);
    const text = canonicalize(body) ?? '';
    const hash = chainHash(head.hash, seq, text);
    rows.push({
      org_id: actor.org_id,
      seq,
      at,
      actor_id: actor.actor_id,
      action: item.action,
      resource_type: item.resource_type,
      resource_id: item.resource_id,
      body: text,
      hash,
    });
    if (item.personal && salted) {
      const { subject_id, data } = item.personal;
      personal.push({ org_id: actor.org_id, seq, subject_id, salt: salted.salt, data: JSON.stringify(data) });
    }
    head = { seq, hash };
  }
  const moved = trx('audit_head').where({ org_id: actor.org_id }).update({ seq: head.seq, hash: head.hash });
  await leaveToEnd(trx, [
    trx('audit_log').with('moved', moved).insert(rows),
    ...(personal.length > 0 ? [trx('audit_personal').insert(personal)] : []),
  ]);
}

/** The names of an entry `a` as `p`: one look each, also while Postgres takes the table for small. */
const ITS_NAMES = `left join lateral (
  select n.* from audit_personal n where n.org_id = a.org_id and n.seq = a.seq limit 1) p on true`;

/** Newest first. */
export async function listAudit(
  trx: TenantReader,
  filter: Omit<AuditQuery, 'limit' | 'cursor'>,
  request: PageRequest,
): Promise<PageResult<AuditEntry>> {
  const query = trx('audit_log as a')
    .joinRaw(ITS_NAMES)
    .select('a.seq', 'a.body', 'a.hash', 'p.data')
    .orderBy('a.seq', 'desc')
    .limit(request.limit + 1);
  if (filter.actor) query.whereIn('a.actor_id', filter.actor);
  if (filter.since) query.where('a.at', '>=', filter.since);
  const resources = filter.resource;
  if (resources)
    query.where((either) =>
      either.whereIn('a.resource_type', resources).orWhereIn('a.resource_id', resources),
    );
  if (request.after) query.where('a.seq', '<', keyPart(request.after, 0));
  const rows: { seq: number; body: string; hash: string; data: Snapshot | null }[] = await query;
  return toPage(rows.map(toEntry), request.limit, (entry) => [entry.seq]);
}

export async function findHead(trx: TenantDb): Promise<ChainHead | null> {
  const row: ChainHead | undefined = await trx('audit_head').select('seq', 'hash').first();
  return row ?? null;
}

/** With what stands beside the hashed body: columns that lists are filtered by, and names that they show. */
interface KeptRow extends ChainRow {
  at: string;
  actor_id: string | null;
  action: string;
  resource_type: string;
  resource_id: string | null;
  salt: string | null;
  data: Snapshot | null;
}

/** A piece of the chain, oldest first: after < seq ≤ until. */
export async function listChain(
  trx: TenantDb,
  range: { after: number; until: number; limit: number },
): Promise<KeptRow[]> {
  return await trx('audit_log as a')
    .joinRaw(ITS_NAMES)
    .select('a.seq', 'a.body', 'a.hash', 'a.at', 'a.actor_id', 'a.action', 'a.resource_type', 'a.resource_id')
    .select('p.salt', 'p.data')
    .where('a.seq', '>', range.after)
    .where('a.seq', '<=', range.until)
    .orderBy('a.seq')
    .limit(range.limit);
}

/** Who changes only a column hides the entry from a filter; who changes only a name shows another. Erased names are none. */
export function problemBeside(row: KeptRow): string | undefined {
  const body: Body = JSON.parse(row.body);
  const same =
    Date.parse(row.at) === Date.parse(body.at) &&
    row.actor_id === body.actor_id &&
    row.action === body.action &&
    row.resource_type === body.resource_type &&
    row.resource_id === body.resource_id;
  if (!same) return 'its columns are not those of the entry';
  const named = row.salt !== null && row.data !== null && personalHash(row.salt, row.data);
  if (named !== false && named !== body.personal_sha256)
    return 'the names beside it are not those of the entry';
  return undefined;
}

/** Locks the chain's head; none before the first entry. */
export function auditHead(trx: TenantDb, org_id: string): Knex.QueryBuilder {
  return trx('audit_head').where({ org_id }).select('seq', 'hash').forUpdate();
}

async function lockHead(trx: TenantDb, org_id: string): Promise<ChainHead> {
  const locked: ChainHead | undefined = await auditHead(trx, org_id).first();
  if (locked) return locked;
  await trx('audit_head').insert({ org_id, seq: 0, hash: GENESIS_HASH }).onConflict('org_id').ignore();
  return await auditHead(trx, org_id).first();
}

function saltPersonal(data: Snapshot): { salt: string; sha256: string } {
  const salt = randomBytes(16).toString('hex');
  return { salt, sha256: personalHash(salt, data) };
}

function personalHash(salt: string, data: Snapshot): string {
  return createHash('sha256')
    .update(salt)
    .update(canonicalize(data) ?? '')
    .digest('hex');
}

function toBody(seq: number, at: string, actor: AuditActor, item: AuditInput, personal: string | null): Body {
  return {
    seq,
    at,
    actor_id: actor.actor_id,
    action: item.action,
    resource_type: item.resource_type,
    resource_id: item.resource_id,
    outcome: item.outcome ?? 'done',
    address: actor.address ?? null,
    request_id: actor.request_id,
    before: item.before ?? null,
    after: item.after ?? null,
    personal_sha256: personal,
  };
}

function toEntry(row: { seq: number; body: string; hash: string; data: Snapshot | null }): AuditEntry {
  const body: Body = JSON.parse(row.body);
  const { personal_sha256: _commitment, ...entry } = body;
  return { ...entry, after: row.data ? { ...entry.after, ...row.data } : entry.after, hash: row.hash };
}
