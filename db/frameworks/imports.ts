import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { ImportedControl, ImportedFramework } from '../../domain/frameworks/oscal.js';
import type { FrameworkDetail } from '../../domain/frameworks/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { newId } from '../ids.js';
import type { TenantDb } from '../tenancy.js';
import { getFramework } from './repository.js';

const ROWS_AT_ONCE = 500;
const LICENCE = 'Imported by the organization, which answers for its right to use the text.';

/** A framework that profiles can choose from. Throws NOT_FOUND. */
export async function getBase(
  trx: TenantDb,
  framework_id: string,
): Promise<Pick<ImportedFramework, 'name' | 'version' | 'groups' | 'controls'>> {
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

/** Whole or not at all. Throws CONFLICT when the organization has that key in that version. */
export async function insertFramework(
  trx: TenantDb,
  { org_id }: TenantRef,
  key: string,
  framework: ImportedFramework,
): Promise<FrameworkDetail> {
  const { groups, controls, ...words } = framework;
  const id = newId();
  await trx('framework').insert({
    id,
    org_id,
    key,
    ...words,
    licence_note: LICENCE,
    groups: JSON.stringify(groups.map((group) => ({ key: group.key, title: group.title }))),
    control_count: controls.length,
    content_hash: createHash('sha256')
      .update(canonicalize(framework) ?? '')
      .digest('hex'),
  });
  const rows = controls.map((control, position) => ({
    ...control,
    checks: JSON.stringify(control.checks),
    id: newId(),
    org_id,
    framework_id: id,
    position,
  }));
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE)
    await trx('control').insert(rows.slice(from, from + ROWS_AT_ONCE));
  return await getFramework(trx, id);
}
