// Documents whose upload is awaited, or that will turn stale. The row is the state, so a lost clock is started again;
// one that never had any, because its document is older than clocks are, gets its first.
import { appendAudit } from '../audit/repository.js';
import { startClock } from '../evidence/uploads.js';
import type { ReconcileDb, TenantDb } from '../tenancy.js';
import { startAgain } from './start-again.js';
import { type Fate, type LiveRow, owedSql, type RowRepair, systemActor, type WorkflowKind } from './types.js';

const KIND = 'evidence';

const LIVE = `(e.status = 'pending' or (e.status = 'verified' and not e.stale and e.expires_at is not null))`;

export const evidence: WorkflowKind = {
  kind: KIND,
  workflow_type: 'evidenceWorkflow',

  // those of an organization that is being deleted are ended with it
  async listLive(trx: ReconcileDb, age_s: number): Promise<LiveRow[]> {
    const { rows } = await trx.raw<{ rows: LiveRow[] }>(
      `select e.org_id, e.id, false as over,
         e.updated_at < clock_timestamp() - ? * interval '1 second' and not ${owedSql(KIND, 'e')} as due
       from evidence e join org g on g.id = e.org_id and g.deleted_at is null
       where ${LIVE}`,
      [age_s],
    );
    return rows;
  },

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const live: { uploaded_by: string; upload: { key: string; closes_at: string } | null } | undefined =
      await trx('evidence as e')
        .where({ id: row.id })
        .whereRaw(LIVE)
        .forNoKeyUpdate()
        .first(
          'uploaded_by',
          trx.raw(`case when quarantine_key is null then null else json_build_object('key', quarantine_key,
          'closes_at', to_char(closes_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) end as upload`),
        );
    if (live === undefined) return undefined;
    const again = await startAgain(trx, { kind: evidence, row, fate, after_end: true });
    if (again !== 'lost') return again;
    const { org_id, request_id } = systemActor(row.org_id);
    await startClock(trx, { org_id, request_id, actor_id: live.uploaded_by }, row.id, live.upload);
    await appendAudit(trx, systemActor(row.org_id), {
      action: `${KIND}.workflow_start`,
      resource_type: KIND,
      resource_id: row.id,
      after: { found: fate },
    });
    return 'started_again';
  },

  // while a late upload could still land, too
  async mayBeOpen(trx: TenantDb, id: string, age_s: number): Promise<boolean> {
    const row: unknown = await trx('evidence as e')
      .select('id')
      .where({ id })
      .whereRaw(
        `(${LIVE} or greatest(e.updated_at, e.closes_at) > clock_timestamp() - ? * interval '1 second')`,
        [age_s],
      )
      .first();
    return row !== undefined;
  },
};
