// Messages that are still to be sent. A lost workflow is started again; what was sent is settled in the row.
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, type WorkflowKind } from './types.js';

const KIND = 'notification';

export const notifications: WorkflowKind = {
  kind: KIND,
  workflow_type: 'notificationWorkflow',

  // those of an organization that is being deleted are ended with it
  async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
    const { rows } = await trx.raw<{ rows: LiveRow[] }>(
      `select n.org_id, n.id, false as over,
         n.created_at < clock_timestamp() - ? * interval '1 second' and not ${owedSql(KIND, 'n')} as due
       from notification n join org g on g.id = n.org_id and g.deleted_at is null
       where n.state = 'pending'`,
      [age_s],
    );
    return rows;
  },

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const live: unknown = await trx('notification')
      .select('id')
      .where({ id: row.id, state: 'pending' })
      .forNoKeyUpdate()
      .first();
    if (live === undefined) return undefined;
    return await startAgain(trx, { kind: notifications, row, fate, after_end: true });
  },

  async mayBeOpen(trx: TenantDb, id: string): Promise<boolean> {
    const row: unknown = await trx('notification').select('id').where({ id }).first();
    return row !== undefined;
  },
};
