// The playbooks that ship, brought into the database beside the catalogues.
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type pg from 'pg';
import { newId } from '../../ids.js';
import { type AuthoredPlaybook, build } from './build.js';
import { dataBreach } from './data-breach.js';
import { denialOfService } from './denial-of-service.js';
import { insiderThreat } from './insider-threat.js';
import { malware } from './malware.js';
import { phishing } from './phishing.js';
import { ransomware } from './ransomware.js';
import { unauthorizedAccess } from './unauthorized-access.js';
import { vendorBreach } from './vendor-breach.js';

export const LIBRARY: readonly AuthoredPlaybook[] = [
  ransomware,
  phishing,
  dataBreach,
  denialOfService,
  insiderThreat,
  unauthorizedAccess,
  malware,
  vendorBreach,
];

/** Before the names of playbooks, where they are told beside frameworks. */
export const PLAYBOOK_KEY = 'playbook ';

/** A changed one is a new revision; a run keeps the one it was started with. */
export async function seedPlaybooks(client: pg.Client): Promise<{ key: string; changed: boolean }[]> {
  const results = [];
  for (const authored of LIBRARY)
    results.push({ key: `${PLAYBOOK_KEY}${authored.slug}`, changed: await seed(client, authored) });
  return results;
}

async function seed(client: pg.Client, authored: AuthoredPlaybook): Promise<boolean> {
  const document = build(authored);
  const sha256 = createHash('sha256')
    .update(canonicalize(document) ?? '')
    .digest('hex');
  await client.query('begin');
  try {
    await client.query('set local role grc_owner');
    await client.query('lock table playbook in share row exclusive mode');
    const found = await client.query<{ revision: number; sha256: string }>(
      'select revision, sha256 from playbook where org_id is null and slug = $1 order by revision desc limit 1',
      [authored.slug],
    );
    const changed = found.rows[0]?.sha256 !== sha256;
    if (changed)
      await client.query(
        `insert into playbook (id, slug, revision, cacao_id, name, description, document, sha256)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          newId(),
          authored.slug,
          (found.rows[0]?.revision ?? 0) + 1,
          document.id,
          document.name,
          document.description ?? '',
          JSON.stringify(document),
          sha256,
        ],
      );
    await client.query('commit');
    return changed;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
