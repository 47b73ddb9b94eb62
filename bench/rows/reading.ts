// Rows and pages: what the API adds to the statements that it cannot do without.
import { randomUUID } from 'node:crypto';
import { byTurns, type Measure, p50, perSecond, type Row } from '../harness.js';
import { type Api, foundOrg, type Stage } from '../stage.js';
import { bareAudit } from './bare-audit.js';

const CALLS = 200;
const ORGS = 200;
const MANY = Number(process.env['BENCH_FINDINGS'] ?? 1_000_000);
const FEW = 10_000;

export function readingRows(stage: Stage): Row[] {
  let api: Api | undefined;
  const ready = async (): Promise<Api> => (api ??= await stage.startApi());
  return [
    { id: 1, title: 'Pages of 100 and of 20', run: async () => [await pageSizes(stage, await ready())] },
    { id: 2, title: 'Create with audit', run: async () => [await creating(stage, await ready())] },
    { id: 3, title: 'Get one, 8 clients', run: async () => [await gettingOne(stage, await ready())] },
    { id: 6, title: 'Depth and size of a list', run: async () => await depth(stage, await ready()) },
  ];
}

/** Findings of one organization, by the bulk: each assessment has one for every control. */
export async function fillFindings(stage: Stage, org_id: string, count: number): Promise<void> {
  const { rows } = await stage.owner.query<{ user_id: string; framework_id: string; controls: number }>(
    `select m.user_id, f.id as framework_id, (select count(*)::int from control c where c.framework_id = f.id) as controls
     from membership m, framework f where m.org_id = $1 and f.key = 'SOC2_TYPE2' limit 1`,
    [org_id],
  );
  const [row] = rows;
  if (!row) throw new Error('no such organization');
  await stage.owner.query(
    `with a as (
       insert into assessment (org_id, id, framework_id, name, scope, created_by)
       select $1, gen_random_uuid(), $2, 'a' || n, 's', $3 from generate_series(1, $4::int) n returning id)
     insert into finding (org_id, id, assessment_id, control_id, status, severity, confidence, rationale, evaluated_by)
     select $1, gen_random_uuid(), a.id, c.id, 'fail', 'high', 0.9, repeat('because ', 20),
       '{"kind": "rules", "model": null, "prompt_version": null, "user_id": null}'
     from a, control c where c.framework_id = $2`,
    [org_id, row.framework_id, row.user_id, Math.ceil(count / row.controls)],
  );
  await stage.owner.query('analyze finding');
}

async function pageSizes(stage: Stage, api: Api): Promise<Measure> {
  const org = await foundOrg(api);
  await fillFindings(stage, org, 1_000);
  const page = (limit: number) => () =>
    p50(CALLS, () => api.get(`/orgs/${org}/findings?limit=${String(limit)}`));
  return {
    what: 'a page of 100 findings over a page of 20, p50',
    unit: 'ms',
    goal: '≤ 2.5 (the number of statements is a test)',
    holds: (ratio) => ratio <= 2.5,
    ...(await byTurns(page(20), page(100))),
  };
}

async function creating(stage: Stage, api: Api): Promise<Measure> {
  const org = await foundOrg(api);
  const framework = await frameworkOf(stage);
  const { rows } = await stage.owner.query<{ user_id: string }>(
    'select user_id from membership where org_id = $1',
    [org],
  );
  const bare = await stage.owner.connect();
  const anchor = (): Promise<number> =>
    p50(CALLS, async () => {
      await bare.query('begin');
      await bare.query(
        `insert into assessment (org_id, id, framework_id, name, scope, created_by) values ($1, $2, $3, 'n', 's', $4)`,
        [org, randomUUID(), framework, rows[0]?.user_id],
      );
      await bareAudit(bare, org);
      await bare.query('commit');
    });
  const product = (): Promise<number> =>
    p50(CALLS, () =>
      api.post(`/orgs/${org}/assessments`, { framework_id: framework, name: 'n', scope: 's' }),
    );
  const figures = await byTurns(anchor, product);
  bare.release();
  return {
    what: 'POST assessment over the same rows by the bare driver, p50',
    unit: 'ms',
    goal: '≤ 5',
    holds: (ratio) => ratio <= 5,
    ...figures,
  };
}

async function gettingOne(stage: Stage, api: Api): Promise<Measure> {
  const org = await foundOrg(api);
  await fillFindings(stage, org, 64);
  const { rows } = await stage.owner.query<{ id: string }>(
    'select id from finding where org_id = $1 limit 1',
    [org],
  );
  const id = rows[0]?.id ?? '';
  const sql = `select f.*, json_build_object('id', c.id, 'ref', c.ref) as control,
    (select coalesce(json_agg(h), '[]') from finding_history h where h.org_id = f.org_id and h.finding_id = f.id) as history
    from finding f join control c on c.id = f.control_id where f.org_id = $1 and f.id = $2`;
  return {
    what: 'GET finding over the same query by the bare driver, requests/s at 8 clients',
    unit: '/s',
    goal: '≥ 0.15',
    holds: (ratio) => ratio >= 0.15,
    ...(await byTurns(
      () => perSecond(8, 2_000, () => stage.owner.query(sql, [org, id])),
      () => perSecond(8, 2_000, () => api.get(`/orgs/${org}/findings/${id}`)),
    )),
  };
}

async function depth(stage: Stage, api: Api): Promise<Measure[]> {
  const org = await foundOrg(api);
  await fillFindings(stage, org, FEW);
  const first = (): Promise<number> => p50(CALLS, () => api.get(`/orgs/${org}/findings?limit=50`));
  let cursor = '';
  for (let page = 0; page < 45; page += 1) {
    const { next_cursor } = await api.get(`/orgs/${org}/findings?limit=200${cursor && `&cursor=${cursor}`}`);
    cursor = String(next_cursor);
  }
  // a cursor is bound to the list's filters, not to the size of its pages
  const deep = (): Promise<number> =>
    p50(CALLS, () => api.get(`/orgs/${org}/findings?limit=50&cursor=${cursor}`));
  const deeper = await byTurns(first, deep);
  const few: number[] = [];
  for (let round = 0; round < 3; round += 1) few.push(await first());
  const share = Math.ceil(MANY / ORGS);
  for (let other = 1; other < ORGS; other += 1) await fillFindings(stage, await foundOrg(api), share);
  const many: number[] = [];
  for (let round = 0; round < 3; round += 1) many.push(await first());
  const holds = (ratio: number): boolean => ratio <= 1.5;
  const common = { unit: 'ms', goal: '≤ 1.5', holds };
  return [
    { what: 'the page at depth 9,000 over the first page, p50', ...common, ...deeper },
    {
      what: `the first page at ${String(share * ORGS)} findings of ${String(ORGS)} organizations over that at ${String(FEW)}`,
      ...common,
      anchor: few,
      product: many,
    },
  ];
}

export async function frameworkOf(stage: Stage): Promise<string> {
  const { rows } = await stage.owner.query<{ id: string }>(
    `select id from framework where key = 'SOC2_TYPE2'`,
  );
  return rows[0]?.id ?? '';
}
