// Reports that are to be made, and deleted ones whose bytes are still there. The row says what is left to do, so a lost
// workflow is started again.
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, type WorkflowKind } from './types.js';

const KIND = 'report';
const UNSETTLED = '(ended_at is null or (deleted_at is not null and cleared_at is null))';

export const reports: WorkflowKind = {
  kind: KIND,
  workflow_type: 'reportWorkflow',

  // those of an organization that is being deleted are ended with it
  async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
    const { rows } = await trx.raw<{ rows: LiveRow[] }>(
      `select r.org_id, r.id, false as over,
         r.updated_at < clock_timestamp() - ? * interval '1 second' and not ${owedSql(KIND, 'r')} as due
       from report r join org g on g.id = r.org_id and g.deleted_at is null
       where r.ended_at is null or (r.deleted_at is not null and r.cleared_at is null)`,
      [age_s],
    );
    return rows;
  },

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const live: unknown = await trx('report')
      .select('id')
      .where({ id: row.id })
      .whereRaw(UNSETTLED)
      .forNoKeyUpdate()
      .first();
    if (live === undefined) return undefined;
    return await startAgain(trx, { kind: reports, row, fate, after_end: true });
  },

  async mayBeOpen(trx: TenantDb, id: string, age_s: number): Promise<boolean> {
    const row: unknown = await trx('report')
      .select('id')
      .where({ id })
      .whereRaw(`(${UNSETTLED} or updated_at > clock_timestamp() - ? * interval '1 second')`, [age_s])
      .first();
    return row !== undefined;
  },
};
