// Acceptances of risks that will expire. The row is the state, so a lost clock is started again.
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, type WorkflowKind } from './types.js';

const KIND = 'acceptance';

export const acceptances: WorkflowKind = {
  kind: KIND,
  workflow_type: 'riskAcceptanceWorkflow',

  // those of an organization that is being deleted are ended with it
  async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
    const { rows } = await trx.raw<{ rows: LiveRow[] }>(
      `select a.org_id, a.id, false as over,
         a.accepted_at < clock_timestamp() - ? * interval '1 second' and not ${owedSql(KIND, 'a')} as due
       from risk_acceptance a join org g on g.id = a.org_id and g.deleted_at is null
       where a.ended_at is null and a.expires_at is not null`,
      [age_s],
    );
    return rows;
  },

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const live: unknown = await trx('risk_acceptance')
      .select('id')
      .where({ id: row.id })
      .whereNull('ended_at')
      .forNoKeyUpdate()
      .first();
    if (live === undefined) return undefined;
    return await startAgain(trx, { kind: acceptances, row, fate, after_end: true });
  },

  async mayBeOpen(trx: TenantDb, id: string, age_s: number): Promise<boolean> {
    const row: unknown = await trx('risk_acceptance')
      .select('id')
      .where({ id })
      .whereRaw(`(ended_at is null or ended_at > clock_timestamp() - ? * interval '1 second')`, [age_s])
      .first();
    return row !== undefined;
  },
};
