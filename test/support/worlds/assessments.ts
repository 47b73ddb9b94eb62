import { listOpenControls } from '../../../db/assessments/controls.js';
import { endExecution, markPaused, type RunKey } from '../../../db/assessments/transitions.js';
import { stepRun } from '../../../db/findings/record.js';
import { withTenant } from '../../../db/tenancy.js';
import { buildAssessment, buildExecution } from '../factories/assessments.js';
import { buildEvidence } from '../factories/evidence.js';
import { verdictRecord } from '../factories/findings.js';
import type { Entries, Maker, References, World, WorldOrg } from './types.js';

const pending: Maker = async (world, org) => ({
  assessment_id: (await buildAssessment(world.db, org.tenant)).id,
});

async function begin(world: World, org: WorldOrg): Promise<RunKey> {
  const { id: assessment_id } = await buildAssessment(world.db, org.tenant);
  const { execution_id } = await buildExecution(world.db, org.tenant, assessment_id);
  return { assessment_id, execution_id };
}

const running: Maker = async (world, org) => ({ assessment_id: (await begin(world, org)).assessment_id });

const paused: Maker = async (world, org) => {
  const run = await begin(world, org);
  await withTenant(world.db, org.tenant, (trx) =>
    markPaused(trx, org.tenant, run, { command_id: null, cause: 'person', reason: 'asked' }),
  );
  return { assessment_id: run.assessment_id };
};

/** Ended, with a finding for each control. */
export const judged: Maker = async (world, org) => {
  const run = await begin(world, org);
  return await withTenant(world.db, org.tenant, async (trx) => {
    const controls = await listOpenControls(trx, run.execution_id, 0, 10);
    const verdicts = controls.map((control) => verdictRecord(control.id));
    await stepRun(trx, org.tenant, run, { verdicts, failures: [], releases: [], takes: [] });
    await endExecution(trx, org.tenant, run, { status: 'completed' });
    const found: { id: string } = await trx('finding')
      .where({ assessment_id: run.assessment_id })
      .first('id');
    return { assessment_id: run.assessment_id, finding_id: found.id };
  });
};

/** Five runs at once: the ones before give their slots back. */
async function freeSlots({ db }: World, { tenant }: WorldOrg): Promise<void> {
  await withTenant(db, tenant, async (trx) => {
    const live: RunKey[] = await trx('assessment_execution')
      .whereIn('status', ['starting', 'running'])
      .select('assessment_id', 'id as execution_id');
    for (const run of live) await endExecution(trx, tenant, run, { status: 'cancelled' });
  });
}

const several: Maker = async (world, org) => {
  await pending(world, org);
  return await pending(world, org);
};

const slots = { before: freeSlots };

async function builtIn({ db }: World): Promise<string> {
  const framework: { id: string } = await db('framework').whereNull('org_id').first('id');
  return framework.id;
}

export const ASSESSMENTS: Entries = {
  'assessments.list': { may: 'read', object: several },
  'assessments.create': {
    may: 'write',
    body: async (world) => ({ framework_id: await builtIn(world), name: 'New', scope: 'All' }),
  },
  'assessments.get': { may: 'read', object: pending },
  'assessments.delete': { may: 'manage', object: pending },
  'assessments.execute': { ...slots, may: 'write', object: pending, body: () => ({ restart: true }) },
  'assessments.pause': { ...slots, may: 'write', object: running },
  'assessments.resume': { ...slots, may: 'write', object: paused },
  'assessments.cancel': { ...slots, may: 'write', object: running },
  'assessments.status': { may: 'read', object: pending },
  'assessments.events': { ...slots, may: 'read', object: judged },
  'assessments.bundle': { ...slots, may: 'download', object: judged },
  'assessments.oscal': { ...slots, may: 'download', object: judged },
  'findings.list': { ...slots, may: 'read', object: judged },
  'findings.get': { ...slots, may: 'read', object: judged },
  'findings.update': { ...slots, may: 'review', object: judged },
};

export const ASSESSMENT_REFERENCES: References = {
  assessment_id: async (world, org) => (await pending(world, org))['assessment_id'] ?? '',
  evidence_id: async ({ db }, { tenant }) => (await buildEvidence(db, tenant, 'Reviewed.')).id,
};
