// A workflow at work for a record that is gone, or over: it is to be cancelled, and that is noted first.
import { appendAudit } from '../audit/repository.js';
import type { TenantDb } from '../tenancy.js';
import { systemActor, type WorkflowKind, workflowIdOf } from './types.js';

export interface OpenWorkflow {
  kind: WorkflowKind;
  org_id: string;
  id: string;
}

/** False when the record does belong to it. */
export async function noteOrphan(
  trx: TenantDb,
  { kind, org_id, id }: OpenWorkflow,
  age_s: number,
): Promise<boolean> {
  if (await kind.mayBeOpen(trx, id, age_s)) return false;
  // of an organization that is purged there is no log to write to
  const org: unknown = await trx('org').select('id').where({ id: org_id }).first();
  if (org === undefined) return true;
  await appendAudit(trx, systemActor(org_id), {
    action: `${kind.kind}.workflow_cancel`,
    resource_type: kind.kind,
    resource_id: id,
    after: { workflow_id: workflowIdOf(kind, { org_id, id }), found: 'open without a live record' },
  });
  return true;
}
