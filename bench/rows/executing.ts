// The start of a run against what it cannot do without.
import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { TASK_QUEUES } from '../../domain/temporal.js';
import { byTurns, type Measure, p50, type Row } from '../harness.js';
import { foundOrg, type Stage } from '../stage.js';
import { bareAudit } from './bare-audit.js';
import { prepare } from './assessments.js';
import { frameworkOf } from './reading.js';

export function executionRows(stage: Stage): Row[] {
  return [{ id: 10, title: 'POST execute', run: async () => [await executing(stage)] }];
}

/** A round. Of less the compiler would be measured, on either side. */
const STARTS = 150;
/** Runs of one organization that may go on at once. */
const SLOTS = 5;

/**
 * Nobody works on what is started, on either side: a worker's share of two cores would be measured with it. The
 * anchor's transaction writes what a start cannot do without: the run, its controls and documents, the state of the
 * assessment, the message that is owed, and the audit row.
 */
async function executing(stage: Stage): Promise<Measure> {
  const api = await stage.startApi();
  const started: string[] = [];
  const prepared = async (): Promise<{ org: string; assessment: string }[]> => {
    const framework = await frameworkOf(stage);
    const ready: { org: string; assessment: string }[] = [];
    for (let count = 0; count < STARTS / SLOTS; count += 1) {
      const org = await foundOrg(api);
      for (let slot = 0; slot < SLOTS; slot += 1)
        ready.push({ org, assessment: await prepare(stage, { api, org, framework }) });
    }
    return ready;
  };
  const product = async (): Promise<number> => {
    const ready = await prepared();
    return await p50(STARTS, async (call) => {
      const { org = '', assessment = '' } = ready[call] ?? {};
      const { execution_id } = await api.post(`/orgs/${org}/assessments/${assessment}/execute`);
      started.push(`assessment:${org}:${String(execution_id)}`);
    });
  };
  const bare = await stage.owner.connect();
  const anchor = async (): Promise<number> => {
    const ready = await prepared();
    return await p50(STARTS, async (call) => {
      const { org = '', assessment = '' } = ready[call] ?? {};
      await bareExecution(bare, org, assessment);
      const workflowId = `bare:${randomUUID()}`;
      const taskQueue = `${TASK_QUEUES.core}-nobody`;
      await stage.client.workflow.start('assessmentWorkflow', { workflowId, taskQueue, args: [{}] });
      started.push(workflowId);
    });
  };
  const figures = await byTurns(anchor, product);
  bare.release();
  await api.kill();
  for (const id of started) await stage.client.workflow.getHandle(id).terminate('measured');
  return {
    what: 'execute over a bare start and one transaction, p50',
    unit: 'ms',
    goal: '≤ 1.4',
    holds: (ratio) => ratio <= 1.4,
    ...figures,
  };
}

async function bareExecution(bare: ClientBase, org: string, assessment: string): Promise<void> {
  const id = randomUUID();
  await bare.query('begin');
  await bare.query(
    `insert into assessment_execution (org_id, id, assessment_id, status, restart, limits, actor_id)
     select org_id, $3, id, 'failed', false, '{}', created_by from assessment where org_id = $1 and id = $2`,
    [org, assessment, id],
  );
  await bare.query(
    `insert into execution_control (org_id, execution_id, control_id, position, ref, status)
     select a.org_id, $3, c.id, c.position, c.ref, 'pending' from assessment a
     join control c on c.framework_id = a.framework_id where a.org_id = $1 and a.id = $2`,
    [org, assessment, id],
  );
  await bare.query(
    `insert into execution_evidence (org_id, execution_id, evidence_id, sha256, control_ref)
     select org_id, $3, id, sha256, unnest(control_refs) from evidence where org_id = $1 and assessment_id = $2`,
    [org, assessment, id],
  );
  await bare.query(
    `update assessment set status = 'failed', execution_id = $3 where org_id = $1 and id = $2`,
    [org, assessment, id],
  );
  await bare.query(
    `insert into outbox (org_id, id, kind, workflow_id, payload, next_at, delivered_at)
     values ($1, $2, 'workflow_start', $3, '{}', now(), now())`,
    [org, id, `bare:${id}`],
  );
  await bareAudit(bare, org);
  await bare.query('commit');
}
