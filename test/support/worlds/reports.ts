import { createHash } from 'node:crypto';
import { reportKey } from '../../../domain/reports/rules.js';
import { withTenant } from '../../../db/tenancy.js';
import { buildAssessment } from '../factories/assessments.js';
import { buildCompletedReport, buildReport } from '../factories/reports.js';
import type { Entries, Maker, World, WorldOrg } from './types.js';

const BYTES = Buffer.from('{}');

const pending: Maker = async ({ db }, { tenant }) => ({ report_id: (await buildReport(db, tenant)).id });

const completed: Maker = async ({ db, store }, { tenant }) => {
  const sha256 = createHash('sha256').update(BYTES).digest('hex');
  const { id } = await buildCompletedReport(db, tenant, { sha256, size: BYTES.length });
  const key = reportKey(tenant.org_id, id, sha256);
  await store.put({ key, body: BYTES, content_type: 'application/json' });
  return { report_id: id };
};

const several: Maker = async (world, org) => {
  await pending(world, org);
  return await completed(world, org);
};

/** Ten in an hour: the ones before are older than they are. */
async function ageReports({ db }: World, { tenant }: WorldOrg): Promise<void> {
  await withTenant(db, tenant, (trx) =>
    trx('report').update({ created_at: trx.raw(`created_at - interval '2 hours'`) }),
  );
}

const hour = { before: ageReports };

export const REPORTS: Entries = {
  'reports.list': { may: 'read', object: several },
  'reports.generate': {
    ...hour,
    may: 'review',
    body: async ({ db }, { tenant }) => ({
      type: 'gap_analysis',
      format: 'pdf',
      assessment_id: (await buildAssessment(db, tenant)).id,
    }),
  },
  'reports.get': { may: 'read', object: completed },
  'reports.delete': { may: 'manage', object: completed },
  'reports.cancel': { may: 'review', object: pending },
  'reports.download': { may: 'download', object: completed },
};
