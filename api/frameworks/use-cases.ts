import { DomainError } from '../../domain/errors.js';
import { frameworkOf } from '../../domain/frameworks/oscal.js';
import { oscalDocuments } from '../../domain/frameworks/oscal-profile-schema.js';
import { refuseDeep } from '../../domain/frameworks/oscal-refusal.js';
import type { FrameworkDetail, FrameworkImport } from '../../domain/frameworks/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import { inWords } from '../../domain/words-schema.js';
import type { Database } from '../../db/connection.js';
import { getBase, insertFramework } from '../../db/frameworks/imports.js';
import { withTenant } from '../../db/tenancy.js';
import { invalid } from '../http/invalid.js';

/** @throws DomainError VALIDATION_ERROR naming the place that is wrong, CONFLICT for one imported before */
export async function importFramework(
  { db }: { db: Database },
  tenant: TenantContext,
  body: FrameworkImport,
): Promise<FrameworkDetail> {
  const { base, key } = body;
  if (body.catalog === undefined && body.profile === undefined)
    throw new DomainError('VALIDATION_ERROR', 'the body must hold a catalog, a profile, or both');
  if ((body.catalog === undefined) !== (base !== undefined))
    throw new DomainError(
      'VALIDATION_ERROR',
      'base: names the framework that a profile chooses from when no catalog stands beside it',
      { field: 'base' },
    );
  refuseDeep(body);
  const read = oscalDocuments.safeParse(body, { error: inWords });
  if (!read.success) throw invalid(read.error, 'body');
  const whole = base === undefined ? frameworkOf(read.data) : undefined;
  return await withTenant(db, tenant, async (trx) =>
    insertFramework(trx, tenant, whole ?? frameworkOf(read.data, await getBase(trx, base ?? '')), key),
  );
}
