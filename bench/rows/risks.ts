// The heatmap of a register that nobody has: what the API adds to counting.
import { byTurns, type Measure, p50, type Row } from '../harness.js';
import { foundOrg, type Stage } from '../stage.js';

const RISKS = 100_000;
const CALLS = 20;

export function riskRows(stage: Stage): Row[] {
  return [{ id: 5, title: `Heatmap of ${String(RISKS)} risks`, run: () => heatmap(stage) }];
}

async function heatmap(stage: Stage): Promise<Measure[]> {
  const api = await stage.startApi();
  const org = await foundOrg(api);
  await stage.owner.query(
    `insert into risk (org_id, id, number, title, description, category, treatment, likelihood, impact,
       assurance_halves, assurance_of, created_by)
     select m.org_id, gen_random_uuid(), n, 'Risk', 'As many others', 'cyber', 'mitigate',
       1 + n % 5, 1 + n / 5 % 5, n % 7, 3, m.user_id
     from membership m, generate_series(1, $2::int) n where m.org_id = $1`,
    [org, RISKS],
  );
  await stage.owner.query('vacuum analyze risk');
  const sql = `
    select likelihood, impact, count(*) from risk where org_id = $1 and status = 'open' group by 1, 2
    union all
    select cell_likelihood, cell_impact, count(*) from risk where org_id = $1 and status = 'open' group by 1, 2`;
  const counting = (): Promise<number> => p50(CALLS, () => stage.owner.query(sql, [org]));
  const path = `/orgs/${org}/risks/heatmap`;
  const asked = (query: string) => (): Promise<number> =>
    p50(CALLS, () => api.call('GET', `${path}${query}`));
  const common = { unit: 'ms', goal: '≤ 2', holds: (ratio: number): boolean => ratio <= 2 };
  return [
    {
      what: `GET heatmap of ${String(RISKS)} risks over its aggregate query, p50`,
      ...common,
      ...(await byTurns(counting, asked(''))),
    },
  ];
}
