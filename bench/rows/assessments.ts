// Runs of assessments against their bound: ceil(N/K) waves of a model that takes L seconds.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildEvidence } from '../../test/support/factories/evidence.js';
import { byTurns, type Measure, p50, type Row, ROUNDS, timed } from '../harness.js';
import { type Api, foundOrg, type Stage } from '../stage.js';
import { frameworkOf } from './reading.js';

interface Case {
  controls: number;
  concurrency: number;
  model_ms: number;
  goal: number;
}

const CASES: readonly Case[] = [
  { controls: 64, concurrency: 16, model_ms: 1_000, goal: 1.12 },
  { controls: 1_000, concurrency: 50, model_ms: 1_000, goal: 1.1 },
  { controls: 1_000, concurrency: 200, model_ms: 200, goal: 1.6 },
];

export function assessmentRows(stage: Stage): Row[] {
  return [
    { id: 8, title: 'Makespan of an assessment', run: () => makespans(stage) },
    { id: 9, title: 'History of a run of 1,000 controls', run: () => histories(stage) },
    { id: 11, title: 'Status during and after a run', run: () => statuses(stage) },
    { id: 13, title: 'A worker killed half way', run: async () => [await killed(stage)] },
  ];
}

interface Scene {
  api: Api;
  org: string;
  framework: string;
}

interface Installation extends Scene {
  stop(): Promise<void>;
}

/** The product's processes set up for a case; one worker process, as on one machine. */
async function install(stage: Stage, { controls, concurrency, model_ms }: Case): Promise<Installation> {
  stage.llm.reset();
  stage.llm.setMode({ mode: 'slow', ms: model_ms });
  const api = await stage.startApi({ ASSESSMENT_CONCURRENCY: String(concurrency) });
  const worker = await stage.startWorker({ LLM_MAX_CONCURRENCY: String(Math.min(1_000, concurrency)) });
  const org = await foundOrg(api);
  const framework = controls === 64 ? await frameworkOf(stage) : await importFramework(stage, org, controls);
  return {
    api,
    org,
    framework,
    async stop() {
      await worker.kill();
      await api.kill();
    },
  };
}

async function importFramework(stage: Stage, org: string, controls: number): Promise<string> {
  const id = randomUUID();
  await stage.owner.query(
    `insert into framework (id, org_id, key, name, version, description, source, licence_note, groups, control_count,
       content_hash)
     values ($1, $2, $3, 'Bench', '1', 'x', 'bench', '', '[]', $4, $3)`,
    [id, org, `BENCH_${id}`, controls],
  );
  await stage.owner.query(
    `insert into control (id, framework_id, org_id, position, ref, "group", title, description, question, guidance, kind)
     select gen_random_uuid(), $1, $2, n, 'B-' || n, 'B', 'Control ' || n, 'Something is done.', 'Is it?', '', 'control'
     from generate_series(1, $3::int) n`,
    [id, org, controls],
  );
  return id;
}

interface Run {
  assessment: string;
  path: string;
  workflow_id: string;
}

/** Every control has evidence to read, or the model would not be asked at all. */
export async function prepare(stage: Stage, { api, org, framework }: Scene, words = 100): Promise<string> {
  const { id } = await api.post(`/orgs/${org}/assessments`, {
    framework_id: framework,
    name: 'n',
    scope: 's',
  });
  const { rows } = await stage.owner.query<{ user_id: string; refs: string[] }>(
    `select m.user_id, array_agg(c.ref) as refs from control c, membership m
     where c.framework_id = $1 and m.org_id = $2 group by m.user_id`,
    [framework, org],
  );
  const [row] = rows;
  if (!row) throw new Error('a framework without controls');
  const tenant = {
    org_id: org,
    actor_id: row.user_id,
    request_id: 'bench',
    role: 'admin',
    address: '',
  } as const;
  await buildEvidence(stage.db, tenant, 'Access is reviewed every quarter. '.repeat(Math.ceil(words / 5)), {
    assessment_id: id,
    control_refs: row.refs,
  });
  return id;
}

async function start({ api, org }: Installation, assessment: string): Promise<Run> {
  const path = `/orgs/${org}/assessments/${assessment}`;
  const { execution_id } = await api.post(`${path}/execute`);
  return { assessment, path, workflow_id: `assessment:${org}:${String(execution_id)}` };
}

async function finish({ api }: Installation, { path }: Run, wanted = 'completed'): Promise<void> {
  for (;;) {
    const { status, failure_reason, paused_reason } = await api.get(`${path}/status`);
    if (status === wanted) return;
    if (status !== 'in_progress')
      throw new Error(`${String(status)}: ${String(failure_reason ?? paused_reason)}`);
    await sleep(20);
  }
}

