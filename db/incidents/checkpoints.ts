// Signed checkpoints of a timeline: who controls rows and head can rebuild a chain, but not sign it anew.
import { z } from 'zod';
import type { Jwks } from '../../domain/signing/schema.js';
import { type AnchorStore, keysOf, putNew } from '../audit/anchors.js';
import type { Database } from '../connection.js';
import { checkSignature, type SigningKeys } from '../crypto/signing-keys.js';
import { type ReconcileDb, type TenantDb, withTenant } from '../tenancy.js';
import { type ChainFinding, type Head, TimelineVerifier, walkTimeline } from './verify.js';

export interface Checkpoint {
  /** 1..n per incident. */
  no: number;
  seq: number;
  entry_hash: string;
  signed_at: string;
  kid: string;
  jws: string;
}

export interface TimelineKey {
  org_id: string;
  incident_id: string;
}

const TYPE = 'incident-timeline-checkpoint+jws';

const claimsSchema = z.object({
  org_id: z.string(),
  incident_id: z.string(),
  no: z.number(),
  seq: z.number(),
  entry_hash: z.string(),
  signed_at: z.string(),
});

const COLUMNS = ['no', 'seq', 'entry_hash', 'signed_at', 'kid', 'jws'] as const;

export async function listCheckpoints(trx: TenantDb, incident_id: string, after = 0): Promise<Checkpoint[]> {
  return await trx('timeline_checkpoint')
    .where({ incident_id })
    .where('no', '>', after)
    .orderBy('no')
    .select(...COLUMNS);
}

export async function readHead(trx: TenantDb, incident_id: string): Promise<Head | null> {
  return (await trx('timeline_head').where({ incident_id }).select('seq', 'hash').first()) ?? null;
}

export type SignOutcome = { signed: Checkpoint | null } | { broken: ChainFinding };

/**
 * Signs what has been appended since the last checkpoint, if it is what was written: a chain that does not hold is
 * never signed. Waits for whoever is appending.
 */
export async function signTimeline(
  trx: TenantDb,
  keys: SigningKeys,
  { org_id, incident_id }: TimelineKey,
): Promise<SignOutcome> {
  const head: Head | undefined = await trx('timeline_head')
    .where({ incident_id })
    .select('seq', 'hash')
    .forUpdate()
    .first();
  const last: Checkpoint | undefined = await trx('timeline_checkpoint')
    .where({ incident_id })
    .orderBy('no', 'desc')
    .select(...COLUMNS)
    .first();
  if (!head || head.seq === last?.seq) return { signed: null };
  const after = last && { seq: last.seq, hash: last.entry_hash };
  const verifier = new TimelineVerifier({ incident_id, ...(after && { after }) });
  await walkTimeline(trx, incident_id, verifier, after?.seq);
  const finding = verifier.finish(head);
  if (!finding.valid) return { broken: finding };
  const said = {
    no: (last?.no ?? 0) + 1,
    seq: head.seq,
    entry_hash: head.hash,
    signed_at: new Date().toISOString(),
  };
  const checkpoint = { ...said, ...(await keys.sign(TYPE, { org_id, incident_id, ...said })) };
  await trx('timeline_checkpoint').insert({ org_id, incident_id, ...checkpoint });
  await trx('timeline_head')
    .where({ incident_id })
    .update({
      signed_no: said.no,
      signed_seq: said.seq,
      signed_at: said.signed_at,
      signed_visit: trx.raw('(select visit_no from incident where id = ?)', [incident_id]),
      signed_status: trx.raw('(select status from incident where id = ?)', [incident_id]),
    });
  return { signed: checkpoint };
}

export interface CheckedCheckpoints {
  /** seq → hash of those whose signature holds. */
  anchors: Map<number, string>;
  /** The newest that holds. */
  last: Checkpoint | null;
  /** The first that does not. */
  flaw: { seq: number; reason: string } | null;
}

/** In the order of their numbers: one that is missing is found, and so is one of another incident. */
export async function checkCheckpoints(
  checkpoints: readonly Checkpoint[],
  jwks: Jwks,
  incident_id: string,
  org_id: string,
): Promise<CheckedCheckpoints> {
  const anchors = new Map<number, string>();
  let last: Checkpoint | null = null;
  for (const [index, checkpoint] of checkpoints.entries()) {
    const { no, seq } = checkpoint;
    if (no !== index + 1)
      return {
        anchors,
        last,
        flaw: { seq: (last?.seq ?? 0) + 1, reason: `checkpoint ${index + 1} is missing` },
      };
    const checked = await checkSignature(jwks, checkpoint.jws, TYPE);
    if ('problem' in checked)
      return { anchors, last, flaw: { seq, reason: `checkpoint ${no} ${checked.problem}` } };
    const claims = claimsSchema.safeParse(checked.claims);
    if (
      !claims.success ||
      !isSaid(claims.data, { ...checkpoint, incident_id, org_id }) ||
      checked.kid !== checkpoint.kid
    )
      return { anchors, last, flaw: { seq, reason: `checkpoint ${no} says other than what was signed` } };
    anchors.set(seq, checkpoint.entry_hash);
    last = checkpoint;
  }
  return { anchors, last, flaw: null };
}

