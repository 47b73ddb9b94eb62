// The beginning of a run: everything that could change while it lasts is read once, here, and kept.
import type { Knex } from 'knex';
import { type ExecutionLimits, EXECUTION_SLOTS, refusal } from '../../domain/assessments/rules.js';
import type { ChainHead } from '../../domain/audit/rules.js';
import { DomainError } from '../../domain/errors.js';
import type { Organization, OrgSettings } from '../../domain/orgs/schema.js';
import { assessmentWorkflowId, TASK_QUEUES } from '../../domain/temporal.js';
import type { TenantContext } from '../../domain/tenant.js';
import { toTenantRef } from '../../domain/tenant.js';
import { appendAudit, auditHead, type AuditInput } from '../audit/repository.js';
import { failpoint } from '../failpoint.js';
import { newId } from '../ids.js';
import { foundOrg, orgRow } from '../orgs/repository.js';
import { owing } from '../outbox/repository.js';
import type { TenantDb } from '../tenancy.js';
import { together } from '../together.js';
import { assessmentLock, foundAssessment, type LockedAssessment } from './repository.js';
import { insertInSlot } from './slots.js';

export interface StartRequest {
  assessment_id: string;
  /** Judge again what is judged already; what a person has set stays. */
  restart: boolean;
  limits(settings: OrgSettings): ExecutionLimits;
}

export interface StartedExecution {
  execution_id: string;
  workflow_id: string;
  outbox_id: string;
  slots_left: number;
}

/**
 * Row, slot, frozen inputs, status, outbox and audit: all of it or nothing.
 * @throws DomainError CONFLICT while it is being executed, RATE_LIMITED when no slot is free.
 */
export async function startExecution(
  trx: TenantDb,
  tenant: TenantContext,
  request: StartRequest,
): Promise<StartedExecution> {
  const { assessment_id, restart } = request;
  const { org_id } = tenant;
  const [[org], [locked]] = await together<[Organization, LockedAssessment]>(trx, [
    orgRow(trx),
    assessmentLock(trx, assessment_id),
  ]);
  const limits = request.limits(foundOrg(org).settings);
  const assessment = foundAssessment(locked);
  const refused = refusal(assessment.status, 'execute');
  if (refused !== undefined) throw new DomainError('CONFLICT', refused);

  const id = newId();
  const free = await insertInSlot(trx, tenant, {
    id,
    assessment_id,
    restart,
    evaluator: assessment.evaluator,
    limits,
  });
  const workflow_id = assessmentWorkflowId(org_id, id);
  const outbox_id = newId();
  const [[frozen], , , [head]] = await together<[FrozenControls, never, never, ChainHead]>(trx, [
    frozenControls(trx, org_id, id, assessment_id, restart),
    frozenEvidence(trx, id, assessment_id),
    owing(
      trx,
      org_id,
      {
        kind: 'workflow_start',
        workflow_id,
        payload: {
          workflow_type: 'assessmentWorkflow',
          task_queue: TASK_QUEUES.core,
          resource_id: assessment_id,
          summary: 'Assessment run',
          input: runInput(tenant, { assessment_id, execution_id: id, limits }),
        },
      },
      { id: outbox_id },
    ),
    auditHead(trx, org_id),
  ]);
  const audit: AuditInput = {
    action: 'assessment.execute',
    resource_type: 'assessment',
    resource_id: assessment_id,
    before: { status: assessment.status },
    after: { status: 'in_progress', execution_id: id, restart, ...frozen },
  };
  await appendAudit(trx, tenant, audit, head);
  failpoint('before_commit');
  return { execution_id: id, workflow_id, outbox_id, slots_left: Math.min(free, EXECUTION_SLOTS) - 1 };
}

function runInput(
  tenant: TenantContext,
  { limits, ...run }: { assessment_id: string; execution_id: string; limits: ExecutionLimits },
) {
  return { tenant: toTenantRef(tenant), ...run, limits: { outage_seconds: limits.unreachable_ms / 1000 } };
}

interface FrozenControls {
  controls_total: number;
  carried: number;
}

/** With the state of the assessment: what points at the run, and what it is about. */
function frozenControls(
  trx: TenantDb,
  org_id: string,
  execution_id: string,
  assessment_id: string,
  restart: boolean,
): Knex.Raw {
  return trx.raw(
    `with frozen as (
       insert into execution_control (org_id, execution_id, control_id, position, ref, status)
       select a.org_id, ?, c.id, row_number() over (order by c.position) - 1, c.ref,
         case when f.set_by_person or (f.id is not null and not ?) then 'done' else 'pending' end
       from assessment a
       join control c on c.framework_id = a.framework_id
         and (a.control_refs is null or c.ref = any(a.control_refs))
       left join finding f on f.org_id = a.org_id and f.assessment_id = a.id and f.control_id = c.id
       where a.id = ?
       returning status),
     moved as (update assessment set status = 'in_progress', execution_id = ? where id = ?)
     update assessment_execution e
     set controls_total = n.total, controls_evaluated = n.carried, carried = n.carried
     from (select count(*) as total, count(*) filter (where status = 'done') as carried from frozen) n
     where e.org_id = ? and e.id = ?
     returning e.controls_total, e.carried`,
    [execution_id, restart, assessment_id, execution_id, assessment_id, org_id, execution_id],
  );
}

// Verified documents of a control in scope, of one of its findings, or of the assessment as a whole; of several
// versions only the newest verified one.
function frozenEvidence(trx: TenantDb, execution_id: string, assessment_id: string): Knex.Raw {
  return trx.raw(
    `insert into execution_evidence (org_id, execution_id, evidence_id, sha256, control_ref)
     select e.org_id, ?, e.id, e.sha256, r.ref
     from assessment a
     join evidence e on e.org_id = a.org_id and e.status = 'verified'
       and (e.assessment_id is null or e.assessment_id = a.id)
       and not exists (select from evidence n
         where n.org_id = e.org_id and n.supersedes_id = e.id and n.status = 'verified')
     left join finding f on f.org_id = e.org_id and f.id = e.finding_id and f.assessment_id = a.id
     left join control fc on fc.id = f.control_id
     cross join lateral (
       select unnest(array_remove(array_append(e.control_refs, fc.ref), null))
       union
       select null where e.assessment_id = a.id and cardinality(e.control_refs) = 0 and fc.ref is null) r(ref)
     where a.id = ? and (r.ref is null or exists (
       select from execution_control c
       where c.org_id = a.org_id and c.execution_id = ? and c.ref = r.ref))
     on conflict do nothing`,
    [execution_id, assessment_id, execution_id],
  );
}
