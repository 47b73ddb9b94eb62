// One incident, from its report to the end of the time in which it may be reopened: phase, clocks, escalation.
import type { UpdateDefinition } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import type { IncidentRef } from '../../activities/incidents/types.js';
import * as commands from '../../domain/incidents/commands.js';
import { clocksAfterFact } from '../../domain/incidents/facts.js';
import * as duties from '../../domain/incidents/obligation-commands.js';
import { decay, nextWake, ring } from '../../domain/incidents/ringing.js';
import { REOPEN_WINDOW_DAYS } from '../../domain/incidents/rules.js';
import {
  type Actor,
  byPerson,
  type Change,
  type IncidentState,
  type Refusal,
} from '../../domain/incidents/state.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { refuse } from '../failures.js';
import { isLong } from '../history.js';
import { newId } from '../ids.js';
import { rowsByQueue, rowsInTask } from './incident-rows.js';
import * as messages from './messages.js';

const REOPEN_WINDOW_MS = REOPEN_WINDOW_DAYS * 86_400_000;

export async function incidentWorkflow(input: messages.IncidentInput): Promise<{ status: 'closed' }> {
  const { tenant, incident_id } = input;
  const ref: IncidentRef = { tenant, incident_id };
  const { runId: run_id } = wf.workflowInfo();
  // Decided at the start of a run: one that began otherwise goes on as it began, until it continues as new.
  const in_task = wf.patched('2026-11-rows-in-the-task');
  const rows = in_task ? rowsInTask(ref) : rowsByQueue(ref);
  const show = in_task ? showing() : showAll;
  /** Grows with every message, so that the one timer is set anew. */
  let heard = 0;
  const facts: messages.ActivityMessage[] = [...(input.facts ?? [])];
  let taken = 0;

  function handle<Message extends messages.CommandMessage>(
    update: UpdateDefinition<messages.CommandAnswer, [Message]>,
    refusal: (state: IncidentState, message: Message, now: number) => Refusal | undefined,
    act: (state: IncidentState, message: Message, actor: Actor) => Change,
  ): void {
    const check = (known: IncidentState, message: Message): void => {
      const refused = refusal(known, message, Date.now());
      if (refused) throw refuse(refused.code, refused.detail);
    };
    const handler = async (message: Message): Promise<messages.CommandAnswer> => {
      // what came before the rows were read is checked now
      await wf.condition(() => rows.known() !== undefined);
      const { actor_id, command_id, revision } = message;
      const state = await rows.write({ key: command_id, command_id, revision }, (known) => {
        check(known, message);
        return byPerson(act(known, message, { actor_id, now: Date.now(), newId }));
      });
      heard += 1;
      if (in_task) show(state);
      return { phase: state.phase, severity: state.severity };
    };
    wf.setHandler(update, handler, {
      validator(message) {
        const known = rows.known();
        // what was judged by newer rows is checked when they have been read
        if (known !== undefined && !rows.isBehind(message)) check(known, message);
      },
    });
  }

  handle(messages.transitionUpdate, commands.refuseTransition, commands.transition);
  handle(
    messages.changeUpdate,
    (known, { severity }) => (severity === undefined ? undefined : commands.refuseSeverity(known, severity)),
    (known, message, actor) => commands.change(known, message, actor),
  );
  handle(
    messages.confirmSeverityUpdate,
    (known, { actor_id }) => commands.refuseConfirmation(known, actor_id),
    (known, _, actor) => commands.confirmSeverity(known, actor),
  );
  handle(messages.acknowledgeUpdate, commands.refuseAcknowledge, (known, _, actor) =>
    commands.acknowledge(known, actor),
  );
  handle(messages.closeUpdate, commands.refuseClose, (known, { resolution }, actor) =>
    commands.close(known, resolution, actor),
  );
  handle(
    messages.pauseClockUpdate,
    (known, { clock_id }, now) => commands.refuseClockPause(known, clock_id, now),
    commands.pause,
  );
  handle(
    messages.resumeClockUpdate,
    (known, { clock_id }) => commands.refuseClockResume(known, clock_id),
    (known, { clock_id }, actor) => commands.resume(known, clock_id, actor),
  );
  handle(messages.recordEventUpdate, duties.refuseEvent, duties.recordEvent);
  handle(messages.decideObligationUpdate, duties.refuseDecision, duties.decideObligation);
  handle(
    messages.submitObligationUpdate,
    (known, { obligation_id }) => duties.refuseSubmission(known, obligation_id),
    duties.submitObligation,
  );
  handle(
    messages.waiveObligationUpdate,
    (known, { obligation_id }) => duties.refuseOnObligation(known, obligation_id),
    (known, { obligation_id }, actor) => duties.waiveObligation(known, obligation_id, actor),
  );
  wf.setHandler(messages.activitySignal, (message) => {
    facts.push(message);
    heard += 1;
  });
  wf.setHandler(messages.stateQuery, () => view(rows.known()));

  await rows.open();
  for (;;) {
    while (facts.length > 0) await takeIn(facts.shift());
    const state = await speak();
    const end = endOf(state);
    if (end !== undefined && Date.now() >= end) break;
    show(state);
    if (isLong(input.limits)) return await goOn();
    await untilTouched(wakeOf(state));
  }
  await wf.condition(wf.allHandlersFinished);
  return { status: 'closed' };

  async function untilTouched(wake: number | undefined): Promise<void> {
    const before = heard;
    const isHeard = (): boolean => heard !== before;
    // a timer that need not move stays
    const isMoved = (): boolean =>
      facts.length > 0 || wakeNow() !== wake || (isHeard() && isLong(input.limits));
    const touched = in_task ? isMoved : isHeard;
    if (wake === undefined) await wf.condition(touched);
    else if (wake > Date.now()) await wf.condition(touched, wake - Date.now());
  }

  function wakeNow(): number | undefined {
    const known = rows.known();
    return known && wakeOf(known);
  }

  async function takeIn(fact: messages.ActivityMessage | undefined): Promise<void> {
    const known = rows.known();
    if (fact === undefined || known === undefined) return;
    taken += 1;
    // the row has the time of the activity already
    rows.learn({ active_at: Math.max(known.active_at, fact.at), asked_at: null });
    // told again after its task was lost, it is the same fact
    const act = in_task ? { key: `fact:${run_id}:${taken}` } : {};
    await rows.write(act, (state) => clocksAfterFact(state, fact, Date.now(), newId));
  }

  /** Thresholds that have passed, whether the workers were there or not, each once. */
  async function speak(): Promise<IncidentState> {
    await rows.write({}, (known) => ring(known, Date.now()));
    return await rows.write({}, (known) => decay(known, Date.now(), newId));
  }

  async function goOn(): Promise<never> {
    await wf.condition(wf.allHandlersFinished);
    await rows.settled();
    // the rows are the state; only what has been told meanwhile is in no row
    const { limits } = input;
    return await wf.continueAsNew<typeof incidentWorkflow>({ ...ref, facts, ...(limits ? { limits } : {}) });
  }
}