function isSaid(claims: z.infer<typeof claimsSchema>, shown: Checkpoint & TimelineKey): boolean {
  return (
    claims.org_id === shown.org_id &&
    claims.incident_id === shown.incident_id &&
    claims.no === shown.no &&
    claims.seq === shown.seq &&
    claims.entry_hash === shown.entry_hash &&
    Date.parse(claims.signed_at) === Date.parse(shown.signed_at)
  );
}

export interface TimelineVerdict extends ChainFinding {
  checkpoints: number;
  /** The newest that holds: everything up to its seq is signed. */
  checkpoint: Omit<Checkpoint, 'jws'> | null;
  /** Checkpoints that are witnessed outside the database; null where no object store is configured. */
  witnessed: number | null;
}

/** Chain, head, signatures of the checkpoints, and their witnesses: the first entry that is not as it was. */
export async function verifyTimeline(
  trx: TenantDb,
  { org_id, incident_id }: TimelineKey,
  jwks: Jwks,
  witnesses?: ReadonlyMap<number, string>,
): Promise<TimelineVerdict> {
  const checkpoints = await listCheckpoints(trx, incident_id);
  const { anchors, last, flaw } = await checkCheckpoints(checkpoints, jwks, incident_id, org_id);
  const verifier = new TimelineVerifier({
    incident_id,
    anchors: new Map([...anchors, ...(witnesses ?? [])]),
  });
  await walkTimeline(trx, incident_id, verifier);
  if (flaw) verifier.fail(flaw.seq, flaw.reason);
  const finding = verifier.finish(await readHead(trx, incident_id));
  const { jws: _, ...shown } = last ?? { jws: '' };
  return {
    ...finding,
    checkpoints: checkpoints.length,
    checkpoint: 'no' in shown ? shown : null,
    witnessed: witnesses?.size ?? null,
  };
}

export interface Due {
  /** Signed once it is so old and something has been appended. */
  age_ms: number;
  /** Or when so many entries have been appended. */
  entries: number;
}

/** Chains to be signed: new ones, after a move or a closing, and by age or length. Oldest first. */
export async function listUnsigned(
  trx: ReconcileDb,
  { age_ms, entries }: Due,
  limit: number,
  except: readonly string[],
): Promise<TimelineKey[]> {
  const { rows } = await trx.raw<{ rows: TimelineKey[] }>(
    `select h.org_id, h.incident_id from timeline_head h
     join incident i on i.org_id = h.org_id and i.id = h.incident_id
     join org g on g.id = h.org_id and g.deleted_at is null
     where (h.seq > h.signed_seq or h.witnessed_no < h.signed_no) and h.seq > h.signed_seq
       and h.incident_id <> all(?::uuid[])
       and (h.signed_no = 0 or h.seq - h.signed_seq >= ? or i.visit_no <> h.signed_visit
         or i.status <> h.signed_status or h.signed_at < clock_timestamp() - ? * interval '1 millisecond')
     order by h.signed_at nulls first limit ?`,
    [[...except], entries, age_ms, limit],
  );
  return rows;
}

export async function listUnwitnessed(trx: ReconcileDb, limit: number): Promise<TimelineKey[]> {
  const { rows } = await trx.raw<{ rows: TimelineKey[] }>(
    `select h.org_id, h.incident_id from timeline_head h
     join org g on g.id = h.org_id and g.deleted_at is null
     where (h.seq > h.signed_seq or h.witnessed_no < h.signed_no) and h.witnessed_no < h.signed_no
     order by h.signed_at limit ?`,
    [limit],
  );
  return rows;
}

/** Below the audit log's anchors, so that one rule of the bucket makes both write-once. */
function prefixOf({ org_id, incident_id }: TimelineKey): string {
  return `audit-anchors/timelines/${org_id}/${incident_id}/`;
}

/** Repeatable. @returns how many checkpoints there were to put */
export async function witnessTimeline(db: Database, store: AnchorStore, key: TimelineKey): Promise<number> {
  const { org_id, incident_id } = key;
  const waiting = await withTenant(db, key, async (trx) => {
    const head: { witnessed_no: number } | undefined = await trx('timeline_head')
      .where({ incident_id })
      .first('witnessed_no');
    return await listCheckpoints(trx, incident_id, head?.witnessed_no);
  });
  for (const checkpoint of waiting) {
    const name = `${String(checkpoint.seq).padStart(10, '0')}-${checkpoint.entry_hash}`;
    await putNew(store, `${prefixOf(key)}${name}`, JSON.stringify({ org_id, incident_id, ...checkpoint }));
  }
  const last = waiting.at(-1);
  if (last)
    await withTenant(db, key, (trx) =>
      trx('timeline_head')
        .where({ incident_id })
        .where('witnessed_no', '<', last.no)
        .update({ witnessed_no: last.no }),
    );
  return waiting.length;
}

/** seq → hash. */
export async function readWitnesses(store: AnchorStore, key: TimelineKey): Promise<Map<number, string>> {
  const witnesses = new Map<number, string>();
  for await (const name of keysOf(store, prefixOf(key))) {
    const match = /\/(\d{10})-([0-9a-f]{64})$/.exec(name);
    if (match?.[1] && match[2]) witnesses.set(Number(match[1]), match[2]);
  }
  return witnesses;
}
