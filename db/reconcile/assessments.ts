// Runs of assessments. One that ended without its row is ended in the row, and its slot is free.
import { isEnded, type AssessmentStatus, type ExecutionStatus } from '../../domain/assessments/rules.js';
import { setAssessmentStatus } from '../assessments/repository.js';
import { type Ending, endExecution, finishExecution, lockRun } from '../assessments/transitions.js';
import { appendAudit } from '../audit/repository.js';
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, systemActor, type WorkflowKind } from './types.js';

const KIND = 'assessment';
const LIVE = `('starting', 'running', 'paused')`;

const ENDINGS: Readonly<Record<Exclude<Fate, 'completed'>, Ending>> = {
  cancelled: { status: 'cancelled' },
  failed: { status: 'failed', reason: 'the workflow failed' },
  terminated: { status: 'failed', reason: 'the workflow was terminated' },
  timed_out: { status: 'failed', reason: 'the workflow timed out' },
  unknown: { status: 'failed', reason: 'the workflow is unknown to Temporal: it was deleted there' },
};

/** A run that never began is tried so often before it is given up. */
const STARTS_MAX = 3;

interface Run {
  assessment_id: string;
  status: ExecutionStatus;
  begun: boolean;
  starts: number;
}

export const assessmentRuns: WorkflowKind = {
  kind: KIND,
  workflow_type: 'assessmentWorkflow',

  // an assessment may say that it is executed by a run that has ended: somebody edited one of the two rows
  async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
    const { rows } = await trx.raw<{ rows: LiveRow[] }>(
      `with live as (
         select org_id, id, created_at, false as over from assessment_execution where status in ${LIVE}
         union
         select e.org_id, e.id, e.created_at, true from assessment a
         join assessment_execution e on e.org_id = a.org_id and e.id = a.execution_id
         where a.status in ('in_progress', 'paused') and e.status not in ${LIVE})
       select l.org_id, l.id, l.over,
         l.created_at < clock_timestamp() - ? * interval '1 second' and not ${owedSql(KIND, 'l')} as due
       from live l`,
      [age_s],
    );
    return rows;
  },

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const run = await findRun(trx, row);
    if (!run) return undefined;
    const key = { assessment_id: run.assessment_id, execution_id: row.id };
    const actor = systemActor(row.org_id);
    if (isEnded(run.status)) return await settleAssessment(trx, row, key);
    // the first thing that a run does is to note its beginning: one that has not can be started, none runs twice
    if (fate === 'unknown' && !run.begun && run.starts < STARTS_MAX) {
      const started = await startAgain(trx, {
        kind: assessmentRuns,
        row,
        fate,
        after_end: false,
      });
      if (started !== 'lost') return started;
    }
    if (fate === 'completed') await finishExecution(trx, actor, key);
    else await endExecution(trx, actor, key, ENDINGS[fate]);
    return 'row_ended';
  },

  async mayBeOpen(trx: TenantDb, id: string, age_s: number): Promise<boolean> {
    const row: unknown = await trx('assessment_execution')
      .select('id')
      .where({ id })
      .whereRaw(`(status in ${LIVE} or updated_at > clock_timestamp() - ? * interval '1 second')`, [age_s])
      .first();
    return row !== undefined;
  },
};

async function findRun(trx: TenantDb, { org_id, id }: LiveRow): Promise<Run | undefined> {
  return await trx('assessment_execution')
    .select(
      'assessment_id',
      'status',
      trx.raw('started_at is not null as begun'),
      trx.raw(
        `(select count(*) from outbox o where o.workflow_id = ? and o.kind = 'workflow_start') as starts`,
        [`${KIND}:${org_id}:${id}`],
      ),
    )
    .where({ id })
    .first();
}

/** The run has ended, the assessment says otherwise. */
async function settleAssessment(
  trx: TenantDb,
  row: LiveRow,
  key: { assessment_id: string; execution_id: string },
): Promise<RowRepair | undefined> {
  const locked = await lockRun(trx, key);
  const before: AssessmentStatus = locked.assessment_status;
  const { status } = locked;
  if (!locked.is_latest || isEnded(before) || !isEnded(status)) return undefined;
  await setAssessmentStatus(trx, key.assessment_id, status);
  await appendAudit(trx, systemActor(row.org_id), {
    action: `assessment.${status}`,
    resource_type: 'assessment',
    resource_id: key.assessment_id,
    before: { status: before },
    after: { status, execution_id: key.execution_id, reason: 'the run has ended' },
  });
  return 'row_ended';
}
