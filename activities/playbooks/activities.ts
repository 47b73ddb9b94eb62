import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DomainError } from '../../domain/errors.js';
import { compile } from '../../domain/playbooks/compile.js';
import { isRunEnded, needsAnother } from '../../domain/playbooks/rules.js';
import type { StepDecision } from '../../domain/playbooks/schema.js';
import type { PolicyQuestion } from '../../domain/policies/rules.js';
import { tellMessage } from '../../db/notifications/create.js';
import { appendAudit } from '../../db/audit/repository.js';
import { acceptCommand, readNote } from '../../db/commands/repository.js';
import { getIncident } from '../../db/incidents/repository.js';
import { getDocument, listSteps, lockRun, setRunStatus, setTemporalRun } from '../../db/playbooks/runs.js';
import { countRecent, findStep, insertApproval, saveStep, tellIncident } from '../../db/playbooks/steps.js';
import { closeTask, openTask } from '../../db/playbooks/tasks.js';
import { type TenantDb, withTenant } from '../../db/tenancy.js';
import { findRole } from '../../db/users/repository.js';
import { translateFailures } from '../failures.js';
import { createCommands } from './commands.js';
import type { PlaybookDeps } from './deps.js';
import type { DecideInput, PlaybookActivities, Recorded } from './types.js';

/** Each may be repeated at any point: rows and timeline say what is written already. */
export function createPlaybookActivities(deps: PlaybookDeps): PlaybookActivities {
  const { db, email } = deps;
  return translateFailures<PlaybookActivities>({
    ...createCommands(deps),

    async openPlaybookRun({ tenant, incident_id, run_id, temporal_run_id }) {
      return await withTenant(db, tenant, async (trx) => {
        const run = await lockRun(trx, run_id);
        await setTemporalRun(trx, run_id, temporal_run_id);
        const { plan, problems } = compile(await getDocument(trx, run_id));
        if (plan === null)
          throw new DomainError('VALIDATION_ERROR', problems[0]?.detail ?? 'the playbook cannot be run');
        const incident = await getIncident(trx, incident_id);
        const recorded = (await listSteps(trx, run_id)).map(
          ({ step_id, iteration, status, outputs, result }): [string, Recorded] => [
            `${step_id}/${iteration}`,
            { status, outputs, result: result ?? '' },
          ],
        );
        return {
          plan,
          variables: {
            ...run.variables,
            __incident_id__: incident.id,
            __incident_ref__: incident.ref,
            __incident_severity__: incident.severity,
            __incident_category__: incident.category,
          },
          execute_automated: run.execute_automated,
          dry_run: run.dry_run,
          status: run.status,
          started_by: run.started_by,
          recorded: Object.fromEntries(recorded),
        };
      });
    },

    async decidePlaybookStep(input) {
      const { tenant, incident_id, run_id, step_id, iteration, name, action, risk_class } = input;
      const args_hash = hashOf(input);
      const { input_sha256, ...asked } = await askPolicy(deps, input, args_hash);
      const approvals_required =
        asked.decision === 'deny' ? 0 : Math.max(asked.approvals_required, input.approvals_min);
      const decision: StepDecision = {
        ...asked,
        approvals_required,
        decision: asked.decision === 'allow' && approvals_required > 0 ? 'needs_approval' : asked.decision,
      };
      await withTenant(db, tenant, async (trx) => {
        const { dry_run } = await lockRun(trx, run_id);
        const known = await findStep(trx, input);
        await saveStep(trx, tenant.org_id, {
          run_id,
          step_id,
          iteration,
          name,
          action,
          risk_class,
          status: known?.status ?? 'running',
          decision,
          args_hash,
          approvals_required,
        });
        if (dry_run) return;
        const { reasons, revision } = decision;
        await tellIncident(trx, tenant, {
          incident_id,
          event_type: 'playbook_decision',
          data: {
            run_id,
            step_id,
            iteration,
            step: name,
            decision: decision.decision,
            reasons: reasons.join('; '),
            policy_revision: revision,
            input_sha256,
            args_hash,
          },
          actor_id: null,
          key: `playbook:${run_id}/${step_id}/${iteration}:${args_hash}:${decision.decision}`,
        });
      });
      return { decision, args_hash };
    },

    async recordPlaybookStep({ tenant, incident_id, event, ...step }) {
      await withTenant(db, tenant, async (trx) => {
        const { dry_run } = await lockRun(trx, step.run_id);
        const fresh = await saveStep(trx, tenant.org_id, step);
        if (dry_run || !fresh || step.action === null || step.status === 'running') return;
        const { run_id, step_id, iteration, name, status, result, args_hash = null } = step;
        if (status === 'waiting_approval' && event !== 'approval_voided')
          await tellMessage(trx, tenant, {
            incident: await getIncident(trx, incident_id),
            key: `approval:${run_id}/${step_id}/${iteration}:${event ?? 'asked'}:${args_hash ?? ''}`,
            at: Date.now(),
            audience: event === undefined ? ['commander', 'admins'] : ['admins', 'executive'],
            text: `The playbook step "${name}" waits for approval: ${result ?? ''}.`,
            email,
          });
        await tellIncident(trx, tenant, {
          incident_id,
          event_type: event === undefined ? 'playbook_step' : `playbook_${event}`,
          data: { run_id, step_id, iteration, step: name, status, result, args_hash },
          actor_id: null,
          key: `playbook:${run_id}/${step_id}/${iteration}:${event ?? status}:${args_hash ?? ''}`,
        });
      });
    },

    async openPlaybookTask({ tenant, incident_id, description, phase, owner, blocking, due_ms, ...step }) {
      return await withTenant(db, tenant, async (trx) => {
        await lockRun(trx, step.run_id);
        const title = step.status === 'needs_human' ? `Did it happen? ${step.name}` : step.name;
        const task = await openTask(trx, tenant, {
          ...step,
          incident_id,
          title,
          description,
          phase,
          owner,
          blocking,
          due_ms,
        });
        await saveStep(trx, tenant.org_id, { ...step, task_id: task.id });
        return {
          task_id: task.id,
          settled: task.status === 'done' || task.status === 'waived' ? task.status : null,
        };
      });
    },

    async closePlaybookTask({ tenant, incident_id, status, actor_id, result, command_id, ...step }) {
      await withTenant(db, tenant, async (trx) => {
        const known = await findStep(trx, step);
        const task_id = known?.task_id ?? null;
        const actor = { ...tenant, actor_id: actor_id ?? tenant.actor_id };
        if (task_id !== null)
          await closeTask(trx, actor, { incident_id, task_id }, { status, result, actor_id });
        await acceptCommand(trx, command_id);
      });
    },

    async recordPlaybookApproval({
      tenant,
      incident_id,
      command_id,
      actor_id,
      risk_class,
      name,
      roles,
      ...approval
    }) {
      await withTenant(db, tenant, async (trx) => {
        const run = await lockRun(trx, approval.run_id);
        const { commander_id } = await getIncident(trx, incident_id);
        const role = await findRole(trx, actor_id);
        const may = { admin: role === 'admin', commander: role !== undefined && commander_id === actor_id };
        if (!roles.some((each) => may[each]))
          throw new DomainError('FORBIDDEN', `on this step decides: ${roles.join(' or ')}`);
        if (approval.verdict === 'approve' && needsAnother(risk_class) && run.started_by === actor_id)
          throw new DomainError('FORBIDDEN', 'whoever started the run does not approve what disrupts');
        const { run_id, step_id, iteration, args_hash, verdict } = approval;
        await insertApproval(trx, tenant.org_id, { ...approval, user_id: actor_id });
        await tellIncident(trx, tenant, {
          incident_id,
          event_type: verdict === 'approve' ? 'playbook_approved' : 'playbook_rejected',
          data: { run_id, step_id, iteration, step: name, args_hash, ...(await noted(trx, command_id)) },
          actor_id,
          key: `playbook:${command_id}`,
        });
        await acceptCommand(trx, command_id);
      });
    },

    async recordPlaybookRun({ tenant, incident_id, run_id, status, failure, ...act }) {
      const { key, command_id, actor_id, asked } = act;
      await withTenant(db, tenant, async (trx) => {
        const run = await lockRun(trx, run_id);
        const changed = await setRunStatus(trx, run_id, status, failure);
        await acceptCommand(trx, command_id);
        if (!changed) return;
        if (!run.dry_run)
          await tellIncident(trx, tenant, {
            incident_id,
            event_type: asked ? `playbook_${asked}` : 'playbook_run',
            data: { run_id, playbook: run.playbook_id, status, failure, ...(await noted(trx, command_id)) },
            actor_id,
            key: `playbook:${run_id}:${key}`,
          });
        if (isRunEnded(status))
          await appendAudit(
            trx,
            { ...tenant, actor_id },
            {
              action: 'playbook_run.end',
              resource_type: 'playbook_run',
              resource_id: run_id,
              before: { status: run.status },
              after: { status, failure },
            },
          );
      });
    },
  });
}

