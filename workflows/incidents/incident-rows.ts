// What an incident decides becomes rows, one change after the other; and what its workflow knows is what they say.
import * as wf from '@temporalio/workflow';
import type { IncidentActivities, IncidentRef } from '../../activities/incidents/types.js';
import { apply, type Change, type IncidentFields, type IncidentState } from '../../domain/incidents/state.js';
import { DATABASE, DATABASE_HERE } from '../activity-options.js';
import { refuse } from '../failures.js';
import { newId } from '../ids.js';
import { localFirst } from '../local-first.js';

const here = wf.proxyLocalActivities<IncidentActivities>(DATABASE_HERE);
const queued = wf.proxyActivities<IncidentActivities>(DATABASE);

export interface Act {
  /** Of what may come twice: a repetition writes nothing. Without one, the state says what has been done. */
  key?: string;
  command_id?: string;
  /** As in its message. */
  revision?: number | undefined;
}

/** Throws what is to be refused; undefined when there is nothing to change. */
export type Decide = (state: IncidentState) => Change | undefined;

export interface IncidentRows {
  /** Undefined until they have been read. */
  known(): IncidentState | undefined;
  open(): Promise<void>;
  /** True when a message was judged by rows that are ahead of what is known here. */
  isBehind(act: Act): boolean;
  /** @returns the state after it */
  write(act: Act, decide: Decide): Promise<IncidentState>;
  /** What is in the rows already. */
  learn(fields: Partial<IncidentFields>): void;
  /** Everything that was decided is written. */
  settled(): Promise<void>;
}

/** Each change is decided on what the rows say, and written within the task that decides it. */
export function rowsInTask(ref: IncidentRef): IncidentRows {
  const { runId: run_id } = wf.workflowInfo();
  const { inTurn, settled } = turns();
  let state: IncidentState | undefined;

  const open = async (): Promise<void> => {
    state = await localFirst(
      () => here.openIncident({ ...ref, run_id }),
      () => queued.openIncident({ ...ref, run_id }),
    );
  };
  const isBehind = ({ revision = 0 }: Act): boolean => revision > (state?.revision ?? 0);

  async function settle(act: Act, decide: Decide): Promise<IncidentState> {
    // The task in which a change was written may have been lost with its worker: then the rows know more.
    if (isBehind(act)) await open();
    for (;;) {
      const known = required(state);
      const change = decide(known);
      if (change === undefined) return known;
      const { key = newId(), command_id = null } = act;
      const input = { ...ref, key, command_id, change, revision: known.revision ?? 0 };
      const ahead = await localFirst(
        () => here.recordIncidentChange(input),
        () => queued.recordIncidentChange(input),
      );
      state = ahead?.state ?? apply(known, change);
      if (ahead === null || ahead.known) return state;
    }
  }

  return {
    known: () => state,
    open,
    isBehind,
    write: (act, decide) => inTurn(() => settle(act, decide)),
    learn(fields) {
      if (state) state = { ...state, ...fields };
    },
    settled,
  };
}

/** As in runs that began before: the history has a change first, an activity of the queue writes it. */
export function rowsByQueue(ref: IncidentRef): IncidentRows {
  const { runId: run_id } = wf.workflowInfo();
  const { inTurn, settled } = turns();
  let state: IncidentState | undefined;
  return {
    known: () => state,
    async open() {
      state = await queued.openIncident({ ...ref, run_id });
    },
    isBehind: () => false,
    async write({ key: given, command_id = null }, decide) {
      const known = required(state);
      const change = decide(known);
      if (change === undefined) return known;
      state = apply(known, change);
      const key = given ?? newId();
      await inTurn(() => queued.recordIncidentChange({ ...ref, key, command_id, change }));
      return state;
    },
    learn(fields) {
      if (state) state = { ...state, ...fields };
    },
    settled,
  };
}

function required(state: IncidentState | undefined): IncidentState {
  if (state === undefined) throw refuse('CONFLICT', 'the incident is not known yet');
  return state;
}

interface Turns {
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  settled: () => Promise<void>;
}

function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    inTurn: (work) => {
      const turn = last.then(work);
      last = turn.catch(() => undefined);
      return turn;
    },
    settled: async () => {
      await last;
    },
  };
}
