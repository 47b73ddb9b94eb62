// R1, R2: the incident workflow's stories on a real server; each history replays, and a changed workflow is caught.
import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transition } from '../../domain/incidents/commands.js';
import { NOTHING } from '../../domain/incidents/state.js';
import type { IncidentInput } from '../../workflows/incidents/messages.js';
import * as messages from '../../workflows/incidents/messages.js';
import { incidentWorkflow } from '../../workflows/incidents/incident-workflow.js';
import { fakeIncident, type FakeIncident, policyOf } from '../support/fakes/incident-activities.js';
import { type Histories, openHistories } from '../support/histories.js';
import { connectTemporal, taskQueueFor, type TestTemporal } from '../support/temporal.js';
import { until } from '../support/until.js';

const DAY = 86_400_000;
const CALM = policyOf({ acknowledge: DAY, contain: DAY, resolve: 2 * DAY });

let temporal: TestTemporal;
let histories: Histories;

beforeAll(async () => {
  temporal = await connectTemporal();
  histories = await openHistories('incidentWorkflow');
});
afterAll(() => temporal.close());

type Handle = Awaited<ReturnType<typeof temporal.client.workflow.start<typeof incidentWorkflow>>>;

async function play(
  name: string,
  incident: FakeIncident,
  story: (handle: Handle) => Promise<void>,
  limits: IncidentInput['limits'] = {},
): Promise<void> {
  const taskQueue = taskQueueFor(`incident ${name}`);
  const worker = await Worker.create({
    connection: temporal.native,
    taskQueue,
    workflowBundle: histories.bundle,
    activities: incident.activities,
  });
  await worker.runUntil(async () => {
    const tenant = { org_id: randomUUID(), actor_id: randomUUID(), request_id: 'test' };
    const incident_id = randomUUID();
    const workflowId = `incident:${tenant.org_id}:${incident_id}`;
    const handle = await temporal.client.workflow.start(incidentWorkflow, {
      taskQueue,
      workflowId,
      args: [{ tenant, incident_id, limits }],
    });
    await story(handle);
    const history = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
    await temporal.client.workflow.getHandle(workflowId).terminate('the story is told');
    await histories.check(name, history);
  });
}

const by = (actor_id = randomUUID()) => ({ command_id: randomUUID(), actor_id });
const CONFLICT = { cause: { type: 'CONFLICT' } };

