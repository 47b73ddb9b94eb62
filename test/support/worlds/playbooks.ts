import { randomUUID } from 'node:crypto';
import { saveStep } from '../../../db/playbooks/steps.js';
import { withTenant } from '../../../db/tenancy.js';
import type { RiskClass, RunStatus, StepStatus } from '../../../domain/playbooks/rules.js';
import { buildPlaybook, manual } from '../factories/playbook.js';
import { created } from './people.js';
import type { Entries, Maker, Params, World, WorldOrg } from './types.js';

const ONE = buildPlaybook('one', { one: manual('end') });
const ARGS_HASH = 'a'.repeat(64);
const REPORT = { title: 'Found', description: 'So', category: 'malicious_code', severity: 'high' };

async function imported(world: World, org: WorldOrg): Promise<string> {
  const playbook_id = `p${randomUUID()}`;
  await created(world, org, '/playbooks', { playbook_id, document: ONE.document });
  return playbook_id;
}

const owned: Maker = async (world, org) => ({ playbook_id: await imported(world, org) });
const shipped: Maker = () => Promise.resolve({ playbook_id: 'ransomware' });

const reported: Maker = async (world, org) => ({
  incident_id: (await created(world, org, '/incidents', REPORT)).id,
});

/** As its workflow leaves it. */
async function started(
  world: World,
  org: WorldOrg,
  status: RunStatus,
  step?: { status: StepStatus; risk_class: RiskClass },
): Promise<Params> {
  const { incident_id = '' } = await reported(world, org);
  const body = { playbook_id: await imported(world, org) };
  const { id } = await created(world, org, `/incidents/${incident_id}/playbook`, body);
  const step_id = ONE.id('one');
  await withTenant(world.db, org.tenant, async (trx) => {
    await trx('playbook_run').where({ id }).update({ status });
    const begun = { run_id: id, step_id, iteration: 1, name: 'one', action: 'http', args_hash: ARGS_HASH };
    if (step) await saveStep(trx, org.org_id, { ...begun, ...step });
  });
  return { incident_id, run_id: id, ...(step && { step_id }) };
}

const running: Maker = (world, org) => started(world, org, 'running');
const paused: Maker = (world, org) => started(world, org, 'paused');
const several: Maker = async (world, org) => {
  const { incident_id = '' } = await running(world, org);
  await created(world, org, `/incidents/${incident_id}/playbook`, { playbook_id: 'phishing' });
  return { incident_id };
};
const awaitingApproval: Maker = (world, org) =>
  started(world, org, 'running', { status: 'waiting_approval', risk_class: 'reversible' });
const awaitingPerson: Maker = (world, org) =>
  started(world, org, 'running', { status: 'waiting_person', risk_class: 'read' });

const approval = () => ({ args_hash: ARGS_HASH, notes: 'So be it' });

export const PLAYBOOKS: Entries = {
  'playbooks.library.list': { may: 'signed-in', object: shipped },
  'playbooks.library.get': { may: 'signed-in', object: shipped },
  'playbooks.list': { may: 'read', object: owned },
  'playbooks.import': { may: 'write' },
  'playbooks.get': { may: 'read', object: owned },
  'playbook_runs.list': { may: 'read', object: several },
  'playbook_runs.execute': { may: 'write', object: reported },
  'playbook_runs.get': { may: 'read', object: running },
  'playbook_runs.pause': { may: 'write', object: running, body: () => ({ notes: 'Wait' }) },
  'playbook_runs.resume': { may: 'write', object: paused, body: () => ({ notes: 'On' }) },
  'playbook_runs.abort': { may: 'write', object: running, body: () => ({ notes: 'Enough' }) },
  'playbook_runs.rollback': { may: 'write', object: running, body: () => ({ notes: 'Back' }) },
  // the analyst of the matrix is not in command of it; that a commander may is told in test/playbooks
  'playbook_runs.steps.approve': { may: 'command', object: awaitingApproval, body: approval },
  'playbook_runs.steps.reject': { may: 'command', object: awaitingApproval, body: approval },
  'playbook_runs.steps.complete': { may: 'write', object: awaitingPerson },
};
