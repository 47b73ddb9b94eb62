import pg from 'pg';
import type { ChainVerdict } from '../../domain/audit/rules.js';
import { notFound } from '../../domain/errors.js';
import { connect } from '../connection.js';
import { appUrl } from '../roles.js';
import { withTenant } from '../tenancy.js';
import { type AnchorStore, readAnchors, readNewestTree } from './anchors.js';
import { verifyAudit } from './verify.js';

export interface OrganizationVerdict extends ChainVerdict {
  org_id: string;
  /** Entries that are witnessed; null where no object store is configured. */
  anchored: number | null;
}

export interface Verification {
  verdicts: OrganizationVerdict[];
  /** The newest hour's; undefined where nothing is witnessed. */
  tree: Awaited<ReturnType<typeof readNewestTree>>;
}

/**
 * An operator's check of all chains, or of one; long chains get the time they need.
 * @throws DomainError NOT_FOUND when there is no such organization, of which nothing can be unbroken
 */
export async function verifyOrganizations(
  database_url: string,
  store: AnchorStore | undefined,
  only?: string,
): Promise<Verification> {
  const all = await listOrgIds(database_url);
  if (only !== undefined && !all.includes(only)) throw notFound(`organization ${only}`);
  const db = connect({
    url: appUrl(database_url),
    pool_max: 1,
    application_name: 'grc-audit-verify',
    query_timeout_ms: 60_000,
  });
  try {
    const verdicts: OrganizationVerdict[] = [];
    for (const org_id of only === undefined ? all : [only]) {
      const anchors = store && (await readAnchors(store, org_id));
      const verdict = await withTenant(db, { org_id }, (trx) => verifyAudit(trx, anchors));
      verdicts.push({ org_id, ...verdict });
    }
    return { verdicts, tree: store && (await readNewestTree(store)) };
  } finally {
    await db.destroy();
  }
}

async function listOrgIds(database_url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  try {
    await client.query('set role grc_owner');
    const { rows } = await client.query<{ id: string }>('select id from org order by id');
    return rows.map((row) => row.id);
  } finally {
    await client.end();
  }
}
