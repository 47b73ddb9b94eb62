// How far a run is: one statement over rows that the activities write, so that no worker is asked.
import {
  type AssessmentCommand,
  type AssessmentStatus,
  etaSeconds,
  progressPercent,
} from '../../domain/assessments/rules.js';
import type { AssessmentProgress } from '../../domain/assessments/schema.js';
import { notFound } from '../../domain/errors.js';
import type { TenantReader } from '../tenancy.js';

interface ProgressRow {
  status: AssessmentStatus;
  controls_total: number;
  controls_evaluated: number;
  carried: number;
  paused_reason: string | null;
  failure_reason: string | null;
  started_at: string | null;
  active_ms: number;
  in_flight: string[];
  failures: { control: string; reason: string }[];
  requested: AssessmentCommand | null;
}

// A run that has not begun counts what it would judge.
const PROGRESS = `
  select a.status,
    coalesce(e.controls_total, cardinality(a.control_refs), f.control_count) as controls_total,
    coalesce(e.controls_evaluated, 0) as controls_evaluated,
    coalesce(e.carried, 0) as carried,
    case when a.status = 'paused' then e.paused_reason end as paused_reason,
    case when a.status = 'failed' then e.failure end as failure_reason,
    e.started_at,
    coalesce(e.active_ms + case when e.status = 'running'
      then extract(epoch from clock_timestamp() - e.active_since) * 1000 else 0 end, 0)::float8 as active_ms,
    array(select c.ref from execution_control c
      where c.org_id = e.org_id and c.execution_id = e.id and c.status = 'in_flight'
      order by c.position) as in_flight,
    (select coalesce(json_agg(json_build_object('control', c.ref, 'reason', c.reason) order by c.position), '[]')
      from execution_control c
      where c.org_id = e.org_id and c.execution_id = e.id and c.status = 'failed') as failures,
    (select m.kind from command m
      where m.org_id = e.org_id and m.execution_id = e.id and m.status = 'requested'
      order by m.id desc limit 1) as requested
  from assessment a
  join framework f on f.id = a.framework_id
  left join assessment_execution e on e.org_id = a.org_id and e.id = a.execution_id
  where a.id = ?`;

export interface ProgressWithRequest {
  progress: AssessmentProgress;
  /** A command that the workflow has not answered yet. */
  requested: AssessmentCommand | null;
}

export async function getProgress(trx: TenantReader, assessment_id: string): Promise<ProgressWithRequest> {
  const { rows } = await trx.raw<{ rows: ProgressRow[] }>(PROGRESS, [assessment_id]);
  const row = rows[0];
  if (!row) throw notFound('assessment');
  const { status, controls_evaluated, controls_total, carried, in_flight } = row;
  const open = status === 'in_progress' || status === 'paused';
  const progress: AssessmentProgress = {
    status,
    progress: progressPercent(controls_evaluated, controls_total),
    controls_evaluated,
    controls_total,
    current_control: open ? (in_flight[0] ?? null) : null,
    paused_reason: row.paused_reason,
    in_flight: open ? in_flight : [],
    started_at: row.started_at,
    eta_seconds:
      status === 'in_progress'
        ? etaSeconds(row.active_ms, controls_evaluated - carried, controls_total - carried)
        : null,
    failures: row.failures,
    failure_reason: row.failure_reason,
    source: 'row',
  };
  return { progress, requested: row.requested };
}
