// One action of a run: policy, approval, then its commands; or a task and the wait for whoever does it.
import * as wf from '@temporalio/workflow';
import type { CommandOutcome, PlaybookActivities } from '../../activities/playbooks/types.js';
import type { Position } from '../../domain/playbooks/interpreter.js';
import type { ActionStep, Command, Variables } from '../../domain/playbooks/plan.js';
import { isStepOpen, OUTCOME_UNKNOWN, type StepStatus } from '../../domain/playbooks/rules.js';
import { CORE_COMMAND, egressOptions, queryOptions } from '../activity-options.js';
import { causeOf } from '../failures.js';
import { gate } from './gate.js';
import {
  at,
  closeTask,
  end,
  record,
  resolved,
  rows,
  type RunContext,
  type Settled,
  words,
} from './step-context.js';
import { type PendingPerson, Waiting } from './waiting.js';

const core = wf.proxyActivities<PlaybookActivities>(CORE_COMMAND);
const query = wf.proxyActivities<PlaybookActivities>(queryOptions());
const calls = {
  again: wf.proxyActivities<PlaybookActivities>(egressOptions(true)),
  once: wf.proxyActivities<PlaybookActivities>(egressOptions(false)),
};

/** Ends with what the step came to; never throws but when the run is cancelled. */
export async function runStep(run: RunContext, step: ActionStep, position: Position): Promise<Settled> {
  const known = run.opened.recorded[Waiting.key(position)];
  if (known && !isStepOpen(known.status))
    return {
      ok: known.status === 'succeeded' || known.status === 'planned',
      outputs: known.outputs,
      reason: known.result,
    };
  await run.unpaused();
  try {
    return await attempt(run, step, position, known?.status);
  } catch (error) {
    if (!wf.isCancellation(error)) throw error;
    await wf.CancellationScope.nonCancellable(async () => {
      await record(run, step, position, 'cancelled', 'the run was ended');
      await closeTask(run, position, 'waived', 'the run was ended');
    });
    throw error;
  }
}

async function attempt(
  run: RunContext,
  step: ActionStep,
  position: Position,
  known: StepStatus | undefined,
): Promise<Settled> {
  const { dry_run, execute_automated } = run.opened;
  if (step.action === 'manual' || !execute_automated) {
    if (dry_run) return await end(run, step, position, 'planned', 'a person would do it');
    return await byPerson(run, step, position);
  }
  if (known === 'needs_human') return await askWhether(run, step, position, 'nobody has said yet');
  const refused = await gate(run, step, position);
  if (refused) return refused;
  if (dry_run) return await end(run, step, position, 'planned', 'would be carried out');
  // a workflow of this run was lost with the step under way: whether it happened, only a person can say
  if (known === 'running' && !step.idempotent)
    return await askWhether(run, step, position, 'the run was interrupted');
  await record(run, step, position, 'running', '');
  return await carryOut(run, step, position);
}

async function carryOut(run: RunContext, step: ActionStep, position: Position): Promise<Settled> {
  const work = (): Promise<CommandOutcome> => commandsOf(run, step, position);
  let outcome: CommandOutcome;
  try {
    outcome =
      step.timeout_ms === null ? await work() : await wf.CancellationScope.withTimeout(step.timeout_ms, work);
  } catch (error) {
    // by its own clock, unless the whole run is being ended
    if (wf.isCancellation(error)) {
      if (wf.CancellationScope.current().consideredCancelled) throw error;
      return await end(run, step, position, 'timed_out', `took longer than ${step.timeout_ms} ms`);
    }
    const { code, detail } = causeOf(error);
    const unknown = code === OUTCOME_UNKNOWN || code === 'TIMEOUT';
    if (unknown && !step.idempotent) return await askWhether(run, step, position, detail);
    return await end(run, step, position, 'failed', `${code}: ${detail}`);
  }
  const { ok, words: said, outputs } = outcome;
  return await end(run, step, position, ok ? 'succeeded' : 'failed', said, outputs);
}

