import { until } from '../../support/until.js';
import { buildPlaybook, manual } from '../../support/factories/playbook.js';
import { created, type Ground, type Seeds } from './types.js';

const INCIDENT = { title: 'Seeded', description: 'Seeded', category: 'phishing', severity: 'low' };
const ONE = buildPlaybook('one', { one: manual('end') });

/** A document that can be run, and runs that wait for a person: what is drawn from the schema alone cannot be run. */
export async function seedPlaybooks({ api, founder, email, org_id }: Ground): Promise<Seeds> {
  const base = `/orgs/${org_id}`;
  await founder.post(`${base}/playbooks`, { playbook_id: 'waits', document: ONE.document });
  // whoever sends is in command here, for only the commander and admins approve
  const commander_id = (await api.as(email).get('/users/me')).body.id;
  const incident_id = await created(founder, `${base}/incidents`, { ...INCIDENT, commander_id });
  const runs = `${base}/incidents/${incident_id}`;
  const start = async (): Promise<string> => {
    const id = await created(founder, `${runs}/playbook`, { playbook_id: 'waits' });
    await until(async () => {
      const { body } = await founder.get(`${runs}/playbook-runs/${id}`);
      return body.steps.some(({ status }: { status: string }) => status === 'waiting_person');
    });
    return id;
  };
  const [run_id, paused] = [await start(), await start()];
  await founder.post(`${runs}/playbook-runs/${paused}/pause`, {});
  const run = async () => ({ incident_id: [incident_id], run_id: [await start()] });
  return {
    '*': { playbook_id: ['waits'], run_id: [run_id], step_id: [ONE.id('one')], variables: [], outputs: [] },
    'playbooks.library.get': { playbook_id: ['ransomware'] },
    'playbooks.import': { playbook_id: ['drawn'], document: [ONE.document] },
    'playbook_runs.execute': { incident_id: [incident_id] },
    'playbook_runs.list': { incident_id: [incident_id] },
    'playbook_runs.get': { incident_id: [incident_id] },
    'playbook_runs.pause': await run(),
    'playbook_runs.resume': { incident_id: [incident_id], run_id: [paused] },
    'playbook_runs.abort': await run(),
    'playbook_runs.rollback': await run(),
    'playbook_runs.steps.approve': { incident_id: [incident_id] },
    'playbook_runs.steps.reject': { incident_id: [incident_id] },
    'playbook_runs.steps.complete': await run(),
  };
}
