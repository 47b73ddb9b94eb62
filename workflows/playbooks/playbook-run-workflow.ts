// One run of a playbook on an incident: the machine says what is next, this file waits, asks and writes.
import type { UpdateDefinition } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import type { PlaybookActivities, RunChange } from '../../activities/playbooks/types.js';
import {
  advance,
  begin,
  compensations,
  type Effect,
  type Position,
  type RunState,
  type Turn,
} from '../../domain/playbooks/interpreter.js';
import type { ActionStep } from '../../domain/playbooks/plan.js';
import { needsAnother, type RunStatus } from '../../domain/playbooks/rules.js';
import { DATABASE } from '../activity-options.js';
import { refuse } from '../failures.js';
import { newId } from '../ids.js';
import * as messages from './messages.js';
import type { RunContext } from './step-context.js';
import { runStep } from './step-runner.js';
import { Waiting } from './waiting.js';

const rows = wf.proxyActivities<PlaybookActivities>(DATABASE);

export async function playbookRunWorkflow(input: messages.PlaybookRunInput): Promise<{ status: RunStatus }> {
  const { tenant, incident_id, run_id } = input;
  const ref = { tenant, incident_id, run_id };
  const waiting = new Waiting();
  let status: RunStatus = 'running';
  let started_by = '';
  let state: RunState | undefined;
  /** Set by people: the run ends before its last step. */
  let stop: 'abort' | 'rollback' | undefined;
  let broken: unknown;
  let under_way = 0;
  const doing = new Set<string>();

  const write = (
    to: RunStatus,
    message: messages.RunMessage | null,
    { failure = null, asked = null }: Partial<Pick<RunChange, 'failure' | 'asked'>> = {},
  ) =>
    rows.recordPlaybookRun({
      ...ref,
      key: message?.command_id ?? newId(),
      command_id: message?.command_id ?? null,
      actor_id: message?.actor_id ?? null,
      status: to,
      failure,
      asked,
    });

  listen();
  const { workflowId: _, runId: temporal_run_id } = wf.workflowInfo();
  const opened = await rows.openPlaybookRun({ ...ref, temporal_run_id });
  started_by = opened.started_by;
  if (opened.status === 'paused') status = 'paused';
  const known = begin(opened.plan, opened.variables, opened.dry_run);
  state = known.state;
  const current = (): RunState => state ?? known.state;
  const run: RunContext = {
    ref,
    opened,
    waiting,
    state: current,
    unpaused: () => wf.condition(() => status !== 'paused'),
  };
  const scope = new wf.CancellationScope();
  let ended: RunStatus;
  try {
    ended = await walk();
  } catch (error) {
    if (!wf.isCancellation(error)) throw error;
    ended = 'cancelled';
  }
  await wf.CancellationScope.nonCancellable(async () => {
    const failure =
      ended === 'failed' || ended === 'rolled_back' ? (current().failure?.reason ?? null) : null;
    await write(ended, null, { failure });
    await wf.condition(wf.allHandlersFinished);
  });
  return { status: ended };

  async function walk(): Promise<RunStatus> {
    await scope.run(async () => {
      follow(known);
      await wf.condition(() => current().outcome !== null || stop !== undefined || broken !== undefined);
    });
    if (stop !== undefined) scope.cancel();
    await wf.condition(() => under_way === 0);
    if (broken !== undefined) throw broken;
    const { outcome, plan } = current();
    const undo =
      stop === 'rollback' || (outcome === 'failed' && plan.rollback_on_failure && stop === undefined);
    if (undo && !opened.dry_run) return await rollBack();
    if (stop !== undefined) return 'cancelled';
    return outcome === 'completed' ? 'completed' : 'failed';
  }

  function follow(turn: Turn): void {
    state = turn.state;
    for (const effect of turn.effects) {
      under_way += 1;
      void scope
        .run(() => carryOut(effect))
        .catch((error: unknown) => {
          if (!wf.isCancellation(error)) broken ??= error;
        })
        .finally(() => {
          under_way -= 1;
        });
    }
  }

  async function carryOut(effect: Effect): Promise<void> {
    const { step_id, iteration } = effect;
    const position: Position = { step_id, iteration };
    const step = opened.plan.steps[step_id];
    if (!step) return;
    switch (effect.do) {
      case 'delay':
        if (!opened.dry_run) await wf.sleep(effect.ms);
        follow(advance(current(), { type: 'delayed', ...position }));
        return;
      case 'note':
        await rows.recordPlaybookStep({
          ...ref,
          ...position,
          name: step.name,
          action: null,
          risk_class: null,
          status: effect.ok ? 'succeeded' : 'failed',
          result: effect.words,
        });
        return;
      case 'act': {
        if (step.kind !== 'action') return;
        doing.add(step.name);
        show();
        const settled = await runStep(run, step, position);
        doing.delete(step.name);
        show();
        follow(advance(current(), { type: 'settled', ...position, ...settled }));
      }
    }
  }

  /** What operators see. */
  function show(): void {
    wf.setCurrentDetails(`${status}. Under way: ${[...doing].join(', ') || 'nothing'}`);
  }

  /** One after the other, the last first; one that fails keeps none of the others from being undone. */
  async function rollBack(): Promise<RunStatus> {
    status = 'rolling_back';
    await write('rolling_back', null, { failure: current().failure?.reason ?? null });
    const iterations = new Map(Object.entries(current().iterations));
    let all = true;
    for (const { step } of compensations(current())) {
      const iteration = (iterations.get(step.id) ?? 0) + 1;
      iterations.set(step.id, iteration);
      const { ok } = await undo(step, { step_id: step.id, iteration });
      all &&= ok;
    }
    return all ? 'rolled_back' : 'failed';
  }

  async function undo(step: ActionStep, position: Position): Promise<{ ok: boolean }> {
    return await runStep(run, step, position);
  }

  function listen(): void {
    wf.setHandler(messages.approveUpdate, (message) => decide(message, 'approve'), { validator: mayDecide });
    wf.setHandler(messages.rejectUpdate, (message) => decide(message, 'reject'), { validator: mayReject });
    wf.setHandler(messages.completeUpdate, complete, { validator: mayComplete });
    on(
      messages.pauseRunUpdate,
      (message) => turnTo('paused', message),
      () => insist(status === 'running', `a run that is ${status} cannot pause`),
    );
    on(
      messages.resumeRunUpdate,
      (message) => turnTo('running', message),
      () => insist(status === 'paused', `a run that is ${status} cannot resume`),
    );
    on(messages.abortUpdate, (message) => end('abort', message), mayEnd);
    on(messages.rollbackUpdate, (message) => end('rollback', message), mayEnd);
    wf.setHandler(messages.taskSettledSignal, (message) => {
      const pending = waiting.people.get(Waiting.key(message));
      if (pending)
        pending.settled ??= { ok: true, outputs: {}, by: 'task', words: `the task is ${message.status}` };
    });
    wf.setHandler(messages.runQuery, () => ({
      status,
      under_way: [...waiting.approvals.keys(), ...waiting.people.keys()],
    }));
  }

  function on(
    update: UpdateDefinition<messages.RunAnswer, [messages.RunMessage]>,
    handler: (message: messages.RunMessage) => Promise<messages.RunAnswer>,
    check: (message: messages.RunMessage) => void,
  ): void {
    wf.setHandler(update, handler, { validator: (message) => check(message) });
  }

  function insist(allowed: boolean, detail: string): void {
    if (!allowed) throw refuse('CONFLICT', detail);
  }

  function mayEnd(): void {
    insist(status === 'running' || status === 'paused', `a run that is ${status} cannot be ended`);
    insist(stop === undefined, 'the run is being ended already');
  }

  function mayReject({ args_hash, ...message }: messages.DecisionMessage): void {
    const pending = waiting.approvals.get(Waiting.key(message));
    if (!pending) throw refuse('CONFLICT', 'the step does not wait for an approval');
    insist(
      pending.args_hash === args_hash && pending.isCurrent(),
      'the arguments of the step have changed: look at them again',
    );
  }

  function mayDecide(message: messages.DecisionMessage): void {
    mayReject(message);
    const pending = waiting.approvals.get(Waiting.key(message));
    insist(pending?.approved_by.has(message.actor_id) !== true, 'the same person approves once');
    if (pending && needsAnother(pending.risk_class) && message.actor_id === started_by)
      throw refuse('FORBIDDEN', 'whoever started the run does not approve what disrupts');
  }

  async function decide(
    message: messages.DecisionMessage,
    verdict: 'approve' | 'reject',
  ): Promise<messages.RunAnswer> {
    const { step_id, iteration, command_id, actor_id, args_hash } = message;
    const pending = waiting.approvals.get(Waiting.key(message));
    if (!pending) throw refuse('CONFLICT', 'the step does not wait for an approval');
    const { name, risk_class, roles } = pending;
    await rows.recordPlaybookApproval({
      ...ref,
      step_id,
      iteration,
      command_id,
      actor_id,
      args_hash,
      verdict,
      risk_class,
      name,
      roles,
    });
    if (verdict === 'approve') pending.approved_by.add(actor_id);
    else pending.rejected = true;
    return { status };
  }

  function mayComplete(message: messages.CompleteMessage): void {
    const pending = waiting.people.get(Waiting.key(message));
    insist(pending !== undefined && pending.settled === undefined, 'the step does not wait for a person');
  }

  async function complete(message: messages.CompleteMessage): Promise<messages.RunAnswer> {
    const { step_id, iteration, command_id, actor_id, ok, outputs } = message;
    const pending = waiting.people.get(Waiting.key(message));
    if (pending)
      pending.settled ??= {
        ok,
        outputs,
        by: 'person',
        words: ok ? 'done by a person' : 'a person says it failed',
      };
    await rows.closePlaybookTask({
      ...ref,
      step_id,
      iteration,
      actor_id,
      command_id,
      status: ok ? 'done' : 'waived',
      result: ok ? 'completed as a step of the playbook' : 'failed as a step of the playbook',
    });
    return { status };
  }

  async function turnTo(to: 'paused' | 'running', message: messages.RunMessage): Promise<messages.RunAnswer> {
    status = to;
    show();
    await write(to, message);
    return { status };
  }

  async function end(how: 'abort' | 'rollback', message: messages.RunMessage): Promise<messages.RunAnswer> {
    stop = how;
    await write(status, message, { asked: how });
    return { status };
  }
}
