// Documents whose upload is awaited, or that will turn stale. One that never had a clock, because its document is older
// than clocks are, gets its first.
import { appendAudit } from '../audit/repository.js';
import { startClock } from '../evidence/uploads.js';
import type { TenantDb } from '../tenancy.js';
import { recordKind } from './record-kind.js';
import { type Fate, type LiveRow, type RowRepair, systemActor, type WorkflowKind } from './types.js';

const KIND = 'evidence';

const clocks = recordKind({
  kind: KIND,
  workflow_type: 'evidenceWorkflow',
  table: 'evidence',
  live: `(r.status = 'pending' or (r.status = 'verified' and not r.stale and r.expires_at is not null))`,
  since: 'r.updated_at',
  // while a late upload could still land, too
  touched: 'greatest(r.updated_at, r.closes_at)',
});

export const evidence: WorkflowKind = {
  ...clocks,

  async repair(trx: TenantDb, row: LiveRow, fate: Fate): Promise<RowRepair | undefined> {
    const again = await clocks.repair(trx, row, fate);
    if (again !== 'lost') return again;
    const document = await findDocument(trx, row.id);
    const actor = systemActor(row.org_id);
    await startClock(trx, { ...actor, actor_id: document.uploaded_by }, row.id, document.upload);
    await appendAudit(trx, actor, {
      action: `${KIND}.workflow_start`,
      resource_type: KIND,
      resource_id: row.id,
      after: { found: fate },
    });
    return 'started_again';
  },
};

interface Document {
  uploaded_by: string;
  upload: { key: string; closes_at: string } | null;
}

async function findDocument(trx: TenantDb, id: string): Promise<Document> {
  const { rows } = await trx.raw<{ rows: [Document] }>(
    `select uploaded_by, case when quarantine_key is not null then json_build_object('key', quarantine_key,
       'closes_at', to_char(closes_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) end as upload
     from evidence where id = ?`,
    [id],
  );
  return rows[0];
}
