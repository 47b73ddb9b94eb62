// Walks a plan: a pure machine that is told what has happened and says what to do next. Waiting, calling and writing
// are the workflow's. Semantics: success goes to on_success (or on_completion); failure to on_failure, else it is the
// failure of the block around it, else of the run, whose exception workflow then runs. A parallel block waits for all
// of its branches and succeeds if all of them did.
import { isTrue, parseCondition } from './condition.js';
import type { ActionStep, Plan, Step, Variables } from './plan.js';

export interface Position {
  step_id: string;
  /** 1 the first time, one more for each turn of a loop. */
  iteration: number;
}

interface Frame extends Position {
  turns: number;
}

interface Thread {
  id: number;
  /** Null: the main one. */
  parent: number | null;
  /** Blocks that it is inside of, the innermost last; not those whose branches are threads of their own. */
  frames: readonly Frame[];
  at: Position | null;
  /** Null while it runs. */
  ok: boolean | null;
}

export interface RunState {
  plan: Plan;
  dry_run: boolean;
  variables: Variables;
  threads: readonly Thread[];
  iterations: Readonly<Record<string, number>>;
  /** Actions that succeeded, in the order of their end. */
  succeeded: readonly Position[];
  /** True once the exception workflow has taken over. */
  in_exception: boolean;
  failure: (Position & { reason: string }) | null;
  outcome: 'completed' | 'failed' | null;
}

export type Effect =
  | ({ do: 'delay'; ms: number } & Position)
  | ({ do: 'act' } & Position)
  /** A block has decided: for the record. */
  | ({ do: 'note'; ok: boolean; words: string } & Position);

export type Happening =
  | ({ type: 'delayed' } & Position)
  | ({ type: 'settled'; ok: boolean; outputs: Variables; reason: string } & Position);

export interface Turn {
  state: RunState;
  effects: Effect[];
}

/** More would outgrow one history. */
export const STEPS_PER_RUN = 1_000;

/** Mutable while one happening is worked off. */
interface Draft {
  state: RunState;
  effects: Effect[];
}

export function begin(plan: Plan, variables: Variables, dry_run: boolean): Turn {
  const main: Thread = { id: 0, parent: null, frames: [], at: null, ok: null };
  const draft: Draft = {
    state: {
      plan,
      dry_run,
      variables: { ...plan.variables, ...variables },
      threads: [main],
      iterations: {},
      succeeded: [],
      in_exception: false,
      failure: null,
      outcome: null,
    },
    effects: [],
  };
  enter(draft, 0, plan.start);
  return draft;
}

/** What is told of a step that nobody waits for changes nothing. */
export function advance(before: RunState, happening: Happening): Turn {
  const draft: Draft = { state: before, effects: [] };
  const thread = before.threads.find(
    ({ at, ok }) => ok === null && at?.step_id === happening.step_id && at.iteration === happening.iteration,
  );
  const step = before.plan.steps[happening.step_id];
  if (!thread || !step || step.kind === 'end' || before.outcome !== null) return draft;
  const position = { step_id: happening.step_id, iteration: happening.iteration };
  if (happening.type === 'delayed') work(draft, thread.id, step, position);
  else if (step.kind === 'action') settle(draft, thread.id, step, position, happening);
  return draft;
}

/** The variables as a step sees them: its own hide those of the playbook. */
export function scopeOf(state: RunState, step: Step): Variables {
  return step.kind === 'end' ? state.variables : { ...state.variables, ...step.variables };
}

/** Undoings of what succeeded, the last first. */
export function compensations({ plan, succeeded }: RunState): { of: Position; step: ActionStep }[] {
  return succeeded.toReversed().flatMap((of) => {
    const step = plan.steps[of.step_id];
    const undo =
      step?.kind === 'action' && step.compensate_step !== null ? plan.steps[step.compensate_step] : undefined;
    return undo?.kind === 'action' ? [{ of, step: undo }] : [];
  });
}

function threadOf(draft: Draft, id: number): Thread {
  const thread = draft.state.threads.find((each) => each.id === id);
  if (!thread) throw new Error(`no thread ${id}`);
  return thread;
}