/** One after the other, to each of their targets; the first that fails ends it. */
async function commandsOf(run: RunContext, step: ActionStep, position: Position): Promise<CommandOutcome> {
  const said: string[] = [];
  let outputs: Variables = {};
  let index = 0;
  for (const command of resolved(run, step)) {
    const targets = command.action === 'http' ? command.targets : [null];
    for (const target of targets) {
      const { idempotent, results, phase, owner, blocking, due_ms } = step;
      const task = { phase, owner, blocking, due_ms };
      const input = { ...at(run, position), index, target, command, idempotent, task, results };
      const outcome = await adapterOf(command, idempotent)(input);
      index += 1;
      said.push(outcome.words);
      outputs = { ...outputs, ...outcome.outputs };
      if (!outcome.ok) return { ok: false, words: said.join('; '), outputs };
    }
  }
  return { ok: true, words: said.join('; '), outputs };
}

function adapterOf(command: Command, idempotent: boolean): PlaybookActivities['runPlaybookCommand'] {
  if (command.action === 'http') return calls[idempotent ? 'again' : 'once'].runPlaybookHttp;
  if (command.action === 'steampipe') return query.runPlaybookQuery;
  return core.runPlaybookCommand;
}

async function byPerson(run: RunContext, step: ActionStep, position: Position): Promise<Settled> {
  return await untilDone(run, step, position, 'waiting_person', instructions(run, step));
}

/** A call whose end is not known is not made again: a person looks. */
async function askWhether(
  run: RunContext,
  step: ActionStep,
  position: Position,
  why: string,
): Promise<Settled> {
  return await untilDone(run, step, position, 'needs_human', `${why}. ${instructions(run, step)}`);
}

async function untilDone(
  run: RunContext,
  step: ActionStep,
  position: Position,
  status: 'waiting_person' | 'needs_human',
  description: string,
): Promise<Settled> {
  const pending: PendingPerson = { settled: undefined };
  const key = Waiting.key(position);
  // who is faster than the row must find somebody who listens
  run.waiting.people.set(key, pending);
  try {
    const { phase, owner, blocking, due_ms } = step;
    const asked = {
      ...at(run, position),
      ...words(step),
      status,
      description,
      phase,
      owner,
      blocking,
      due_ms,
    };
    const opened = await rows.openPlaybookTask(asked);
    if (opened.settled !== null)
      pending.settled ??= { ok: true, outputs: {}, by: 'task', words: `the task is ${opened.settled}` };
    const isSettled = (): boolean => pending.settled !== undefined;
    if (step.timeout_ms === null) await wf.condition(isSettled);
    else if (!(await wf.condition(isSettled, step.timeout_ms))) {
      await closeTask(run, position, 'waived', 'its time was over');
      return await end(run, step, position, 'timed_out', `took longer than ${step.timeout_ms} ms`);
    }
    const { ok = false, outputs = {}, words: said = '' } = pending.settled ?? {};
    return await end(run, step, position, ok ? 'succeeded' : 'failed', said, outputs);
  } finally {
    run.waiting.people.delete(key);
  }
}

function instructions(run: RunContext, step: ActionStep): string {
  const said = resolved(run, step).map((command) => {
    switch (command.action) {
      case 'manual':
      case 'task':
        return command.instructions;
      case 'http':
        return command.targets.map((target) => `${command.method} ${target}${command.path}`).join('\n');
      case 'steampipe':
        return command.sql;
      case 'notify':
        return `Tell ${command.audience.join(', ')}: ${command.message}`;
      case 'evidence':
        return `Keep as evidence: ${command.title}`;
    }
  });
  const asks =
    step.out_args.length === 0 ? [] : [`Answer by completing the step with: ${step.out_args.join(', ')}`];
  const keep = step.evidence.length === 0 ? [] : [`Keep: ${step.evidence.join('; ')}`];
  const team = step.team === null ? [] : [`Usually done by: ${step.team}`];
  return [step.description, ...said, ...keep, ...team, ...asks].filter((line) => line !== '').join('\n');
}