test('moves through the phases; of two moves from the same phase one is refused', async () => {
  const incident = fakeIncident(CALM, 'high');
  await play('moves-in-task', incident, async (handle) => {
    const move = (from: 'detection' | 'analysis', to: 'analysis' | 'containment') =>
      handle.executeUpdate(messages.transitionUpdate, { args: [{ ...by(), from, to }] });
    expect(await move('detection', 'analysis')).toMatchObject({ phase: 'analysis' });
    await expect(move('detection', 'containment')).rejects.toMatchObject(CONFLICT);
    await expect(move('analysis', 'analysis')).rejects.toMatchObject(CONFLICT);
    const both = await Promise.allSettled([move('analysis', 'containment'), move('analysis', 'containment')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await handle.query(messages.stateQuery)).toMatchObject({
      phase: 'containment',
      status: 'investigating',
    });
  });
  expect(incident.told()).toEqual(['phase_transition analysis', 'phase_transition containment']);
});

/** Thresholds that each clock has fired, in the order in which they were written. */
function fired(incident: FakeIncident, kind: string): number[] {
  const clocks = incident.changes
    .flatMap(({ change }) => change.clocks)
    .filter((clock) => clock.kind === kind);
  return clocks.at(-1)?.fired ?? [];
}

/** On a busy machine several thresholds pass at once: then one notice tells the highest of them. */
function toldOf(incident: FakeIncident, kind: string): string[] {
  return incident.told().filter((told) => told.startsWith('sla_') && told.includes(` ${kind} `));
}

const KINDS = ['acknowledge', 'contain', 'resolve'];
const LADDER = [50, 75, 100, 150];

test('tells each threshold once, in order, and breaches once', async () => {
  const incident = fakeIncident(policyOf({ acknowledge: 1_000, contain: DAY, resolve: DAY }), 'critical');
  await play('rings-in-task', incident, async () => {
    await until(() => fired(incident, 'acknowledge').includes(150));
  });
  expect(fired(incident, 'acknowledge')).toEqual(LADDER);
  const told = toldOf(incident, 'acknowledge');
  expect(new Set(told).size).toBe(told.length);
  expect(told.filter((entry) => entry.startsWith('sla_breached'))).toHaveLength(1);
  expect(toldOf(incident, 'contain')).toEqual([]);
});

test('a paused clock says nothing until it is resumed; a heavier severity breaches at once, in one notice', async () => {
  const incident = fakeIncident(policyOf({ acknowledge: 1, contain: DAY, resolve: DAY }), 'informational');
  await play('paused-clock-in-task', incident, async (handle) => {
    await until(() => incident.told().some((told) => told.startsWith('sla_breached acknowledge')));
    const clock_id = incident.changes[0]?.change.clocks[0]?.id ?? '';
    const pausing = { ...by(), clock_id, reason: 'waiting_on_vendor' as const };
    await handle.executeUpdate(messages.pauseClockUpdate, { args: [pausing] });
    await expect(handle.executeUpdate(messages.pauseClockUpdate, { args: [pausing] })).rejects.toMatchObject(
      CONFLICT,
    );
    await handle.executeUpdate(messages.resumeClockUpdate, { args: [{ ...by(), clock_id }] });
    const actor = by();
    await handle.executeUpdate(messages.acknowledgeUpdate, { args: [actor] });
    await handle.executeUpdate(messages.changeUpdate, { args: [{ ...by(), severity: 'critical' }] });
    const same = (): ReturnType<typeof by> => by(actor.actor_id);
    await handle.executeUpdate(messages.changeUpdate, { args: [{ ...same(), severity: 'high' }] });
    await expect(
      handle.executeUpdate(messages.confirmSeverityUpdate, { args: [same()] }),
    ).rejects.toMatchObject({
      cause: { type: 'FORBIDDEN' },
    });
    const answer = await handle.executeUpdate(messages.confirmSeverityUpdate, { args: [by()] });
    expect(answer).toMatchObject({ severity: 'high' });
  });
});

test('is acknowledged once', async () => {
  // with a day to do it in: it decays after two of them
  const incident = fakeIncident(CALM, 'low');
  await play('acknowledged', incident, async (handle) => {
    await handle.executeUpdate(messages.acknowledgeUpdate, { args: [by()] });
    await expect(handle.executeUpdate(messages.acknowledgeUpdate, { args: [by()] })).rejects.toMatchObject(
      CONFLICT,
    );
  });
  expect(incident.told()).toEqual(['acknowledged']);
});

test('writes in the end what the database would not take at first', async () => {
  const incident = fakeIncident(CALM, 'low', 3);
  await play('database-away-in-task', incident, async (handle) => {
    const commander_id = randomUUID();
    await handle.executeUpdate(messages.changeUpdate, { args: [{ ...by(commander_id), commander_id }] });
    // who takes command acknowledges by it
    expect(incident.told()).toEqual(
      ['commander_changed', 'acknowledged'].map((type) => expect.stringContaining(type)),
    );
    await handle.signal(messages.activitySignal, {
      at: Date.now(),
      task: { task_id: randomUUID(), due_at: Date.now() - 1, ended: null },
    });
    await until(() => incident.told().some((told) => told.startsWith('sla_breached task:')));
  });
});

test('continues as new with its clocks, and no threshold is told twice', async () => {
  const incident = fakeIncident(policyOf({ acknowledge: 400, contain: 800, resolve: 1_200 }), 'critical');
  const limits = { history_events: 25 };
  await play(
    'continued-in-task',
    incident,
    async () => {
      await until(() => KINDS.every((kind) => fired(incident, kind).includes(150)));
    },
    limits,
  );
  for (const kind of KINDS) {
    expect(fired(incident, kind)).toEqual(LADDER);
    const told = toldOf(incident, kind);
    expect(new Set(told).size).toBe(told.length);
    expect(told.filter((entry) => entry.startsWith('sla_breached'))).toHaveLength(1);
  }
});

test('an act whose answer was lost is written once, and counted on from there', async () => {
  const incident = fakeIncident(policyOf({ acknowledge: 300, contain: DAY, resolve: DAY }), 'critical');
  incident.loseAnswers(3);
  await play('answers-lost-in-task', incident, async (handle) => {
    await until(() => fired(incident, 'acknowledge').includes(150));
    incident.loseAnswers(1);
    const move = { ...by(), from: 'detection' as const, to: 'analysis' as const };
    expect(await handle.executeUpdate(messages.transitionUpdate, { args: [move] })).toMatchObject({
      phase: 'analysis',
    });
  });
  const told = toldOf(incident, 'acknowledge');
  expect(fired(incident, 'acknowledge')).toEqual(LADDER);
  expect(new Set(told).size).toBe(told.length);
  expect(told.filter((entry) => entry.startsWith('sla_breached'))).toHaveLength(1);
  expect(incident.told().filter((entry) => entry === 'phase_transition analysis')).toHaveLength(1);
});

test('what was written in a task that was lost is found in the rows, by whoever was judged by them', async () => {
  const incident = fakeIncident(CALM, 'high');
  await play('task-lost', incident, async (handle) => {
    await until(async () => (await handle.query(messages.stateQuery)).phase !== null);
    const ref = { tenant: { org_id: '', actor_id: '', request_id: '' }, incident_id: '' };
    const state = await incident.activities.openIncident({ ...ref, run_id: '' });
    const move = { ...by(), from: 'detection' as const, to: 'analysis' as const, revision: 0 };
    const actor = { actor_id: move.actor_id, now: Date.now(), newId: randomUUID };
    const { command_id } = move;
    const written = { key: command_id, command_id, change: transition(state, move, actor), revision: 0 };
    await incident.activities.recordIncidentChange({ ...ref, ...written });
    // the workflow has not heard of it, and who judges by the rows is not refused for that
    const next = { ...by(), from: 'analysis' as const, to: 'containment' as const, revision: 1 };
    const answer = await handle.executeUpdate(messages.transitionUpdate, { args: [next] });
    expect(answer).toMatchObject({ phase: 'containment' });
    const again = handle.executeUpdate(messages.transitionUpdate, { args: [move], updateId: command_id });
    await expect(again).rejects.toMatchObject(CONFLICT);
    // a message that knows no numbers finds them too, when it writes
    const { key, ...forth } = { ...written, key: randomUUID(), revision: 2 };
    const lowered = { ...NOTHING, at: Date.now(), set: { severity: 'critical' as const } };
    await incident.activities.recordIncidentChange({ ...ref, ...forth, key, change: lowered });
    const commander_id = randomUUID();
    const changed = await handle.executeUpdate(messages.changeUpdate, { args: [{ ...by(), commander_id }] });
    expect(changed).toMatchObject({ severity: 'critical', phase: 'containment' });
  });
  const moves = incident.told().filter((entry) => entry.startsWith('phase_transition'));
  expect(moves).toEqual(['phase_transition analysis', 'phase_transition containment']);
});

test('every recorded history of this workflow still replays, and a changed workflow is caught', async () => {
  expect(await histories.replayAll()).toBeGreaterThanOrEqual(12);
  const mutant = histories.replayMutant('moves.json', (text) =>
    text.replaceAll('"recordIncidentChange"', '"openIncident"'),
  );
  await expect(mutant).rejects.toBeInstanceOf(DeterminismViolationError);
  const mutant_in_task = histories.replayMutant('moves-in-task.json', (text) =>
    text.replaceAll('"core_local_activity"', '"core_patch"'),
  );
  await expect(mutant_in_task).rejects.toBeInstanceOf(DeterminismViolationError);
});
