import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DomainError } from '../../domain/errors.js';
import { type CacaoPlaybook, cacaoPlaybook } from '../../domain/playbooks/cacao-schema.js';
import { compile } from '../../domain/playbooks/compile.js';
import type { Plan, Problem } from '../../domain/playbooks/plan.js';
import type { PlaybookDetail, PlaybookImport } from '../../domain/playbooks/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import { inWords } from '../../domain/words-schema.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import { insertPlaybook } from '../../db/playbooks/repository.js';
import { withTenant } from '../../db/tenancy.js';

/** More would help nobody to mend it. */
const PROBLEMS_SHOWN = 50;

/** @throws DomainError VALIDATION_ERROR with everything in it that is not CACAO v2.0 or cannot be run */
function read(given: unknown): CacaoPlaybook {
  const parsed = cacaoPlaybook.safeParse(given, { error: inWords });
  if (!parsed.success)
    throw refusal(
      parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), detail: message })),
      'is not a CACAO v2.0 playbook',
    );
  planOf(parsed.data);
  return parsed.data;
}

/** @throws DomainError VALIDATION_ERROR */
export function planOf(document: CacaoPlaybook): Plan {
  const { plan, problems } = compile(document);
  if (plan !== null) return plan;
  throw refusal(problems, 'cannot be run');
}

function refusal(problems: readonly Problem[], what: string): DomainError {
  const errors = problems
    .slice(0, PROBLEMS_SHOWN)
    .map(({ field, detail }) => ({ field: `document.${field}`, detail }));
  const [first] = errors;
  return new DomainError('VALIDATION_ERROR', `the playbook ${what}: ${first?.detail ?? ''}`, {
    ...(first && { field: first.field }),
    errors,
  });
}

/** Kept as it came, once all of it can be run. */
export async function importPlaybook(
  { db }: { db: Database },
  tenant: TenantContext,
  { playbook_id, document: given }: PlaybookImport,
): Promise<PlaybookDetail> {
  const document = read(given);
  const sha256 = createHash('sha256')
    .update(canonicalize(document) ?? '')
    .digest('hex');
  return await withTenant(db, tenant, async (trx) => {
    const added = await insertPlaybook(trx, tenant, { playbook_id, document, sha256 });
    await appendAudit(trx, tenant, {
      action: 'playbook.import',
      resource_type: 'playbook',
      resource_id: added.id,
      after: { playbook_id, revision: added.revision, cacao_id: added.cacao_id, sha256 },
    });
    return added;
  });
}
