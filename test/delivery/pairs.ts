// What the reconciler's tests look at: both sides of a pair, and what was noted about a repair.
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { withClient } from '../../local/postgres/databases.js';
import { assessmentWorkflowId } from '../../domain/temporal.js';
import { connect, type Database } from '../../db/connection.js';
import { reconcile, type ReconcilerAges, type Sweep } from '../../workers/reconciler.js';
import type { Organization, Run, Stage } from '../runs/stage.js';

/** Nothing is too young to be judged. */
export const AT_ONCE: ReconcilerAges = { row_s: 0, workflow_s: 0 };

export interface Pairs {
  client: Client;
  reconcile(ages?: ReconcilerAges): Promise<Sweep>;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** The latest execution of an assessment. */
  execution(run: Run): Promise<Record<string, unknown>>;
  workflowId(org: Organization, run: Run): Promise<string>;
  /** `unknown` when Temporal has none of that id. */
  fate(workflow_id: string): Promise<string>;
  remove(workflow_id: string): Promise<void>;
  /** What the reconciler has noted in the audit log of an organization, oldest first. */
  audited(org: Organization): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export function lookAtPairs(stage: Stage): Pairs {
  const { database } = stage.api;
  const reconcile_db: Database = connect({
    url: database.reconcile_url,
    pool_max: 2,
    application_name: 'test',
  });
  const { client } = stage.temporal;
  const pairs: Pairs = {
    client,
    reconcile: (ages = AT_ONCE) => reconcile({ reconcile_db, db: database.db, client }, ages),
    sql: (text, values = []) =>
      withClient(database.owner_url, async (owner) => {
        const { rows } = await owner.query<Record<string, unknown>>(text, values);
        return rows;
      }),
    async execution({ id }) {
      const [row] = await pairs.sql(
        `select e.*, a.status as assessment_status from assessment a
         join assessment_execution e on e.org_id = a.org_id and e.id = a.execution_id where a.id = $1`,
        [id],
      );
      return row ?? {};
    },
    async workflowId(org, run) {
      const { id } = await pairs.execution(run);
      return assessmentWorkflowId(org.id, String(id));
    },
    async fate(workflow_id) {
      try {
        return (await client.workflow.getHandle(workflow_id).describe()).status.name;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'unknown';
        throw error;
      }
    },
    async remove(workflow_id) {
      await client.workflowService.deleteWorkflowExecution({
        namespace: stage.temporal.namespace,
        workflowExecution: { workflowId: workflow_id },
      });
    },
    async audited(org) {
      return await pairs.sql(
        `select body::jsonb ->> 'action' as action, body::jsonb ->> 'resource_id' as resource_id,
           body::jsonb ->> 'actor_id' as actor_id
         from audit_log where org_id = $1 and body::jsonb ->> 'request_id' = 'reconciler' order by seq`,
        [org.id],
      );
    },
    close: () => reconcile_db.destroy(),
  };
  return pairs;
}
