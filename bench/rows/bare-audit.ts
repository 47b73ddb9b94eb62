// The audit row of any change by the bare driver: the chain is locked, lengthened and moved on.
import type { ClientBase } from 'pg';

/** Within the caller's transaction, last. */
export async function bareAudit(bare: ClientBase, org: string): Promise<void> {
  const { rows } = await bare.query<{ seq: number }>(
    'select seq, hash from audit_head where org_id = $1 for update',
    [org],
  );
  const seq = Number(rows[0]?.seq ?? 0) + 1;
  await bare.query(
    `insert into audit_log (org_id, seq, at, action, resource_type, body, hash)
     values ($1, $2, now(), 'a', 'r', '{}', 'h')`,
    [org, seq],
  );
  await bare.query('update audit_head set seq = $2 where org_id = $1', [org, seq]);
}