async function makespans(stage: Stage): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const one of CASES) {
    const { controls, concurrency, model_ms, goal } = one;
    const installation = await install(stage, one);
    const bound = Math.ceil(controls / concurrency) * model_ms;
    const product: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const assessment = await prepare(stage, installation);
      const took = await timed(async () => finish(installation, await start(installation, assessment)));
      if (round > 0) product.push(took); // the first one warms up
    }
    await installation.stop();
    measures.push({
      what: `${String(controls)} controls, ${String(concurrency)} at once, a model of ${String(model_ms)} ms, over the bound`,
      unit: 'ms',
      goal: `≤ ${String(goal)}`,
      holds: (ratio) => ratio <= goal,
      anchor: [bound],
      product,
    });
  }
  return measures;
}

async function histories(stage: Stage): Promise<Measure[]> {
  const size = async (words: number): Promise<{ events: number; bytes: number }> => {
    const installation = await install(stage, { controls: 1_000, concurrency: 200, model_ms: 0, goal: 0 });
    const run = await start(installation, await prepare(stage, installation, words));
    await finish(installation, run);
    const description = await stage.client.workflow.getHandle(run.workflow_id).describe();
    await installation.stop();
    return { events: description.historyLength, bytes: Number(description.historySize ?? 0) };
  };
  const [small, large] = [await size(5), await size(5_000)];
  return [
    per('events per control', small.events / 1_000, 1),
    per('bytes per control', small.bytes / 1_000, 200),
    {
      what: 'bytes with long documents over bytes with short ones',
      unit: 'B',
      goal: '≤ 1.1: no growth with what is judged',
      holds: (ratio) => ratio <= 1.1,
      anchor: [small.bytes],
      product: [large.bytes],
    },
  ];
}

function per(what: string, figure: number, most: number): Measure {
  const holds = (ratio: number): boolean => ratio <= 1;
  return { what, unit: '', goal: `≤ ${String(most)}`, holds, anchor: [most], product: [figure] };
}

async function statuses(stage: Stage): Promise<Measure[]> {
  const measures: Measure[] = [];
  const holds = (ratio: number): boolean => ratio <= 1.3;
  for (const controls of [64, 1_000]) {
    const installation = await install(stage, { controls, concurrency: 16, model_ms: 60_000, goal: 0 });
    const { api } = installation;
    const run = await start(installation, await prepare(stage, installation));
    await sleep(1_500);
    const one = (): Promise<number> => p50(150, () => api.get(run.path));
    const status = (): Promise<number> => p50(150, () => api.get(`${run.path}/status`));
    const during = await byTurns(one, status);
    await api.post(`${run.path}/cancel`);
    await finish(installation, run, 'cancelled');
    const after = await byTurns(one, status);
    await installation.stop();
    const common = { unit: 'ms', goal: '≤ 1.3', holds };
    measures.push(
      { what: `status during a run of ${String(controls)} over get one, p50`, ...common, ...during },
      { what: `status after a run of ${String(controls)} over get one, p50`, ...common, ...after },
    );
  }
  return measures;
}

/** What a killed worker may cost: its heartbeats run out, then its sticky queue, then two waves are done again. */
const HEARTBEAT_MS = 10_000;
const STICKY_MS = 2_000;

async function killed(stage: Stage): Promise<Measure> {
  const one = { controls: 64, concurrency: 16, model_ms: 1_000, goal: 0 };
  const allowed = HEARTBEAT_MS + STICKY_MS + 2 * one.model_ms;
  const extra: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const installation = await install(stage, one);
    const calm = await prepare(stage, installation);
    const undisturbed = await timed(async () => finish(installation, await start(installation, calm)));
    await installation.stop();
    const again = await install(stage, one);
    const assessment = await prepare(stage, again);
    const disturbed = await timed(async () => {
      const run = await start(again, assessment);
      await sleep(undisturbed / 2);
      await again.stop();
      const api = await stage.startApi({ ASSESSMENT_CONCURRENCY: String(one.concurrency) });
      await stage.startWorker({ LLM_MAX_CONCURRENCY: String(one.concurrency) });
      await finish({ ...again, api }, run);
    });
    extra.push(disturbed - undisturbed);
  }
  return {
    what: 'extra time after a kill -9 over heartbeat + sticky timeout + two waves',
    unit: 'ms',
    goal: '≤ 1',
    holds: (ratio) => ratio <= 1,
    anchor: [allowed],
    product: extra,
  };
}
