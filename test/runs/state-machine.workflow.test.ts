// R12: pause, resume and cancel sent two to five times, mixed, repeated by the relay in another order, and racing the
// end of the run. A model says what each answer may be; what cannot be obeyed is a conflict and leaves no event.
import { Client } from '@temporalio/client';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssessmentCommand } from '../../domain/assessments/rules.js';
import { withClient } from '../../local/postgres/databases.js';
import { dataConverterOf } from '../support/codec.js';
import type { Answer } from '../support/http.js';
import { ended, poll, startStage, type Run, type Stage } from './stage.js';
import { DECLARED, LEADS_TO, LEGAL, MOVES, NOTES } from './states.js';

/** `FC_RUNS` plays more, `FC_SEED` plays again what a failure printed. */
const RUNS = Number(process.env['FC_RUNS'] ?? 12);
const SEED = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31);
const CONTROLS = 8;
const LANES = 2;

let stage: Stage;
let client: Client;

beforeAll(async () => {
  stage = await startStage({ ASSESSMENT_CONCURRENCY: String(LANES) });
  await withClient(stage.api.database.owner_url, (connection) => connection.query(NOTES));
  const dataConverter = dataConverterOf(stage.api.database.db);
  client = new Client({ connection: stage.temporal.connection, dataConverter });
  await stage.startWorker();
});
afterAll(() => stage.stop());

/** What the row last said; `in_progress` may become `completed` by itself. */
interface Model {
  status: string;
}

interface Real {
  run: Run;
  execution_id: string;
  workflow_id: string;
}

type Move = fc.AsyncCommand<Model, Real>;

async function rows<T extends object>(sql: string, id: string): Promise<T[]> {
  return await withClient(stage.api.database.owner_url, async (connection) => {
    return (await connection.query<T>(sql, [id])).rows;
  });
}

interface CommandRow {
  id: string;
  kind: AssessmentCommand;
  status: 'requested' | 'accepted' | 'refused';
}

async function commandsOf({ execution_id }: Real): Promise<CommandRow[]> {
  return await rows('select id, kind, status from command where execution_id = $1 order by id', execution_id);
}

async function accepted(real: Real): Promise<CommandRow[]> {
  return (await commandsOf(real)).filter(({ status }) => status === 'accepted');
}

/** Every command is decided and, unless the run goes on, the workflow has nothing left to do. */
async function settle(model: Model, real: Real): Promise<void> {
  await poll('every command is decided', async () =>
    (await commandsOf(real)).every(({ status }) => status !== 'requested'),
  );
  model.status = (await real.run.status()).status;
  if (model.status === 'in_progress') return;
  await poll('the workflow is still', async () => {
    if (model.status === 'paused') return await stage.idle(real.workflow_id);
    const { status } = await client.workflow.getHandle(real.workflow_id).describe();
    return status.name !== 'RUNNING';
  });
}

async function eventsOf({ workflow_id }: Real): Promise<number> {
  return (await client.workflow.getHandle(workflow_id).describe()).historyLength;
}

function yes({ status, body }: Answer): boolean {
  if (status === 200) return true;
  expect({ status, code: body.code }).toEqual({ status: 409, code: 'CONFLICT' });
  return false;
}

const confirmed = (answer: Answer): boolean => yes(answer) && answer.body.requested === null;

/** The same wish several times at once. */
function send(kind: AssessmentCommand, copies: number): Move {
  return {
    check: () => true,
    toString: () => `${kind}×${copies}`,
    async run(model, real) {
      const before = model.status;
      const events = await eventsOf(real);
      const answers = await Promise.all(Array.from({ length: copies }, () => real.run.command(kind)));
      await settle(model, real);
      if (LEGAL[before]?.includes(kind) !== true) {
        expect(answers.filter(yes)).toEqual([]);
        if (before !== 'in_progress') expect(await eventsOf(real)).toBe(events);
      }
      // the run may have ended of itself, before the wish or after it
      const reached = answers.some(confirmed)
        ? LEADS_TO[kind]
        : answers.some(yes)
          ? [before, ...LEADS_TO[kind]]
          : [before];
      const may = before === 'in_progress' && !answers.some(confirmed) ? [...reached, 'completed'] : reached;
      expect(may).toContain(model.status);
      if (before === 'paused' && LEGAL[before]?.includes(kind)) expect(answers.some(yes)).toBe(true);
    },
  };
}

