// Incidents. Their rows are the state, so a lost workflow is started again and goes on where they are.
import { REOPEN_WINDOW_DAYS } from '../../domain/incidents/rules.js';
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, type WorkflowKind } from './types.js';

const KIND = 'incident';
// A workflow ends by its own clock when the time for reopening is over; clocks differ, so the last hour is left to it.
const LIVE = `(i.closed_at is null
  or i.closed_at > clock_timestamp() - interval '${REOPEN_WINDOW_DAYS} days' + interval '1 hour')`;

export const incidents: WorkflowKind = {
  kind: KIND,
  workflow_type: 'incidentWorkflow',

  // those of an organization that is being deleted are ended with it
  async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
    const { rows } = await trx.raw<{ rows: LiveRow[] }>(
      `select i.org_id, i.id, false as over,
         i.created_at < clock_timestamp() - ? * interval '1 second' and not ${owedSql(KIND, 'i')} as due
       from incident i join org g on g.id = i.org_id and g.deleted_at is null
       where ${LIVE}`,
      [age_s],
    );
    return rows;
  },

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const live: unknown = await trx('incident as i')
      .join('org as g', 'g.id', 'i.org_id')
      .select('i.id')
      .where('i.id', row.id)
      .whereNull('g.deleted_at')
      .whereRaw(LIVE)
      .forNoKeyUpdate('i')
      .first();
    if (live === undefined) return undefined;
    return await startAgain(trx, { kind: incidents, row, fate, after_end: true });
  },

  async mayBeOpen(trx: TenantDb, id: string): Promise<boolean> {
    const row: unknown = await trx('incident').select('id').where({ id }).first();
    return row !== undefined;
  },
};
