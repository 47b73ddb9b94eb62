// Starting a playbook on an incident, and what people ask of the run.
import { DomainError } from '../../domain/errors.js';
import {
  isRunEnded,
  isStepOpen,
  needsAnother,
  type RunCommand,
  refuseRunCommand,
} from '../../domain/playbooks/rules.js';
import type {
  ApproveBody,
  CompleteBody,
  PlaybookExecute,
  PlaybookRunDetail,
  StepRun,
} from '../../domain/playbooks/schema.js';
import { cacaoPlaybook } from '../../domain/playbooks/cacao-schema.js';
import { playbookWorkflowId, REQUEST_DEADLINE_MS, TASK_QUEUES } from '../../domain/temporal.js';
import { type TenantContext, type TenantRef, toTenantRef } from '../../domain/tenant.js';
import { appendAudit } from '../../db/audit/repository.js';
import { getIncident, lockIncident } from '../../db/incidents/repository.js';
import { insertOutbox } from '../../db/outbox/repository.js';
import { requestRunCommand, type RunCommandRequest } from '../../db/playbooks/commands.js';
import { getPlaybook } from '../../db/playbooks/repository.js';
import { getRun, insertRun, listSteps, type RunRow } from '../../db/playbooks/runs.js';
import { tellIncident } from '../../db/playbooks/steps.js';
import { readTenant, type TenantDb, type TenantReader, withTenant } from '../../db/tenancy.js';
import { type CommandDeps, runCommand } from '../commands.js';
import { type WebUi, workflowLink } from '../web-ui.js';
import { planOf } from './use-cases.js';

export interface RunDeps extends CommandDeps {
  web_ui: WebUi;
}

export interface RunPath {
  incident_id: string;
  run_id: string;
}

export async function readRun(
  trx: TenantReader,
  web_ui: WebUi,
  tenant: TenantRef,
  { incident_id, run_id }: RunPath,
): Promise<PlaybookRunDetail> {
  const { temporal_run_id, ...run } = await getRun(trx, incident_id, run_id);
  return {
    ...run,
    steps: await listSteps(trx, run_id),
    workflow: workflowLink(web_ui, playbookWorkflowId(tenant.org_id, run_id), temporal_run_id),
    requested: null,
  };
}

/**
 * Run, timeline, audit and the workflow's start: all of it or nothing.
 * @throws DomainError CONFLICT for a closed incident, VALIDATION_ERROR for variables that the playbook does not take
 */
export async function executePlaybook(
  deps: RunDeps,
  tenant: TenantContext,
  incident_id: string,
  { playbook_id, execute_automated, dry_run, variables }: PlaybookExecute,
): Promise<PlaybookRunDetail> {
  const { run_id, outbox_id } = await withTenant(deps.db, tenant, async (trx) => {
    const incident = await lockIncident(trx, incident_id);
    if (incident.status === 'closed')
      throw new DomainError('CONFLICT', 'the incident is closed: reopen it first');
    const playbook = await findPlaybook(trx, playbook_id);
    checkVariables(planOf(cacaoPlaybook.parse(playbook.document)).external, variables);
    const { revision, sha256, document } = playbook;
    const id = await insertRun(trx, tenant, {
      incident_id,
      playbook_id,
      revision,
      sha256,
      document,
      execute_automated,
      dry_run,
      variables,
    });
    if (!dry_run)
      await tellIncident(trx, tenant, {
        incident_id,
        event_type: 'playbook_run',
        data: { run_id: id, playbook: playbook_id, status: 'started', failure: null, revision, sha256 },
        actor_id: tenant.actor_id,
        key: `playbook:${id}:started`,
      });
    await appendAudit(trx, tenant, {
      action: 'playbook_run.start',
      resource_type: 'playbook_run',
      resource_id: id,
      after: { incident_id, playbook_id, revision, sha256, execute_automated, dry_run },
    });
    const outbox = await insertOutbox(trx, tenant.org_id, {
      kind: 'workflow_start',
      workflow_id: playbookWorkflowId(tenant.org_id, id),
      payload: {
        workflow_type: 'playbookRunWorkflow',
        task_queue: TASK_QUEUES.core,
        resource_id: id,
        summary: `${playbook_id} on ${incident.ref}`,
        input: startInput(tenant, incident_id, id),
      },
    });
    return { run_id: id, outbox_id: outbox };
  });
  await deps.temporal.deliver(tenant, outbox_id, REQUEST_DEADLINE_MS);
  return await readTenant(deps.db, tenant, (trx) =>
    readRun(trx, deps.web_ui, tenant, { incident_id, run_id }),
  );
}

function startInput(tenant: TenantContext, incident_id: string, run_id: string) {
  return { tenant: toTenantRef(tenant), incident_id, run_id };
}