/** Different wishes at once: any of them may win, none may be half done. */
function storm(kinds: AssessmentCommand[]): Move {
  return {
    check: () => true,
    toString: () => `storm(${kinds.join(' ')})`,
    async run(model, real) {
      const before = model.status;
      const answers = await Promise.all(kinds.map((kind) => real.run.command(kind)));
      await settle(model, real);
      const obeyed = kinds.filter((_, index) => answers[index] !== undefined && yes(answers[index]));
      const may = [before, 'completed', ...obeyed.flatMap((kind) => LEADS_TO[kind])];
      expect(LEGAL[before] === undefined ? [before] : may).toContain(model.status);
      if (before === 'paused' && obeyed.length === 0) expect(model.status).toBe('paused');
    },
  };
}

/** What the relay does after it died between sending and noting it: the same updates again, the last one first. */
function redeliver(): Move {
  return {
    check: () => true,
    toString: () => 'redeliver',
    async run(model, real) {
      const before = model.status;
      const events = await eventsOf(real);
      const handle = client.workflow.getHandle(real.workflow_id);
      const updates = (await accepted(real)).filter(({ kind }) => kind !== 'cancel').reverse();
      await Promise.allSettled(
        updates.map(({ id, kind }) =>
          handle.executeUpdate(kind, { args: [{ command_id: id }], updateId: id }),
        ),
      );
      await settle(model, real);
      expect(before === 'in_progress' ? [before, 'completed'] : [before]).toContain(model.status);
      if (before !== 'in_progress') expect(await eventsOf(real)).toBe(events);
    },
  };
}

/** A wish that reaches the workflow although its row says no: the workflow itself refuses it, and writes nothing. */
function smuggle(kind: 'pause' | 'resume', id: string): Move {
  return {
    check: () => true,
    toString: () => `smuggle(${kind})`,
    async run(model, real) {
      if (model.status === 'in_progress' || LEGAL[model.status]?.includes(kind)) return;
      const events = await eventsOf(real);
      const handle = client.workflow.getHandle(real.workflow_id);
      const sent = handle.executeUpdate(kind, { args: [{ command_id: id }], updateId: id });
      await expect(sent).rejects.toThrow();
      expect(await eventsOf(real)).toBe(events);
    },
  };
}

function work(controls: number): Move {
  return {
    check: () => true,
    toString: () => `work(${controls})`,
    async run(model, real) {
      if (model.status !== 'in_progress') return;
      const { controls_evaluated } = await real.run.status();
      const status = await real.run.until(
        (now) => now.controls_evaluated >= controls_evaluated + controls || ended(now),
      );
      model.status = status.status;
    },
  };
}

