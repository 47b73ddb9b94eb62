// Who reads while a report is made: the report is drawn by a worker, and read by a connection of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbeddedStore } from '../../test/support/object-stores.js';
import { byTurns, type Measure, p99While, type Row } from '../harness.js';
import { type Api, foundOrg, type Stage } from '../stage.js';

const RISKS = 2_000;
/** About as long as the report takes. */
const IDLE_MS = 6_000;
const LOOK_MS = 200;

export function besideReportRows(stage: Stage): Row[] {
  return [
    {
      id: 16,
      title: `A report of ${String(RISKS)} risks beside reads`,
      run: async () => [await beside(stage)],
    },
  ];
}

async function beside(stage: Stage): Promise<Measure> {
  const objects = await startEmbeddedStore();
  const api = await stage.startApi(objects.env);
  const worker = await stage.startWorker(objects.env);
  const org = await foundOrg(api);
  await stage.owner.query(
    `insert into risk (org_id, id, number, title, description, category, treatment, likelihood, impact, created_by)
     select m.org_id, gen_random_uuid(), n, 'Risk ' || n, 'As many others', 'cyber', 'mitigate',
       1 + n % 5, 1 + n / 5 % 5, m.user_id
     from membership m, generate_series(1, $2::int) n where m.org_id = $1`,
    [org, RISKS],
  );
  const { rows } = await stage.owner.query<{ id: string }>('select id from risk where org_id = $1 limit 1', [
    org,
  ]);
  const get = (): Promise<unknown> => api.get(`/orgs/${org}/risks/${rows[0]?.id ?? ''}`);
  const idle = async (): Promise<number> => {
    const end = Date.now() + IDLE_MS;
    return await p99While(() => Date.now() < end, get);
  };
  try {
    return {
      what: 'get one while a PDF report is made over get one while nothing is, p99',
      unit: 'ms',
      goal: '≤ 3',
      holds: (ratio) => ratio <= 3,
      ...(await byTurns(idle, () => whileReporting(api, org, get))),
    };
  } finally {
    await worker.kill();
    await objects.stop();
  }
}

async function whileReporting(api: Api, org: string, get: () => Promise<unknown>): Promise<number> {
  const path = `/orgs/${org}/reports`;
  const { id } = await api.post(`${path}/generate`, { type: 'risk_register', format: 'pdf' });
  let going = true;
  const watch = async (): Promise<void> => {
    try {
      for (;;) {
        const { status, failure } = await api.get(`${path}/${id}`);
        if (status === 'completed') return;
        if (status === 'failed') throw new Error(String(failure));
        await sleep(LOOK_MS);
      }
    } finally {
      going = false;
    }
  };
  const [figure] = await Promise.all([p99While(() => going, get), watch()]);
  return figure;
}
