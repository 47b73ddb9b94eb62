import type { ExecutionLimits } from '../../../domain/assessments/rules.js';
import type { Assessment, AssessmentCreate } from '../../../domain/assessments/schema.js';
import type { TenantContext } from '../../../domain/tenant.js';
import type { Database } from '../../../db/connection.js';
import { type StartedExecution, startExecution } from '../../../db/assessments/executions.js';
import { insertAssessment } from '../../../db/assessments/repository.js';
import { markRunning } from '../../../db/assessments/transitions.js';
import { withTenant } from '../../../db/tenancy.js';

export const TEST_LIMITS: ExecutionLimits = {
  review_threshold: 0.7,
  token_budget: null,
  concurrency: 4,
  unreachable_ms: 2_000,
};

/** Of the first built-in framework, three controls unless told otherwise. */
export async function buildAssessment(
  db: Database,
  tenant: TenantContext,
  overrides: Partial<AssessmentCreate> = {},
): Promise<Assessment> {
  return await withTenant(db, tenant, async (trx) => {
    const framework: { id: string } = await trx('framework').where({ key: 'SOC2_TYPE2' }).first('id');
    return await insertAssessment(trx, tenant, {
      framework_id: framework.id,
      name: 'Assessment',
      scope: 'Production',
      control_refs: ['CC1.1', 'CC6.1', 'SD-1'],
      ...overrides,
    });
  });
}

export async function buildExecution(
  db: Database,
  tenant: TenantContext,
  assessment_id: string,
  options: { restart?: boolean; limits?: Partial<ExecutionLimits>; running?: boolean } = {},
): Promise<StartedExecution> {
  return await withTenant(db, tenant, async (trx) => {
    const started = await startExecution(trx, tenant, {
      assessment_id,
      restart: options.restart ?? false,
      limits: () => ({ ...TEST_LIMITS, ...options.limits }),
    });
    if (options.running ?? true) {
      await markRunning(trx, { assessment_id, execution_id: started.execution_id }, 'run');
    }
    return started;
  });
}
