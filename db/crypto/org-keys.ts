// One random data key per organization, kept wrapped by a root key. Whoever deletes the row has shredded whatever was
// encrypted with it, wherever copies are.
import { createHash, randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { DomainError } from '../../domain/errors.js';
import type { Database } from '../connection.js';
import { withTenant } from '../tenancy.js';
import { decrypt, encrypt, KEY_BYTES } from './gcm.js';
import { findOrgKey, insertOrgKey, rewrapOrgKey, type WrappedKey } from './repository.js';
import { derived, readRootKeys, type RootKeys } from './root-keys.js';

export interface DataKey {
  /** A fingerprint: it stays the same whatever root key wraps it. */
  kid: string;
  key: Buffer;
}

export interface OrgKeys {
  /**
   * The organization's key; made at the first use.
   * @throws ApplicationFailure KEY_DESTROYED, or DomainError SERVICE_UNAVAILABLE
   */
  forWriting(org_id: string): Promise<DataKey>;
  /** The same, but none is made: what was never written cannot be read. */
  forReading(org_id: string): Promise<DataKey>;
}

/** The failure's type: no retry will bring the key back. */
export const KEY_DESTROYED = 'PAYLOAD_KEY_DESTROYED';

/** A destroyed key is forgotten everywhere after so long. */
const FRESH_MS = 60_000;
/** While the database does not answer, nothing can be destroyed in it either; work that is under way ends well. */
const USABLE_MS = 15 * 60_000;
const MOST_KEPT = 1_000;

export interface OrgKeyOptions {
  now?: () => number;
  most_kept?: number;
}

interface Kept {
  key: DataKey;
  since: number;
}

export function toDataKey(key: Buffer): DataKey {
  const fingerprint = createHash('sha256').update(derived(key, 'grc-kid')).digest('hex');
  return { kid: `org-${fingerprint.slice(0, 16)}`, key };
}

/** @param db as the application: each key is read as its organization */
export function createOrgKeys(db: Database, payload_keys: string, options: OrgKeyOptions = {}): OrgKeys {
  const { now = Date.now, most_kept = MOST_KEPT } = options;
  const roots = readRootKeys(payload_keys, 'grc-org-key');
  const kept = new Map<string, Kept>();
  const asked = new Map<string, Promise<DataKey>>();

  async function load(org_id: string, make: boolean): Promise<DataKey> {
    return await withTenant(db, { org_id }, async (trx) => {
      let row = await findOrgKey(trx);
      if (row === undefined && make) {
        const key = randomBytes(KEY_BYTES);
        if (await insertOrgKey(trx, org_id, wrap(roots, org_id, key))) return toDataKey(key);
        row = await findOrgKey(trx);
      }
      if (row === undefined) throw destroyed(org_id);
      const key = unwrap(roots, org_id, row);
      if (row.kid !== roots.first.kid) await rewrapOrgKey(trx, row.kid, wrap(roots, org_id, key));
      return toDataKey(key);
    });
  }

  /** Asked for once, however many payloads wait for it. */
  async function loadOnce(org_id: string, make: boolean): Promise<DataKey> {
    const name = `${org_id} ${String(make)}`;
    const loading = asked.get(name) ?? load(org_id, make).finally(() => asked.delete(name));
    asked.set(name, loading);
    return await loading;
  }

  function keep(org_id: string, key: DataKey): DataKey {
    kept.delete(org_id);
    kept.set(org_id, { key, since: now() });
    for (const oldest of kept.keys()) {
      if (kept.size <= most_kept) break;
      kept.delete(oldest);
    }
    return key;
  }

  async function get(org_id: string, make: boolean): Promise<DataKey> {
    const known = kept.get(org_id);
    if (known && now() - known.since < FRESH_MS) return known.key;
    try {
      return keep(org_id, await loadOnce(org_id, make));
    } catch (error) {
      const code = error instanceof DomainError ? error.code : undefined;
      if (known && code === 'SERVICE_UNAVAILABLE' && now() - known.since < USABLE_MS) return known.key;
      kept.delete(org_id);
      throw code === 'NOT_FOUND' ? destroyed(org_id) : error;
    }
  }

  return {
    forWriting: (org_id) => get(org_id, true),
    forReading: (org_id) => get(org_id, false),
  };
}

function destroyed(org_id: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `the payload key of organization ${org_id} is destroyed: what it encrypted cannot be read again`,
    KEY_DESTROYED,
  );
}

const boundTo = (kid: string, org_id: string): string => JSON.stringify([kid, org_id]);

function wrap({ first }: RootKeys, org_id: string, key: Buffer): WrappedKey {
  return { kid: first.kid, wrapped: encrypt(first.key, key, boundTo(first.kid, org_id)) };
}

function unwrap(roots: RootKeys, org_id: string, { kid, wrapped }: WrappedKey): Buffer {
  const root = roots.find(kid);
  if (root === undefined)
    throw new Error(`the payload key of organization ${org_id} is wrapped by ${kid}: not in PAYLOAD_KEYS`);
  return decrypt(root.key, wrapped, boundTo(kid, org_id));
}