/** What the body names is wrong there, and not a path that leads nowhere. */
async function findPlaybook(trx: TenantDb, playbook_id: string) {
  return await getPlaybook(trx, playbook_id).catch((error: unknown) => {
    if (!(error instanceof DomainError) || error.code !== 'NOT_FOUND') throw error;
    throw new DomainError('VALIDATION_ERROR', 'no such playbook', { field: 'playbook_id' });
  });
}

function checkVariables(external: readonly string[], given: Record<string, string>): void {
  for (const name of external)
    if (given[name] === undefined)
      throw new DomainError('VALIDATION_ERROR', 'the playbook needs a value for it', {
        field: `variables.${name}`,
      });
  for (const name of Object.keys(given))
    if (!external.includes(name))
      throw new DomainError('VALIDATION_ERROR', 'the playbook takes no such variable', {
        field: `variables.${name}`,
      });
}

async function ask(
  deps: RunDeps,
  tenant: TenantContext,
  path: RunPath,
  decide: (trx: TenantDb, run: RunRow) => Promise<RunCommandRequest>,
): Promise<PlaybookRunDetail> {
  let kind = '';
  const command = await runCommand(deps, tenant, (trx) =>
    requestRunCommand(trx, tenant, path, async (run) => {
      const wanted = await decide(trx, run);
      kind = wanted.kind;
      return wanted;
    }),
  );
  const run = await withTenant(deps.db, tenant, (trx) => readRun(trx, deps.web_ui, tenant, path));
  return { ...run, requested: command ? null : kind };
}

export async function commandRun(
  deps: RunDeps,
  tenant: TenantContext,
  path: RunPath,
  command: RunCommand,
  notes: string | undefined,
): Promise<PlaybookRunDetail> {
  return await ask(deps, tenant, path, (_, run) => {
    const refused = refuseRunCommand(run.status, command);
    if (refused !== undefined) throw new DomainError('CONFLICT', refused);
    return Promise.resolve({ kind: command, args: {}, note: notes });
  });
}

type StepPath = RunPath & { step_id: string };

/** The latest turn of a step. @throws DomainError NOT_FOUND for a step that has not begun */
async function findStep(trx: TenantDb, { run_id, step_id }: StepPath): Promise<StepRun> {
  const turns = (await listSteps(trx, run_id)).filter((step) => step.step_id === step_id);
  const step = turns.find(({ status }) => isStepOpen(status)) ?? turns.at(-1);
  if (!step) throw new DomainError('NOT_FOUND', 'the run has no such step, or has not come to it');
  return step;
}

/** @throws DomainError FORBIDDEN for the starter, or whoever is neither admin nor in command; CONFLICT for other arguments */
export async function decideStep(
  deps: RunDeps,
  tenant: TenantContext,
  path: StepPath,
  verdict: 'approve' | 'reject',
  { args_hash, notes }: ApproveBody,
): Promise<PlaybookRunDetail> {
  return await ask(deps, tenant, path, async (trx, run) => {
    const { iteration, status, risk_class, args_hash: asked } = await findStep(trx, path);
    const { commander_id } = await getIncident(trx, path.incident_id);
    if (tenant.role !== 'admin' && commander_id !== tenant.actor_id)
      throw new DomainError('FORBIDDEN', "only an admin or the incident's commander decides on a step");
    if (
      verdict === 'approve' &&
      risk_class !== null &&
      needsAnother(risk_class) &&
      run.started_by === tenant.actor_id
    )
      throw new DomainError('FORBIDDEN', 'whoever started the run does not approve what disrupts');
    if (isRunEnded(run.status)) throw new DomainError('CONFLICT', `the run is ${run.status}`);
    if (status !== 'waiting_approval')
      throw new DomainError('CONFLICT', `the step is ${status}; approvals go to: waiting_approval`);
    if (asked !== args_hash)
      throw new DomainError('CONFLICT', 'the arguments of the step have changed: look at them again', {
        field: 'args_hash',
      });
    return { kind: verdict, args: { step_id: path.step_id, iteration, args_hash }, note: notes };
  });
}

/** @throws DomainError CONFLICT for a step that waits for nobody */
export async function completeStep(
  deps: RunDeps,
  tenant: TenantContext,
  path: StepPath,
  { outcome, outputs, notes }: CompleteBody,
): Promise<PlaybookRunDetail> {
  return await ask(deps, tenant, path, async (trx, run) => {
    const { iteration, status } = await findStep(trx, path);
    if (isRunEnded(run.status)) throw new DomainError('CONFLICT', `the run is ${run.status}`);
    if (status !== 'waiting_person' && status !== 'needs_human')
      throw new DomainError(
        'CONFLICT',
        `the step is ${status}; people complete: waiting_person, needs_human`,
      );
    const args = { step_id: path.step_id, iteration, ok: outcome === 'success', outputs };
    return { kind: 'complete', args, note: notes };
  });
}
