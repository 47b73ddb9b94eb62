// Before anything automated happens: the policy is asked, then people, then the policy again.
import * as wf from '@temporalio/workflow';
import type { Position } from '../../domain/playbooks/interpreter.js';
import type { ActionStep } from '../../domain/playbooks/plan.js';
import { APPROVERS } from '../../domain/playbooks/rules.js';
import { at, end, record, resolved, rows, type RunContext, type Settled, words } from './step-context.js';
import { Waiting } from './waiting.js';

/** Unless the author of the playbook says otherwise. */
const DAY_MS = 86_400_000;

/** Undefined once policy and people agree to what would be done now. */
export async function gate(
  run: RunContext,
  step: ActionStep,
  position: Position,
): Promise<Settled | undefined> {
  const kept = step.evidence_before;
  if (kept !== undefined && !run.state().succeeded.some(({ step_id }) => step_id === kept))
    return await end(
      run,
      step,
      position,
      'denied',
      `evidence first: "${run.opened.plan.steps[kept]?.name ?? kept}" has not succeeded`,
    );
  const approved = new Map<string, Set<string>>();
  for (;;) {
    const commands = resolved(run, step);
    const { decision, args_hash } = await rows.decidePlaybookStep({
      ...at(run, position),
      ...words(step),
      commands,
      approvals_min: step.approval?.min ?? 0,
    });
    if (decision.decision === 'deny')
      return await end(run, step, position, 'denied', decision.reasons.join('; ') || 'the policy says no');
    const by = approved.get(args_hash) ?? new Set<string>();
    const asked = JSON.stringify(commands);
    const isCurrent = (): boolean => JSON.stringify(resolved(run, step)) === asked;
    const enough = by.size >= decision.approvals_required || run.opened.dry_run;
    // the answer took time: what was decided on must still be what would be done
    if (enough && isCurrent()) return undefined;
    if (enough) continue;
    const verdict = await approval(run, step, position, {
      args_hash,
      by,
      needed: decision.approvals_required,
      isCurrent,
    });
    if (verdict === 'rejected') return await end(run, step, position, 'denied', 'rejected');
    if (verdict === 'late') return await end(run, step, position, 'denied', 'nobody approved in time');
    if (verdict === 'changed')
      await record(
        run,
        step,
        position,
        'waiting_approval',
        'the arguments have changed: what was approved is void',
        {
          args_hash,
          event: 'approval_voided',
        },
      );
    else approved.set(args_hash, by);
    await run.unpaused();
  }
}

interface Asked {
  args_hash: string;
  by: Set<string>;
  needed: number;
  isCurrent: () => boolean;
}

async function approval(
  run: RunContext,
  step: ActionStep,
  position: Position,
  { args_hash, by, needed, isCurrent }: Asked,
): Promise<'approved' | 'rejected' | 'changed' | 'late'> {
  const key = Waiting.key(position);
  const { name, risk_class } = step;
  const roles = step.approval?.roles ?? APPROVERS;
  const pending = { name, risk_class, args_hash, roles, approved_by: by, rejected: false, isCurrent };
  run.waiting.approvals.set(key, pending);
  const { timeout_ms = DAY_MS, on_timeout = 'deny' } = step.approval ?? {};
  const isOver = (): boolean => pending.rejected || by.size >= needed || !isCurrent();
  try {
    // who is faster than the row must find somebody who listens
    await record(run, step, position, 'waiting_approval', `waits for ${needed} approvals`, {
      args_hash,
      approvals_required: needed,
    });
    if (!(await wf.condition(isOver, timeout_ms))) {
      if (on_timeout === 'deny') return 'late';
      await record(run, step, position, 'waiting_approval', 'nobody has approved yet', {
        args_hash,
        event: 'approval_escalated',
      });
      if (!(await wf.condition(isOver, timeout_ms))) return 'late';
    }
    if (!isCurrent()) return 'changed';
    return pending.rejected ? 'rejected' : 'approved';
  } finally {
    run.waiting.approvals.delete(key);
  }
}