/** Whatever happened: each command had its effect once or not at all, and no state was ever seen that is not declared. */
async function verify(real: Real, status: string): Promise<void> {
  const { execution_id } = real;
  const notes = await rows<{ kind: string; said: string }>(
    'select kind, said from state_note where execution_id = $1',
    execution_id,
  );
  const said = (kind: string): string[] =>
    notes.filter((note) => note.kind === kind).map((note) => note.said);
  expect(said('pair').filter((pair) => !DECLARED.has(pair))).toEqual([]);
  expect(said('move').filter((move) => !MOVES.has(move))).toEqual([]);

  const obeyed = await accepted(real);
  const count = (kind: AssessmentCommand): number => obeyed.filter((command) => command.kind === kind).length;
  const into = (state: string): number => said('move').filter((move) => move.endsWith(`>${state}`)).length;
  expect(into('paused')).toBe(count('pause'));
  expect(into('cancelled')).toBe(count('cancel'));
  expect(into('running') - count('resume')).toBeGreaterThanOrEqual(0);
  expect(into('running') - count('resume')).toBeLessThanOrEqual(1); // the beginning
  expect(into('completed') + into('cancelled')).toBe(1);
  expect(count('cancel')).toBe(status === 'cancelled' ? 1 : 0);

  const audit = await rows<{ action: string }>(
    `select action from audit_log where body like '%' || $1 || '%' and action in
       ('assessment.paused', 'assessment.resumed', 'assessment.cancelled', 'assessment.completed')`,
    execution_id,
  );
  const audited = (action: string): number => audit.filter((entry) => entry.action === action).length;
  expect(audited('assessment.paused')).toBe(count('pause'));
  expect(audited('assessment.resumed')).toBe(count('resume'));
  expect(audited('assessment.cancelled') + audited('assessment.completed')).toBe(1);

  const { events } = await client.workflow.getHandle(real.workflow_id).fetchHistory();
  const ids = (events ?? []).flatMap((event) => {
    const update = event.workflowExecutionUpdateAcceptedEventAttributes;
    return update ? [update.acceptedRequest?.meta?.updateId ?? ''] : [];
  });
  const updates = obeyed.filter(({ kind }) => kind !== 'cancel').map(({ id }) => id);
  expect([...ids].sort()).toEqual(updates.sort());
}

const kind = fc.constantFrom<AssessmentCommand[]>('pause', 'pause', 'resume', 'resume', 'cancel');
const copies = fc.integer({ min: 2, max: 5 });
const moves = fc.commands(
  [
    fc.tuple(fc.constantFrom<AssessmentCommand[]>('pause'), copies).map((args) => send(...args)),
    fc.tuple(fc.constantFrom<AssessmentCommand[]>('resume'), copies).map((args) => send(...args)),
    fc.tuple(kind, copies).map((args) => send(...args)),
    fc.array(kind, { minLength: 2, maxLength: 6 }).map(storm),
    fc.constant(redeliver()),
    fc.tuple(fc.constantFrom('pause' as const, 'resume' as const), fc.uuid()).map((args) => smuggle(...args)),
    fc.integer({ min: 1, max: 3 }).map(work),
  ],
  { maxCommands: 12, size: '+1' },
);

test('whatever is asked, however often and in whatever order, the run stays in a declared state', async () => {
  const property = fc.asyncProperty(fc.constantFrom(20, 100, 300), moves, async (ms, sequence) => {
    stage.llm.reset();
    stage.llm.setMode({ mode: 'slow', ms });
    const run = await stage.org.assess(stage.org.refs.slice(0, CONTROLS));
    const { body } = await run.execute();
    const real = { run, execution_id: body.execution_id, workflow_id: body.workflow.id };
    const model = { status: 'in_progress' };
    await fc.asyncModelRun(() => ({ model, real }), sequence);
    if (model.status === 'paused') await run.command('resume');
    const last = await run.until(ended);
    await settle(model, real);
    await verify(real, last.status);
    if (last.status === 'completed') expect(last.controls_evaluated).toBe(CONTROLS);
    const { by_control } = stage.llm.counts();
    expect(Object.values(by_control).every((calls) => calls === 1)).toBe(true);
  });
  // no shrinking: each try is a real run; a machine that is very slow plays fewer
  await fc.assert(property, {
    numRuns: RUNS,
    seed: SEED,
    endOnFailure: true,
    interruptAfterTimeLimit: 120_000,
  });
  const [pauses] = await rows<{ count: string }>(
    `select count(*) from command where org_id = $1 and kind = 'pause' and status = 'accepted'`,
    stage.org.id,
  );
  expect(Number(pauses?.count), 'runs that were really paused').toBeGreaterThan(0);
});
