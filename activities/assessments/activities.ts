import { listCheckTables } from '../../db/assessments/controls.js';
import {
  endExecution,
  finishExecution,
  markPaused,
  markResumed,
  markRunning,
} from '../../db/assessments/transitions.js';
import { findSteampipe } from '../../db/orgs/steampipe.js';
import { withTenant } from '../../db/tenancy.js';
import { isEnded, planBatches } from '../../domain/assessments/rules.js';
import { translateFailures } from '../failures.js';
import { createRunChecks } from './checks.js';
import type { AssessmentDeps } from './deps.js';
import { createEvaluateControls } from './evaluate.js';
import { createRecorder } from './group-commit.js';
import type { AssessmentActivities } from './types.js';

/** Each may be repeated at any point: the rows say what is done already. */
export function createAssessmentActivities(deps: AssessmentDeps): AssessmentActivities {
  const { db } = deps;
  return translateFailures<AssessmentActivities>({
    async markAssessmentRunning({ tenant, run_id, ...run }) {
      return await withTenant(db, tenant, async (trx) => {
        const { status, limits, controls_total } = await markRunning(trx, run, run_id);
        const asks = deps.inventory !== undefined && (await findSteampipe(trx)) !== undefined;
        const tables = asks ? await listCheckTables(trx, run.execution_id) : [];
        return {
          proceed: !isEnded(status),
          controls_total,
          check_groups: tables.map((table) => ({ table })),
          concurrency: limits.concurrency,
          ...planBatches(controls_total, limits.concurrency),
        };
      });
    },

    runChecks: createRunChecks(deps),
    evaluateControls: createEvaluateControls(deps, createRecorder(db)),

    async markAssessmentPaused({ tenant, command_id, cause, detail, ...run }) {
      await withTenant(db, tenant, (trx) =>
        markPaused(trx, tenant, run, { command_id, cause, reason: detail }),
      );
    },

    async markAssessmentResumed({ tenant, command_id, retry = [], ...run }) {
      await withTenant(db, tenant, (trx) => markResumed(trx, tenant, run, { command_id, retry }));
    },

    async markAssessmentCancelled({ tenant, ...run }) {
      await withTenant(db, tenant, (trx) => endExecution(trx, tenant, run, { status: 'cancelled' }));
    },

    async markAssessmentFinished({ tenant, ...run }) {
      const status = await withTenant(db, tenant, (trx) => finishExecution(trx, tenant, run));
      return { status: status === 'completed' ? 'completed' : 'failed' };
    },

    async markAssessmentFailed({ tenant, reason, ...run }) {
      await withTenant(db, tenant, (trx) => endExecution(trx, tenant, run, { status: 'failed', reason }));
    },
  });
}