/** Why a person did it. */
async function noted(trx: TenantDb, command_id: string | null): Promise<{ notes?: string }> {
  const notes = command_id === null ? null : await readNote(trx, command_id);
  return notes === null ? {} : { notes };
}

function hashOf({ step_id, commands }: Pick<DecideInput, 'step_id' | 'commands'>): string {
  return sha256Of({ step_id, commands });
}

function sha256Of(value: object): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex');
}

/** Fails closed: a policy that cannot be asked has said no. */
async function askPolicy(
  { db, policy }: PlaybookDeps,
  input: DecideInput,
  args_hash: string,
): Promise<StepDecision & { input_sha256: string }> {
  const { tenant, incident_id, run_id, step_id, action, risk_class, commands } = input;
  const { incident, run, rate } = await withTenant(db, tenant, async (trx) => ({
    incident: await getIncident(trx, incident_id),
    run: await lockRun(trx, run_id),
    rate: await countRecent(trx, input),
  }));
  const { id, category, severity, phase } = incident;
  const question: PolicyQuestion = {
    org: tenant.org_id,
    actor: run.started_by,
    incident: { id, category, severity, phase },
    playbook: { id: run.playbook_id, revision: run.revision, sha256: run.sha256 },
    step: { id: step_id, type: 'action', action, risk_class, args: { commands }, args_hash },
    dry_run: run.dry_run,
    rate,
    time: timeOf(new Date()),
  };
  const input_sha256 = sha256Of(question);
  try {
    return { ...(await policy.decide(question)), input_sha256 };
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    return {
      decision: 'deny',
      reasons: [`the policy cannot be asked (${why})`],
      approvals_required: 0,
      revision: null,
      input_sha256,
    };
  }
}

function timeOf(now: Date): PolicyQuestion['time'] {
  return { at: now.toISOString(), weekday: now.getUTCDay() || 7, hour: now.getUTCHours() };
}
