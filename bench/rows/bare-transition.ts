// The rows of a transition by the bare driver: what no way of making it can do without.
import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { bareAudit } from './bare-audit.js';

export interface BareIncident {
  org: string;
  id: string;
}

/**
 * The command and its message, done and delivered; the move and the visit; the entry of the timeline with its words under
 * its head, and the audit row under its own. One transaction, though asking and doing are two in any product that
 * answers for both.
 */
export async function bareTransition(bare: ClientBase, { org, id }: BareIncident, to: string): Promise<void> {
  const key = randomUUID();
  await bare.query('begin');
  const {
    rows: [row],
  } = await bare.query<{ visit_no: number; reported_by: string }>(
    'select visit_no, reported_by from incident where org_id = $1 and id = $2 for no key update',
    [org, id],
  );
  const visit = Number(row?.visit_no) + 1;
  const person = row?.reported_by;
  await bare.query(
    `insert into command (org_id, id, kind, status, actor_id, request_id, workflow_id, note, result, decided_at)
     values ($1, $2, 'transition', 'accepted', $3, 'bench', $4, 'bench', '{"warnings":[]}', now())`,
    [org, key, person, `bare:${id}`],
  );
  await bare.query(
    `insert into outbox (org_id, id, kind, workflow_id, payload, next_at, delivered_at)
     values ($1, $2, 'command', $3, '{}', now(), now())`,
    [org, key, `bare:${id}`],
  );
  await bare.query(
    `update incident set phase = $3, status = 'investigating', visit_no = $4, active_at = now(), asked_at = null
     where org_id = $1 and id = $2`,
    [org, id, to, visit],
  );
  await bare.query(
    `update incident_visit set left_at = now() where org_id = $1 and incident_id = $2 and left_at is null`,
    [org, id],
  );
  await bare.query(
    `insert into incident_visit (org_id, incident_id, visit_no, phase, kind, csf_function, entered_at, entered_by, reason)
     values ($1, $2, $3, $4, 'backward', 'RS', now(), $5, 'bench')`,
    [org, id, visit, to, person],
  );
  const {
    rows: [head],
  } = await bare.query<{ seq: number }>(
    'select seq from timeline_head where org_id = $1 and incident_id = $2 for update',
    [org, id],
  );
  const seq = Number(head?.seq) + 1;
  await bare.query(
    `insert into timeline (org_id, incident_id, seq, occurred_at, recorded_at, event_type, actor_type, actor_id,
       idempotency_key, header, prev_hash, entry_hash)
     values ($1, $2, $3, now(), now(), 'phase_transition', 'user', $4, $5, '{}', 'h', 'h')`,
    [org, id, seq, person, key],
  );
  await bare.query(
    `insert into timeline_payload (org_id, incident_id, seq, salt, payload)
     values ($1, $2, $3, 's', '{"description":"Phase changed from analysis to containment","actor":"bench","data":{}}')`,
    [org, id, seq],
  );
  await bare.query('update timeline_head set seq = $3, hash = $4 where org_id = $1 and incident_id = $2', [
    org,
    id,
    seq,
    key,
  ]);
  await bareAudit(bare, org);
  await bare.query('commit');
}
