// Incidents: transitions against bare updates, and how late a thousand deadlines are.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { byTurns, type Measure, p50, perSecond, type Row } from '../harness.js';
import { type Api, foundOrg, type Stage } from '../stage.js';
import { bareTransition } from './bare-transition.js';

const NEW = {
  title: 'Bench',
  description: 'Bench',
  category: 'other',
  severity: 'medium',
  affected_systems: [],
};

export function incidentRows(stage: Stage): Row[] {
  return [
    { id: 10, title: 'Transition of an incident', run: () => transitions(stage) },
    { id: 12, title: 'Lateness of 1,000 SLA timers due in 10 s', run: () => lateness(stage) },
    { id: 12, title: '1,000 open incidents: memory of a worker, timers', run: () => crowd(stage) },
  ];
}

/** A round. Of less the compiler would be measured, on either side. */
const MOVES = 200;

async function bareWorker(stage: Stage): Promise<{ queue: string; stop(): Promise<void> }> {
  const connection = await NativeConnection.connect({ address: stage.temporal_address });
  const queue = `bench-${randomUUID()}`;
  const worker = await Worker.create({
    connection,
    taskQueue: queue,
    workflowsPath: fileURLToPath(new URL('../bare-workflows.ts', import.meta.url)),
  });
  const running = worker.run();
  return {
    queue,
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

async function transitions(stage: Stage): Promise<Measure[]> {
  const api = await stage.startApi();
  const worker = await stage.startWorker();
  const bare = await bareWorker(stage);
  const org = await foundOrg(api);
  const { id } = await api.post(`/orgs/${org}/incidents`, NEW);
  const handle = await stage.client.workflow.start('touchedWorkflow', {
    workflowId: `touched:${randomUUID()}`,
    taskQueue: bare.queue,
  });
  await api.post(`/orgs/${org}/incidents/${id}/transition`, { new_phase: 'analysis' });
  // a worker that has just begun may take longer than a request waits
  while ((await api.get(`/orgs/${org}/incidents/${id}`))['phase'] !== 'analysis') await sleep(50);
  const forth = { new_phase: 'containment', notes: 'bench' };
  const back = { new_phase: 'analysis', notes: 'bench' };
  const idle = await foundOrg(api);
  const unmoved = { org: idle, id: (await api.post(`/orgs/${idle}/incidents`, NEW)).id };
  const client = await stage.owner.connect();
  // an empty transaction is no anchor: a transition that writes nothing is none
  const anchor = (): Promise<number> =>
    p50(MOVES, async (call) => {
      await handle.executeUpdate('touch');
      await bareTransition(client, unmoved, call % 2 === 0 ? 'containment' : 'analysis');
    });
  const product = (): Promise<number> =>
    p50(MOVES, (call) => api.post(`/orgs/${org}/incidents/${id}/transition`, call % 2 === 0 ? forth : back));
  const figures = await byTurns(anchor, product);
  client.release();
  const rate = await throughput(stage, api, org, bare.queue);
  await bare.stop();
  await worker.kill();
  await api.kill();
  return [
    {
      what: 'transition over a bare update and one transaction of its rows, p50',
      unit: 'ms',
      goal: '≤ 1.4',
      holds: (ratio) => ratio <= 1.4,
      ...figures,
    },
    rate,
  ];
}

/** Of one worker, eight responders at eight incidents. */
async function throughput(stage: Stage, api: Api, org: string, queue: string): Promise<Measure> {
  const CLIENTS = 8;
  const ids = await Promise.all(
    Array.from({ length: CLIENTS }, () => api.post(`/orgs/${org}/incidents`, NEW)),
  );
  const moves = ids.map(({ id }) => ({ path: `/orgs/${org}/incidents/${id}/transition`, count: 0 }));
  const handles = await Promise.all(
    ids.map(() =>
      stage.client.workflow.start('touchedWorkflow', {
        workflowId: `touched:${randomUUID()}`,
        taskQueue: queue,
      }),
    ),
  );
  const PHASES = ['analysis', 'containment'];
  let next = 0;
  const figures = await byTurns(
    () =>
      perSecond(
        CLIENTS,
        3_000,
        () => handles[(next += 1) % CLIENTS]?.executeUpdate('touch') ?? Promise.resolve(),
      ),
    async () => {
      const lanes = [...moves];
      return await perSecond(CLIENTS, 3_000, async () => {
        const move = lanes.shift();
        if (!move) return;
        const new_phase = PHASES[move.count % 2];
        await api.post(move.path, { new_phase, notes: 'bench' });
        move.count += 1;
        lanes.push(move);
      });
    },
  );
  return {
    what: 'transitions per second of one worker over bare updates',
    unit: '/s',
    goal: 'shown, no goal',
    holds: () => true,
    ...figures,
  };
}

const TIMERS = 1_000;
const SPREAD_MS = 10_000;

/** From the first start to the first deadline: all must be there by then. */
const LEAD_MS = 150_000;
const TARGET_MS = 300_000;
const LANES = 8;

async function lateness(stage: Stage): Promise<Measure[]> {
  const api = await stage.startApi();
  const worker = await stage.startWorker();
  const bare = await bareWorker(stage);
  const anchor = await bareLateness(stage, bare.queue);
  const product = await deadlineLateness(stage, api);
  await bare.stop();
  await worker.kill();
  await api.kill();
  const measure = (name: string, share: number, goal: string, holds: Measure['holds']): Measure => ({
    what: `lateness ${name} of 1,000 deadlines over bare sleeping workflows`,
    unit: 'ms',
    goal,
    holds,
    anchor: [percentile(anchor, share)],
    product: [percentile(product, share)],
  });
  return [
    measure('p50', 0.5, 'shown, no goal', () => true),
    measure('p99', 0.99, '≤ 1.5', (ratio) => ratio <= 1.5),
  ];
}

async function bareLateness(stage: Stage, queue: string): Promise<number[]> {
  const first = Date.now() + 30_000;
  const handles = [];
  for (let index = 0; index < TIMERS; index += 1) {
    const due = first + (index * SPREAD_MS) / TIMERS;
    const options = { workflowId: `sleeper:${randomUUID()}`, taskQueue: queue, args: [due] };
    handles.push(await stage.client.workflow.start('sleepingWorkflow', options));
  }
  return (await Promise.all(handles.map((handle) => handle.result()))).map(Number);
}

async function deadlineLateness(stage: Stage, api: Api): Promise<number[]> {
  const org = await foundOrg(api);
  const { settings } = await api.get(`/orgs/${org}`);
  // so far away that only the acknowledge target falls into the run
  const acknowledge = `PT${String(TARGET_MS / 1_000)}S`;
  const sla = Object.fromEntries(
    Object.entries(Object(settings).sla).map(([severity, targets]) => [
      severity,
      { ...Object(targets), acknowledge, contain: 'P30D', resolve: 'P30D', calendar: null },
    ]),
  );
  await api.call('PUT', `/orgs/${org}`, { settings: { sla, escalation: [] } });
  const first = Date.now() + LEAD_MS;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < TIMERS) {
      const due = first + (next * SPREAD_MS) / TIMERS;
      next += 1;
      const occurred_at = new Date(due - TARGET_MS).toISOString();
      await api.post(`/orgs/${org}/incidents`, { ...NEW, occurred_at });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (Date.now() > first) throw new Error('too slow: the first deadline came before the last incident');
  for (;;) {
    const { rows } = await stage.owner.query<{ late: number }>(
      `select extract(epoch from recorded_at - (c.breached_at))::float8 * 1000 as late
       from timeline t join incident_clock c on c.org_id = t.org_id and c.incident_id = t.incident_id
       where t.org_id = $1 and t.event_type = 'sla_breached' and c.kind = 'acknowledge'`,
      [org],
    );
    if (rows.length >= TIMERS) return rows.map(({ late }) => late);
    await sleep(500);
  }
}

const CROWD = 1_000;
const CROWD_LANES = 8;

/** One worker with as many open incidents as there are timers above: what it holds, and what the server holds for it. */
async function crowd(stage: Stage): Promise<Measure[]> {
  const api = await stage.startApi();
  const worker = await stage.startWorker();
  const org = await foundOrg(api);
  await api.post(`/orgs/${org}/incidents`, NEW);
  const idle = megabytes(worker.pid);
  const ids: string[] = [];
  const lane = async (): Promise<void> => {
    while (ids.length < CROWD) {
      const place = ids.push('') - 1;
      ids[place] = (await api.post(`/orgs/${org}/incidents`, NEW)).id;
    }
  };
  await Promise.all(Array.from({ length: CROWD_LANES }, lane));
  const timers: number[] = [];
  for (const id of ids) timers.push(await timersOf(stage, `incident:${org}:${id}`));
  const full = megabytes(worker.pid);
  await worker.kill();
  await api.kill();
  return [
    {
      what: 'memory of a worker with 1,000 open incidents over the same worker with one',
      unit: 'MB',
      goal: 'shown, no goal',
      holds: () => true,
      anchor: [idle],
      product: [full],
    },
    {
      what: 'pending timers of 1,000 open incidents, three clocks each, over one each',
      unit: 'timers',
      goal: '= 1',
      holds: (ratio) => ratio === 1,
      anchor: [CROWD],
      product: [timers.reduce((sum, count) => sum + count, 0)],
    },
  ];
}

/** Resident, as the kernel counts it. */
function megabytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  return Number(found?.[1] ?? NaN) / 1024;
}

/** Once it has set one. */
async function timersOf(stage: Stage, workflow_id: string): Promise<number> {
  for (;;) {
    const { events } = await stage.client.workflow.getHandle(workflow_id).fetchHistory();
    let pending = 0;
    for (const event of events ?? []) {
      if (event.timerStartedEventAttributes) pending += 1;
      if (event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes) pending -= 1;
    }
    if (pending > 0) return pending;
    await sleep(200);
  }
}

function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? NaN;
}
