import { DomainError } from '../../domain/errors.js';
import { frameworkOfCatalog, frameworkOfProfile } from '../../domain/frameworks/oscal.js';
import { oscalCatalog, oscalProfile } from '../../domain/frameworks/oscal-schema.js';
import type { FrameworkDetail, FrameworkImport } from '../../domain/frameworks/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { getBase, insertFramework } from '../../db/frameworks/imports.js';
import { withTenant } from '../../db/tenancy.js';
import { invalid } from '../http/invalid.js';
import type { z } from 'zod';

/** A real catalogue nests to about ten; more could only mean to exhaust the reader. */
const DEEPEST = 40;
const LONGEST_KEY = 60;

/** @throws DomainError VALIDATION_ERROR naming the place that is wrong, CONFLICT for one imported before */
export async function importFramework(
  { db }: { db: Database },
  tenant: TenantContext,
  body: FrameworkImport,
): Promise<FrameworkDetail> {
  const { base, key } = body;
  if ((body.catalog === undefined) === (body.profile === undefined))
    throw new DomainError('VALIDATION_ERROR', 'the body must hold either a catalog or a profile');
  if ((body.profile === undefined) !== (base === undefined))
    throw new DomainError(
      'VALIDATION_ERROR',
      'base: names the framework that a profile chooses from, and goes with a profile only',
      {
        field: 'base',
      },
    );
  refuseDeep(body);
  const read =
    body.profile === undefined
      ? frameworkOfCatalog(parsed(oscalCatalog, body.catalog, 'catalog'))
      : parsed(oscalProfile, body.profile, 'profile');
  return await withTenant(db, tenant, async (trx) => {
    const framework = 'imports' in read ? frameworkOfProfile(read, await getBase(trx, base ?? '')) : read;
    const added = await insertFramework(trx, tenant, key ?? keyOf(framework.name), framework);
    await appendAudit(trx, tenant, {
      action: 'framework.import',
      resource_type: 'framework',
      resource_id: added.id,
      after: {
        key: added.key,
        version: added.version,
        control_count: added.control_count,
        source: added.source,
      },
    });
    return added;
  });
}

function parsed<T>(schema: z.ZodType<T>, document: unknown, root: string): T {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  for (const issue of result.error.issues) issue.path.unshift(root);
  throw invalid(result.error, 'body');
}

function refuseDeep(document: unknown): void {
  let level: unknown[] = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST)
      throw new DomainError('VALIDATION_ERROR', `the body nests deeper than ${DEEPEST} levels`);
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null
        ? Object.values(value).filter((inner) => typeof inner === 'object')
        : [],
    );
  }
}

function keyOf(name: string): string {
  const words = name
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .slice(0, LONGEST_KEY)
    .replace(/^_|_$/g, '');
  return words === '' ? 'IMPORTED' : words;
}