function change(draft: Draft, id: number, set: Partial<Thread>): void {
  const threads = draft.state.threads.map((each) => (each.id === id ? { ...each, ...set } : each));
  draft.state = { ...draft.state, threads };
}

function enter(draft: Draft, thread_id: number, step_id: string): void {
  const { frames } = threadOf(draft, thread_id);
  const step = draft.state.plan.steps[step_id];
  if (!step) throw new Error(`no step ${step_id}`);
  // back at the loop that it is in: a turn is over
  if (step.kind === 'end' || frames.at(-1)?.step_id === step_id) return leave(draft, thread_id);
  const entered = Object.values(draft.state.iterations).reduce((sum, count) => sum + count, 0);
  const iteration = (draft.state.iterations[step_id] ?? 0) + 1;
  draft.state = { ...draft.state, iterations: { ...draft.state.iterations, [step_id]: iteration } };
  const position = { step_id, iteration };
  change(draft, thread_id, { at: position });
  if (entered >= STEPS_PER_RUN) return fail(draft, thread_id, position, `more than ${STEPS_PER_RUN} steps`);
  if (step.delay_ms > 0) draft.effects.push({ do: 'delay', ms: step.delay_ms, ...position });
  else work(draft, thread_id, step, position);
}

function work(draft: Draft, thread_id: number, step: Step, position: Position): void {
  switch (step.kind) {
    case 'end':
      return;
    case 'start':
      return go(draft, thread_id, step.on_success);
    case 'action':
      draft.effects.push({ do: 'act', ...position });
      return;
    case 'parallel':
      return fork(draft, thread_id, step.branches, position);
    case 'if': {
      const met = isTrue(parseCondition(step.condition), scopeOf(draft.state, step));
      note(draft, position, true, `condition is ${String(met)}`);
      return into(draft, thread_id, step, { ...position, turns: 1 }, met ? step.on_true : step.on_false);
    }
    case 'switch': {
      const value = scopeOf(draft.state, step)[step.variable] ?? '';
      const word = Object.hasOwn(step.cases, value) ? value : 'default';
      const entry = Object.hasOwn(step.cases, word) ? (step.cases[word] ?? null) : null;
      note(draft, position, true, entry === null ? `no case for "${value}"` : `case ${word}`);
      return into(draft, thread_id, step, { ...position, turns: 1 }, entry);
    }
    case 'while':
      return turn(draft, thread_id, step, { ...position, turns: 0 });
  }
}

type Block = Extract<Step, { kind: 'if' | 'switch' | 'while' }>;

function into(draft: Draft, thread_id: number, step: Block, frame: Frame, entry: string | null): void {
  if (entry === null) return go(draft, thread_id, step.on_success);
  change(draft, thread_id, { frames: [...threadOf(draft, thread_id).frames, frame], at: null });
  enter(draft, thread_id, entry);
}

function turn(draft: Draft, thread_id: number, step: Extract<Step, { kind: 'while' }>, frame: Frame): void {
  const { state } = draft;
  const position = { step_id: frame.step_id, iteration: frame.iteration };
  const met = isTrue(parseCondition(step.condition), scopeOf(state, step));
  // nothing that a dry run does could ever end the loop
  const over = !met || (state.dry_run && frame.turns > 0);
  if (over) {
    note(draft, position, true, `left after ${frame.turns} turns`);
    return go(draft, thread_id, step.on_success);
  }
  if (frame.turns >= step.max_iterations) {
    const reason = `the condition still holds after ${frame.turns} turns`;
    note(draft, position, false, reason);
    return fail(draft, thread_id, position, reason);
  }
  into(draft, thread_id, step, { ...frame, turns: frame.turns + 1 }, step.on_true);
}

function fork(draft: Draft, thread_id: number, branches: readonly string[], position: Position): void {
  note(draft, position, true, `${branches.length} branches`);
  const first = draft.state.threads.length;
  const children = branches.map((_, index): Thread => ({
    id: first + index,
    parent: thread_id,
    frames: [],
    at: null,
    ok: null,
  }));
  draft.state = { ...draft.state, threads: [...draft.state.threads, ...children] };
  for (const [index, entry] of branches.entries()) enter(draft, first + index, entry);
}

