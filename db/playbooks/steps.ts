// What a step came to, written once: what has ended stays as it ended, however often it is told.
import { isStepOpen, type RiskClass, STEP_STATUSES, type StepStatus } from '../../domain/playbooks/rules.js';
import type { StepDecision, StepRun } from '../../domain/playbooks/schema.js';
import type { TenantRef } from '../../domain/tenant.js';
import { appendTimeline, type ActorType } from '../incidents/timeline.js';
import { describeEntry, type EntryData } from '../incidents/words.js';
import type { TenantDb } from '../tenancy.js';
import { namesOf } from '../users/names.js';

export interface StepKey {
  run_id: string;
  step_id: string;
  iteration: number;
}

export interface StepWrite extends StepKey {
  name: string;
  action: string | null;
  risk_class: RiskClass | null;
  status: StepStatus;
  decision?: StepDecision;
  args_hash?: string;
  approvals_required?: number;
  task_id?: string;
  result?: string;
  outputs?: Readonly<Record<string, string>>;
}

const OPEN = STEP_STATUSES.filter(isStepOpen);
const RESULT_LENGTH = 2_000;

/** @returns false when the step had ended already. */
export async function saveStep(trx: TenantDb, org_id: string, step: StepWrite): Promise<boolean> {
  const { run_id, step_id, iteration, decision, outputs, result, ...columns } = step;
  const set = {
    ...columns,
    ...(decision && { decision: JSON.stringify(decision) }),
    ...(outputs && { outputs: JSON.stringify(outputs) }),
    ...(result !== undefined && { result: result.slice(0, RESULT_LENGTH) }),
    ended_at: isStepOpen(step.status) ? null : trx.raw('clock_timestamp()'),
  };
  const written: unknown[] = await trx('playbook_step')
    .insert({ org_id, run_id, step_id, iteration, ...set })
    .onConflict(['org_id', 'run_id', 'step_id', 'iteration'])
    .merge(set)
    .whereIn('playbook_step.status', OPEN)
    .returning('step_id');
  return written.length > 0;
}

export async function findStep(
  trx: TenantDb,
  { run_id, step_id, iteration }: StepKey,
): Promise<Pick<StepRun, 'status' | 'task_id' | 'args_hash'> | undefined> {
  return await trx('playbook_step')
    .select('status', 'task_id', 'args_hash')
    .where({ run_id, step_id, iteration })
    .first();
}

/** Automated steps carried out in the last hour, dry runs and this very step left out. */
export async function countRecent(
  trx: TenantDb,
  { run_id, step_id, iteration }: StepKey,
): Promise<{ same_step: number; disruptive: number }> {
  const { rows } = await trx.raw<{ rows: { same_step: number; disruptive: number }[] }>(
    `select count(*) filter (where s.step_id = ?)::int as same_step,
       count(*) filter (where s.risk_class in ('disruptive', 'destructive'))::int as disruptive
     from playbook_step s join playbook_run r on r.org_id = s.org_id and r.id = s.run_id
     where s.started_at > clock_timestamp() - interval '1 hour' and not r.dry_run and r.execute_automated
       and s.action <> 'manual' and s.status in ('running', 'succeeded', 'failed', 'timed_out', 'needs_human')
       and (s.run_id, s.step_id, s.iteration) <> (?::uuid, ?, ?)`,
    [step_id, run_id, step_id, iteration],
  );
  return rows[0] ?? { same_step: 0, disruptive: 0 };
}

/** Repeatable. */
export async function insertApproval(
  trx: TenantDb,
  org_id: string,
  approval: StepKey & { args_hash: string; user_id: string; verdict: 'approve' | 'reject' },
): Promise<void> {
  await trx('playbook_approval')
    .insert({ ...approval, org_id })
    .onConflict()
    .ignore();
}

export interface Told {
  incident_id: string;
  event_type: string;
  data: EntryData;
  /** Null: by the run itself. */
  actor_id: string | null;
  /** Of the act: a repetition appends nothing. */
  key: string;
}

/** One entry of the incident's timeline. */
export async function tellIncident(
  trx: TenantDb,
  { org_id }: Pick<TenantRef, 'org_id'>,
  { incident_id, event_type, data, actor_id, key }: Told,
): Promise<void> {
  const nameOf = await namesOf(trx, actor_id === null ? [] : [actor_id]);
  const type: ActorType = actor_id === null ? 'system' : 'user';
  await appendTimeline(trx, org_id, incident_id, [
    {
      event_type,
      data,
      occurred_at: new Date().toISOString(),
      actor: { type, id: actor_id, display: actor_id === null ? 'Sovereign GRC' : nameOf(actor_id) },
      description: describeEntry(event_type, data, nameOf),
      idempotency_key: key,
    },
  ]);
}