/** Undefined while it is open, or something is still to be reported. */
function endOf(state: IncidentState): number | undefined {
  if (state.closed_at === null || duties.hasOpenObligation(state)) return undefined;
  return state.closed_at + REOPEN_WINDOW_MS;
}

function wakeOf(state: IncidentState): number | undefined {
  const moments = [nextWake(state), endOf(state)].filter((moment) => moment !== undefined);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** What operators see and search by. */
function showAll(state: IncidentState): void {
  const { phase, wake } = shown(state);
  wf.upsertSearchAttributes([phase, wake]);
  describe(state);
}

/** The same, of what has changed. */
function showing(): (state: IncidentState) => void {
  let before: Partial<ReturnType<typeof shown>> = {};
  return (state) => {
    const now = shown(state);
    const changed = [
      ...(now.phase.value === before.phase?.value ? [] : [now.phase]),
      ...(before.wake !== undefined && Number(now.wake.value) === Number(before.wake.value)
        ? []
        : [now.wake]),
    ];
    if (changed.length > 0) wf.upsertSearchAttributes(changed);
    before = now;
    describe(state);
  };
}

function shown(state: IncidentState) {
  const wake = nextWake(state);
  return {
    phase: { key: SEARCH_ATTRIBUTES.phase, value: state.status === 'closed' ? 'closed' : state.phase },
    wake: { key: SEARCH_ATTRIBUTES.slaDueAt, value: wake === undefined ? null : new Date(wake) },
  };
}

function describe(state: IncidentState): void {
  const clocks = state.clocks
    .filter(({ ended_at }) => ended_at === null)
    .map(({ kind, state: at }) => `${kind} ${at}`);
  wf.setCurrentDetails(
    `${state.severity}, ${state.phase}, ${state.status}. Clocks: ${clocks.join(', ') || 'none'}`,
  );
}

function view(state: IncidentState | undefined): messages.IncidentView {
  const wake = state && wakeOf(state);
  return {
    phase: state?.phase ?? null,
    severity: state?.severity ?? null,
    status: state?.status ?? null,
    next_wake: wake === undefined ? null : new Date(wake).toISOString(),
    open_clocks: (state?.clocks ?? [])
      .filter(({ ended_at }) => ended_at === null)
      .map(({ kind, state: at, attempt }) => ({ kind, state: at, attempt })),
  };
}