function settle(
  draft: Draft,
  thread_id: number,
  step: ActionStep,
  position: Position,
  { ok, outputs, reason }: Extract<Happening, { type: 'settled' }>,
): void {
  const { state } = draft;
  const kept = Object.entries(outputs).filter(
    ([name]) => step.out_args.includes(name) && step.variables[name] === undefined,
  );
  draft.state = { ...state, variables: { ...state.variables, ...Object.fromEntries(kept) } };
  if (!ok) return fail(draft, thread_id, position, reason);
  draft.state = { ...draft.state, succeeded: [...draft.state.succeeded, position] };
  go(draft, thread_id, step.on_success);
}

function go(draft: Draft, thread_id: number, target: string | null): void {
  if (target === null) leave(draft, thread_id);
  else enter(draft, thread_id, target);
}

/** At the end of the innermost branch that succeeded. */
function leave(draft: Draft, thread_id: number): void {
  const { frames } = threadOf(draft, thread_id);
  const frame = frames.at(-1);
  if (!frame) return end(draft, thread_id, true);
  const step = draft.state.plan.steps[frame.step_id];
  const position = { step_id: frame.step_id, iteration: frame.iteration };
  change(draft, thread_id, { frames: frames.slice(0, -1), at: position });
  if (step?.kind === 'while') turn(draft, thread_id, step, frame);
  else if (step && step.kind !== 'end') go(draft, thread_id, step.on_success);
}

/** Where a failure goes: to its own path, else outwards. */
function fail(draft: Draft, thread_id: number, position: Position, reason: string): void {
  const step = draft.state.plan.steps[position.step_id];
  if (step && step.kind !== 'end' && step.on_failure !== null)
    return enter(draft, thread_id, step.on_failure);
  const { frames } = threadOf(draft, thread_id);
  const frame = frames.at(-1);
  if (frame) {
    change(draft, thread_id, { frames: frames.slice(0, -1) });
    return fail(draft, thread_id, { step_id: frame.step_id, iteration: frame.iteration }, reason);
  }
  draft.state = { ...draft.state, failure: { ...position, reason } };
  end(draft, thread_id, false);
}

function end(draft: Draft, thread_id: number, ok: boolean): void {
  change(draft, thread_id, { at: null, ok });
  const { parent } = threadOf(draft, thread_id);
  if (parent !== null) return join(draft, parent);
  const { plan, in_exception } = draft.state;
  if (ok && !in_exception) {
    // a failure that found its path in the end is no failure of the run
    draft.state = { ...draft.state, outcome: 'completed', failure: null };
    return;
  }
  if (ok || in_exception || plan.exception === null) {
    draft.state = { ...draft.state, outcome: 'failed' };
    return;
  }
  draft.state = { ...draft.state, in_exception: true };
  change(draft, thread_id, { ok: null, frames: [] });
  enter(draft, thread_id, plan.exception);
}

/** Goes on behind a parallel block once all of its branches have ended. */
function join(draft: Draft, parent: number): void {
  const { at } = threadOf(draft, parent);
  const children = draft.state.threads.filter((each) => each.parent === parent);
  if (at === null || children.some(({ ok }) => ok === null)) return;
  // the same thread may fork again
  draft.state = {
    ...draft.state,
    threads: draft.state.threads.map((each) => (each.parent === parent ? { ...each, parent: -1 } : each)),
  };
  const step = draft.state.plan.steps[at.step_id];
  if (step?.kind !== 'parallel') return;
  if (children.every(({ ok }) => ok === true)) return go(draft, parent, step.on_success);
  fail(draft, parent, at, draft.state.failure?.reason ?? 'a branch failed');
}

function note(draft: Draft, position: Position, ok: boolean, words: string): void {
  draft.effects.push({ do: 'note', ok, words, ...position });
}
