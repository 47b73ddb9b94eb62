import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import pg from 'pg';
import type { Catalogue } from '../../domain/frameworks/catalogue.js';
import { newId } from '../ids.js';
import { seedPlaybooks } from './playbooks/index.js';
import { csf } from './csf/index.js';
import { iso27001 } from './iso27001/index.js';
import { nist80053 } from './nist80053/index.js';
import { soc2 } from './soc2/index.js';

const CATALOGUES: readonly Catalogue[] = [soc2, iso27001, csf, nist80053];

/** Brings the built-in catalogues and playbooks up to what ships. A control keeps its id, so findings stay attached to it. */
export async function seedCatalogues(database_url: string): Promise<{ key: string; changed: boolean }[]> {
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  try {
    const results = [];
    for (const catalogue of CATALOGUES)
      results.push({ key: catalogue.key, changed: await seed(client, catalogue) });
    return [...results, ...(await seedPlaybooks(client))];
  } finally {
    await client.end();
  }
}

async function seed(client: pg.Client, catalogue: Catalogue): Promise<boolean> {
  const content_hash = createHash('sha256')
    .update(canonicalize(catalogue) ?? '')
    .digest('hex');
  await client.query('begin');
  try {
    await client.query('set local role grc_owner');
    await client.query('lock table framework in share row exclusive mode');
    const found = await client.query<{ id: string; content_hash: string }>(
      'select id, content_hash from framework where org_id is null and key = $1 and version = $2',
      [catalogue.key, catalogue.version],
    );
    const changed = found.rows[0]?.content_hash !== content_hash;
    if (changed) await write(client, catalogue, found.rows[0]?.id ?? newId(), content_hash);
    await client.query('commit');
    return changed;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function write(client: pg.Client, catalogue: Catalogue, id: string, hash: string): Promise<void> {
  await client.query(
    `insert into framework (id, key, name, version, description, source, licence_note, groups, control_count, content_hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (org_id, key, version) do update set
       name = excluded.name, description = excluded.description, source = excluded.source,
       licence_note = excluded.licence_note, groups = excluded.groups,
       control_count = excluded.control_count, content_hash = excluded.content_hash`,
    [
      id,
      catalogue.key,
      catalogue.name,
      catalogue.version,
      catalogue.description,
      catalogue.source,
      catalogue.licence_note,
      JSON.stringify(catalogue.groups.map(({ key, title }) => ({ key, title }))),
      catalogue.controls.length,
      hash,
    ],
  );
  const rows = catalogue.controls.map((control, position) => ({ ...control, id: newId(), position }));
  await client.query(
    `insert into control (id, framework_id, position, ref, "group", title, description, question, guidance, kind, checks, baselines, oscal_id)
     select id, $1, position, ref, "group", title, description, question, guidance, kind, checks,
       coalesce(baselines, '{}'), oscal_id
     from jsonb_to_recordset($2) as row(id uuid, position int, ref text, "group" text, title text,
       description text, question text, guidance text, kind text, checks jsonb, baselines text[], oscal_id text)
     on conflict (org_id, framework_id, ref) do update set
       position = excluded.position, "group" = excluded."group", title = excluded.title,
       description = excluded.description, question = excluded.question, guidance = excluded.guidance,
       kind = excluded.kind, checks = excluded.checks, baselines = excluded.baselines, oscal_id = excluded.oscal_id`,
    [id, JSON.stringify(rows)],
  );
}
