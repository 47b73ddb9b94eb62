// The exported bundle: how it is hashed and signed, and how it is checked without a database.
import { createHash, type Hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import { incidentBundle, type IncidentBundle } from '../../domain/incidents/bundle-schema.js';
import type { Jwks } from '../../domain/signing/schema.js';
import { checkSignature, type SigningKeys } from '../crypto/signing-keys.js';
import { checkCheckpoints } from './checkpoints.js';
import { TimelineVerifier } from './verify.js';

const TYPE = 'incident-bundle+jws';

const claimsSchema = z.object({ incident_id: z.string(), exported_at: z.string(), sha256: z.string() });

/** Fed part by part in the order of the format, so that a long incident is never held whole. */
export class BundleDigest {
  private readonly hash: Hash = createHash('sha256');

  /** @returns the part as it is written */
  add(part: unknown): string {
    const text = canonicalize(part) ?? 'null';
    this.hash.update(text).update('\n');
    return text;
  }

  finish(): string {
    return this.hash.digest('hex');
  }
}

export async function signBundle(
  keys: SigningKeys,
  { incident_id, exported_at }: Pick<IncidentBundle['about'], 'incident_id' | 'exported_at'>,
  sha256: string,
): Promise<string> {
  return (await keys.sign(TYPE, { incident_id, exported_at, sha256 })).jws;
}

export interface BundleVerdict {
  valid: boolean;
  entries: number;
  redacted: number;
  checkpoints: number;
  first_bad_seq: number | null;
  /** Everything that is wrong, the timeline first. */
  problems: string[];
  /** The bundle's own keys were believed, because none were given. */
  own_keys: boolean;
}

/**
 * @param known keys from another source than the bundle: only they tell a forger's signature from ours
 * @throws z.ZodError for what is no bundle
 */
export async function checkBundle(file: unknown, known?: Jwks): Promise<BundleVerdict> {
  const bundle = incidentBundle.parse(file);
  const { about, entries, checkpoints } = bundle;
  const jwks = known ?? about.keys;
  const checked = await checkCheckpoints(checkpoints, jwks, about.incident_id, about.org_id);
  const verifier = new TimelineVerifier({ incident_id: about.incident_id, anchors: checked.anchors });
  for (const entry of entries) verifier.add(entry);
  if (checked.flaw) verifier.fail(checked.flaw.seq, checked.flaw.reason);
  const chain = verifier.finish(about.chain);
  const problems: string[] = [];
  if (chain.reason !== null) problems.push(chain.reason);
  if ((checked.last?.seq ?? 0) < chain.entries)
    problems.push(`entries after ${checked.last?.seq ?? 0} are covered by no checkpoint`);
  problems.push(...(await problemsOfSignature(bundle, jwks)));
  return {
    valid: problems.length === 0,
    entries: chain.entries,
    redacted: chain.redacted,
    checkpoints: checkpoints.length,
    first_bad_seq: chain.first_bad_seq,
    problems,
    own_keys: known === undefined,
  };
}

async function problemsOfSignature(bundle: IncidentBundle, jwks: Jwks): Promise<string[]> {
  const { about, entries, checkpoints, redactions, sha256, signature } = bundle;
  const digest = new BundleDigest();
  for (const part of [about, ...entries, ...checkpoints, redactions]) digest.add(part);
  const found = digest.finish();
  if (found !== sha256) return ['the bundle was changed after its export'];
  if (signature === null) return ['the bundle is not signed'];
  const checked = await checkSignature(jwks, signature, TYPE);
  if ('problem' in checked) return [`the bundle ${checked.problem}`];
  const claims = claimsSchema.safeParse(checked.claims);
  const { incident_id, exported_at } = about;
  const isSigned =
    claims.data?.sha256 === found &&
    claims.data.incident_id === incident_id &&
    claims.data.exported_at === exported_at;
  return isSigned ? [] : ['the signature is that of another bundle'];
}
