// One incident, from its report to the end of the time in which it may be reopened: phase, clocks, escalation.
import type { UpdateDefinition } from '@temporalio/common';
import * as wf from '@temporalio/workflow';
import type { IncidentActivities, IncidentRef } from '../../activities/incidents/types.js';
import * as commands from '../../domain/incidents/commands.js';
import { clocksAfterFact } from '../../domain/incidents/facts.js';
import * as duties from '../../domain/incidents/obligation-commands.js';
import { decay, nextWake, ring } from '../../domain/incidents/ringing.js';
import { REOPEN_WINDOW_DAYS } from '../../domain/incidents/rules.js';
import {
  type Actor,
  apply,
  byPerson,
  type Change,
  type IncidentState,
  type Refusal,
} from '../../domain/incidents/state.js';
import { SEARCH_ATTRIBUTES } from '../../domain/temporal.js';
import { DATABASE } from '../activity-options.js';
import { refuse } from '../failures.js';
import { isLong } from '../history.js';
import { newId } from '../ids.js';
import * as messages from './messages.js';

const REOPEN_WINDOW_MS = REOPEN_WINDOW_DAYS * 86_400_000;

const rows = wf.proxyActivities<IncidentActivities>(DATABASE);

export async function incidentWorkflow(input: messages.IncidentInput): Promise<{ status: 'closed' }> {
  const { tenant, incident_id } = input;
  const ref: IncidentRef = { tenant, incident_id };
  const { runId: run_id } = wf.workflowInfo();
  let state: IncidentState | undefined;
  /** Grows with every message, so that the one timer is set anew. */
  let heard = 0;
  const facts: messages.ActivityMessage[] = [...(input.facts ?? [])];

  // Rows are written one after the other, in the order in which the changes were decided.
  let writing: Promise<void> = Promise.resolve();
  const write = (key: string, command_id: string | null, change: Change): Promise<void> => {
    const turn = writing.then(() => rows.recordIncidentChange({ ...ref, key, command_id, change }));
    writing = turn.catch(() => undefined);
    return turn;
  };

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
      await wf.condition(() => state !== undefined);
      if (state === undefined) throw refuse('CONFLICT', 'the incident is not known yet');
      check(state, message);
      const { actor_id, command_id } = message;
      const change = byPerson(act(state, message, { actor_id, now: Date.now(), newId }));
      state = apply(state, change);
      await write(command_id, command_id, change);
      heard += 1;
      return { phase: state.phase, severity: state.severity };
    };
    wf.setHandler(update, handler, {
      validator(message) {
        if (state !== undefined) check(state, message);
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
  wf.setHandler(messages.stateQuery, () => view(state));

  state = await rows.openIncident({ ...ref, run_id });
  for (;;) {
    while (facts.length > 0) await takeIn(facts.shift());
    await speak();
    const end = endOf(state);
    if (end !== undefined && Date.now() >= end) break;
    show(state);
    if (isLong(input.limits)) return await goOn();
    const before = heard;
    const wake = wakeOf(state);
    const isHeard = (): boolean => heard !== before;
    if (wake === undefined) await wf.condition(isHeard);
    else if (wake > Date.now()) await wf.condition(isHeard, wake - Date.now());
  }
  await wf.condition(wf.allHandlersFinished);
  return { status: 'closed' };

  async function takeIn(fact: messages.ActivityMessage | undefined): Promise<void> {
    if (state === undefined || fact === undefined) return;
    const change = clocksAfterFact(state, fact, Date.now(), newId);
    // the row has the time of the activity already
    state = { ...state, active_at: Math.max(state.active_at, fact.at), asked_at: null };
    if (change) await decide(change);
  }

  /** Thresholds that have passed, whether the workers were there or not, each once. */
  async function speak(): Promise<void> {
    for (const say of [ring, decay]) {
      const change = state && say(state, Date.now(), newId);
      if (change) await decide(change);
    }
  }

  async function decide(change: Change): Promise<void> {
    if (state === undefined) return;
    state = apply(state, change);
    await write(newId(), null, change);
  }

  async function goOn(): Promise<never> {
    await wf.condition(wf.allHandlersFinished);
    await writing;
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
function show(state: IncidentState): void {
  const wake = nextWake(state);
  wf.upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.phase, value: state.status === 'closed' ? 'closed' : state.phase },
    { key: SEARCH_ATTRIBUTES.slaDueAt, value: wake === undefined ? null : new Date(wake) },
  ]);
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
