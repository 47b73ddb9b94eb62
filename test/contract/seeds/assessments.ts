import { buildEvidence } from '../../support/factories/evidence.js';
import { until } from '../../support/until.js';
import { created, type Ground, type Seeds } from './types.js';

const CONTROLS = ['CC6.1', 'CC6.2'];

/** Runs in every state: a fast one that has ended, slow ones to pause, resume and cancel, others not begun. */
export async function seedAssessments(ground: Ground): Promise<Seeds> {
  const { founder, org_id, framework_id } = ground;
  const path = `/orgs/${org_id}/assessments`;
  const add = async (evaluator: 'rules' | 'llm', control_refs?: string[]): Promise<string> =>
    await created(founder, path, { framework_id, name: 'Seeded', scope: 'All', evaluator, control_refs });
  const running = async (): Promise<string> => {
    const id = await add('llm');
    await founder.post(`${path}/${id}/execute`);
    return id;
  };
  const ended = await add('rules', CONTROLS);
  await founder.post(`${path}/${ended}/execute`);
  await until(async () => (await founder.get(`${path}/${ended}`)).body.status === 'completed', 60_000);
  const findings = (await founder.get(`/orgs/${org_id}/findings`)).body.items;
  const evidence = await buildDocument(ground);
  const paused = await running();
  await founder.post(`${path}/${paused}/pause`);
  await until(async () => (await founder.get(`${path}/${paused}`)).body.status === 'paused', 60_000);
  const fresh = async (): Promise<string[]> => [await add('rules', CONTROLS), await add('rules', CONTROLS)];
  return {
    '*': {
      assessment_id: [ended, await add('rules')],
      evidence_id: [evidence],
      finding_id: findings.map(({ id }: { id: string }) => id),
      control_refs: CONTROLS,
    },
    'assessments.execute': { assessment_id: await fresh() },
    'assessments.delete': { assessment_id: await fresh() },
    'assessments.pause': { assessment_id: [await running()] },
    'assessments.resume': { assessment_id: [paused] },
    'assessments.cancel': { assessment_id: [await running()] },
  };
}

/** Evidence for every control, so that the slow model is asked about each. */
async function buildDocument({ api, founder, org_id, framework_id }: Ground): Promise<string> {
  const { body } = await founder.get(`/frameworks/${framework_id}/controls?limit=200`);
  const tenant = {
    org_id,
    actor_id: (await founder.get('/users/me')).body.id,
    request_id: 'test',
    role: 'admin' as const,
    address: '127.0.0.1',
  };
  const { id } = await buildEvidence(
    api.database.db,
    tenant,
    'All access is reviewed every quarter by the owner.',
    {
      control_refs: body.items.map(({ ref }: { ref: string }) => ref),
    },
  );
  return id;
}
