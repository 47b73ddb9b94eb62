// Runs of playbooks. What each step came to is in its row, so a lost run is started again and repeats nothing.
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, type WorkflowKind } from './types.js';

const KIND = 'playbook';

export const playbookRuns: WorkflowKind = {
  kind: KIND,
  workflow_type: 'playbookRunWorkflow',

  async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
    const { rows } = await trx.raw<{ rows: LiveRow[] }>(
      `select r.org_id, r.id, false as over,
         r.started_at < clock_timestamp() - ? * interval '1 second' and not ${owedSql(KIND, 'r')} as due
       from playbook_run r join org g on g.id = r.org_id and g.deleted_at is null
       where r.ended_at is null`,
      [age_s],
    );
    return rows;
  },

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const live: unknown = await trx('playbook_run')
      .select('id')
      .where({ id: row.id })
      .whereNull('ended_at')
      .forNoKeyUpdate()
      .first();
    if (live === undefined) return undefined;
    return await startAgain(trx, { kind: playbookRuns, row, fate, after_end: true });
  },

  async mayBeOpen(trx: TenantDb, id: string, age_s: number): Promise<boolean> {
    const row: unknown = await trx('playbook_run')
      .select('id')
      .where({ id })
      .whereRaw(`(ended_at is null or ended_at > clock_timestamp() - ? * interval '1 second')`, [age_s])
      .first();
    return row !== undefined;
  },
};
