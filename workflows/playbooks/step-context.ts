// What every part of a step's course needs: where it is, what it would do now, and the hand that writes.
import * as wf from '@temporalio/workflow';
import type {
  OpenedRun,
  PlaybookActivities,
  PlaybookRunRef,
  StepRef,
} from '../../activities/playbooks/types.js';
import { type Position, type RunState, scopeOf } from '../../domain/playbooks/interpreter.js';
import type { ActionStep, Command, Variables } from '../../domain/playbooks/plan.js';
import type { StepStatus } from '../../domain/playbooks/rules.js';
import { resolve } from '../../domain/playbooks/variables.js';
import { DATABASE } from '../activity-options.js';
import type { Waiting } from './waiting.js';

export interface Settled {
  ok: boolean;
  outputs: Variables;
  reason: string;
}

export interface RunContext {
  ref: PlaybookRunRef;
  opened: OpenedRun;
  waiting: Waiting;
  state: () => RunState;
  /** Nothing new begins while people have paused the run. */
  unpaused: () => Promise<void>;
}

export const rows = wf.proxyActivities<PlaybookActivities>(DATABASE);

export function resolved(run: RunContext, step: ActionStep): Command[] {
  const variables = scopeOf(run.state(), step);
  return step.commands.map((command) => resolve(command, variables));
}

export function at({ ref }: RunContext, { step_id, iteration }: Position): StepRef {
  return { ...ref, step_id, iteration };
}

export function words({
  name,
  action,
  risk_class,
}: ActionStep): Pick<ActionStep, 'name' | 'action' | 'risk_class'> {
  return { name, action, risk_class };
}

interface More {
  outputs?: Variables;
  args_hash?: string;
  approvals_required?: number;
  event?: 'approval_voided' | 'approval_escalated';
}

export async function record(
  run: RunContext,
  step: ActionStep,
  position: Position,
  status: StepStatus,
  result: string,
  more: More = {},
): Promise<void> {
  await rows.recordPlaybookStep({ ...at(run, position), ...words(step), status, result, ...more });
}

export async function closeTask(
  run: RunContext,
  position: Position,
  status: 'waived',
  result: string,
): Promise<void> {
  await rows.closePlaybookTask({ ...at(run, position), status, result, actor_id: null, command_id: null });
}

export async function end(
  run: RunContext,
  step: ActionStep,
  position: Position,
  status: StepStatus,
  reason: string,
  given: Variables = {},
): Promise<Settled> {
  const outputs = Object.fromEntries(Object.entries(given).filter(([name]) => step.out_args.includes(name)));
  await record(run, step, position, status, reason, { outputs });
  return { ok: status === 'succeeded' || status === 'planned', outputs, reason };
}
