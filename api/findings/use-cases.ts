import type { FindingDetail, FindingUpdate } from '../../domain/findings/schema.js';
import type { TenantContext } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import type { Database } from '../../db/connection.js';
import * as findings from '../../db/findings/repository.js';
import { recomputeByControls } from '../../db/risks/assurance.js';
import { withTenant } from '../../db/tenancy.js';

/** What a person sets is theirs from then on. @throws DomainError VALIDATION_ERROR for an owner from elsewhere. */
export async function changeFinding(
  deps: { db: Database },
  tenant: TenantContext,
  finding_id: string,
  body: FindingUpdate,
): Promise<FindingDetail> {
  return await withTenant(deps.db, tenant, async (trx) => {
    const before = await findings.lockFinding(trx, finding_id);
    const after = await findings.updateFinding(trx, tenant, finding_id, body);
    const judged = body.status !== undefined || body.severity !== undefined;
    const moved = judged ? await recomputeByControls(trx, tenant, [after.control.id]) : [];
    const change = {
      action: 'finding.update',
      resource_type: 'finding',
      resource_id: finding_id,
      before: snapshot(before),
      after: snapshot(after),
    };
    await appendAudit(trx, tenant, [change, ...moved]);
    return after;
  });
}

function snapshot(finding: FindingDetail): Record<string, unknown> {
  const { status, severity, remediation_notes, owner_id, due_date } = finding;
  return { status, severity, remediation_notes, owner_id, due_date };
}
