import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { ImportBase, ImportedControl, ImportedFramework } from '../../domain/frameworks/oscal.js';
import { keyOf } from '../../domain/frameworks/rules.js';
import type { FrameworkDetail } from '../../domain/frameworks/schema.js';
import { appendAudit, type AuditActor } from '../audit/repository.js';
import { newId } from '../ids.js';
import type { TenantDb } from '../tenancy.js';
import { getFramework } from './repository.js';

const LICENCE = 'Imported by the organization, which answers for its right to use the text.';

/** A framework that profiles can choose from. Throws NOT_FOUND. */
export async function getBase(trx: TenantDb, framework_id: string): Promise<ImportBase> {
  const { name, version, groups } = await getFramework(trx, framework_id);
  const controls: ImportedControl[] = await trx('control')
    .select(
      'oscal_id',
      'ref',
      'group',
      'title',
      'description',
      'question',
      'guidance',
      'kind',
      'checks',
      'baselines',
    )
    .where({ framework_id })
    .whereNotNull('oscal_id')
    .orderBy('position');
  return { name, version, groups, controls };
}

/** Whole or not at all, with its audit row. Throws CONFLICT when the organization has that key in that version. */
export async function insertFramework(
  trx: TenantDb,
  actor: AuditActor,
  framework: ImportedFramework,
  key = keyOf(framework.name),
): Promise<FrameworkDetail> {
  const { groups, controls, ...words } = framework;
  const id = newId();
  await trx('framework').insert({
    id,
    org_id: actor.org_id,
    key,
    ...words,
    licence_note: LICENCE,
    groups: JSON.stringify(groups.map((group) => ({ key: group.key, title: group.title }))),
    control_count: controls.length,
    content_hash: createHash('sha256')
      .update(canonicalize(framework) ?? '')
      .digest('hex'),
  });
  const rows = controls.map((control, position) => ({ ...control, id: newId(), position }));
  await trx.raw(
    `insert into control (id, org_id, framework_id, position, ref, "group", title, description, question, guidance,
       kind, checks, baselines, oscal_id)
     select id, ?, ?, position, ref, "group", title, description, question, guidance, kind, checks,
       coalesce(baselines, '{}'), oscal_id
     from jsonb_to_recordset(?) as row(id uuid, position int, ref text, "group" text, title text,
       description text, question text, guidance text, kind text, checks jsonb, baselines text[], oscal_id text)`,
    [actor.org_id, id, JSON.stringify(rows)],
  );
  const added = await getFramework(trx, id);
  const { version, control_count, source } = added;
  await appendAudit(trx, actor, {
    action: 'framework.import',
    resource_type: 'framework',
    resource_id: id,
    after: { key, version, control_count, source },
  });
  return added;
}
