import { buildReport } from '../../support/factories/reports.js';
import { until } from '../../support/until.js';
import { created, type Ground, type Seeds } from './types.js';

/** Completed ones, one to delete, and ones that nobody makes, to be cancelled. */
export async function seedReports({ api, founder, org_id }: Ground): Promise<Seeds> {
  const path = `/orgs/${org_id}/reports`;
  const make = async (format: string): Promise<string> =>
    await created(founder, `${path}/generate`, { type: 'bcm_impact_analysis', format });
  const made = [await make('json'), await make('xlsx'), await make('pdf')];
  const isMade = async (id: string): Promise<boolean> =>
    (await founder.get(`${path}/${id}`)).body.status === 'completed';
  await until(async () => (await Promise.all(made.map(isMade))).every(Boolean), 90_000);
  const { id: actor_id } = (await founder.get('/users/me')).body;
  const tenant = { org_id, actor_id, request_id: 'seed', role: 'admin' as const, address: '127.0.0.1' };
  const waiting = [await buildReport(api.database.db, tenant), await buildReport(api.database.db, tenant)];
  const [first, second, gone] = made;
  return {
    '*': { report_id: [first, second] },
    'reports.delete': { report_id: [gone] },
    'reports.cancel': { report_id: waiting.map(({ id }) => id) },
  };
}
