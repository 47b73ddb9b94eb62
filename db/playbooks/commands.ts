// What people ask of a run. Checked against the row under its lock; done by the run's workflow.
import { playbookWorkflowId } from '../../domain/temporal.js';
import { DomainError } from '../../domain/errors.js';
import { appendAudit } from '../audit/repository.js';
import {
  type CommandActor,
  insertCommand,
  listOpenCommands,
  type RequestedCommand,
} from '../commands/repository.js';
import type { TenantDb } from '../tenancy.js';
import { getRun, lockRun, type RunRow } from './runs.js';

export interface RunCommandRequest {
  /** The update's name. */
  kind: string;
  args: Record<string, unknown>;
  note?: string | undefined;
  head_start_s?: number;
}

/** Commands that wait for a worker at once; an update has room for ten in flight. */
const WAITING_MAX = 8;

/** Command, outbox and audit row in one transaction. */
export async function requestRunCommand(
  trx: TenantDb,
  actor: CommandActor,
  { incident_id, run_id }: { incident_id: string; run_id: string },
  decide: (run: RunRow) => Promise<RunCommandRequest>,
): Promise<RequestedCommand> {
  await getRun(trx, incident_id, run_id);
  const run = await lockRun(trx, run_id);
  const { kind, args, note, head_start_s } = await decide(run);
  const workflow_id = playbookWorkflowId(actor.org_id, run_id);
  if ((await listOpenCommands(trx, workflow_id)).length >= WAITING_MAX)
    throw new DomainError(
      'SERVICE_UNAVAILABLE',
      'too many commands wait for this run: no worker is running',
      {
        retry_after_s: 5,
      },
    );
  const requested = await insertCommand(trx, actor, {
    workflow_id,
    kind,
    args: { ...args, actor_id: actor.actor_id },
    note,
    head_start_s,
  });
  await appendAudit(trx, actor, {
    action: `playbook_run.${kind}`,
    resource_type: 'playbook_run',
    resource_id: run_id,
    before: { status: run.status },
    after: { ...args, command_id: requested.command_id },
  });
  return requested;
}

/** All that run stand still until somebody lets them go on; the policy stops what is faster. */
export async function pauseRuns(trx: TenantDb, actor: CommandActor, why: string): Promise<void> {
  const runs: { id: string; incident_id: string }[] = await trx('playbook_run')
    .where({ status: 'running', dry_run: false })
    .orderBy('id')
    .select('id', 'incident_id');
  for (const { id: run_id, incident_id } of runs) {
    const waiting = await listOpenCommands(trx, playbookWorkflowId(actor.org_id, run_id));
    if (waiting.length < WAITING_MAX)
      await requestRunCommand(trx, actor, { incident_id, run_id }, () =>
        Promise.resolve({ kind: 'pause', args: {}, note: `kill switch: ${why}`, head_start_s: 0 }),
      );
  }
}
