import { startedBy } from '../../../domain/incidents/obligations.js';
import { newId } from '../../../db/ids.js';
import { saveObligations } from '../../../db/incidents/obligations.js';
import { withTenant } from '../../../db/tenancy.js';
import { created } from './people.js';
import type { Entries, Maker, References, World, WorldOrg } from './types.js';

const REPORT = {
  title: 'Logins from two continents',
  description: 'Within a minute.',
  category: 'unauthorized_access',
  severity: 'high',
};

const REVIEW = {
  root_cause: 'No second factor.',
  lessons: 'Have one.',
  actions: [{ title: 'Roll it out', owner_id: null }],
};

async function report(world: World, org: WorldOrg): Promise<{ id: string; clock_id: string }> {
  const { id, sla } = await created(world, org, '/incidents', REPORT);
  const clock = sla.clocks.find((each: { kind: string }) => each.kind === 'resolve');
  return { id, clock_id: clock.id };
}

const reported: Maker = async (world, org) => {
  const { id, clock_id } = await report(world, org);
  return { incident_id: id, clock_id, seq: '1' };
};

const several: Maker = async (world, org) => {
  await reported(world, org);
  return await reported(world, org);
};

/** As its workflow leaves it when an admin has asked to call it less. */
const awaitingConfirmation: Maker = async (world, org) => {
  const params = await reported(world, org);
  await withTenant(world.db, org.tenant, async (trx) => {
    await trx('incident').where({ id: params['incident_id'] }).update({
      severity: 'critical',
      pending_severity: 'low',
      pending_severity_by: org.removed.admin.user_id,
    });
  });
  return params;
};

/** As its workflow leaves it. */
const clockPaused: Maker = async (world, org) => {
  const params = await reported(world, org);
  await withTenant(world.db, org.tenant, async (trx) => {
    const record = trx.raw(`jsonb_set(record, '{state}', '"paused"')`);
    await trx('incident_clock').where({ id: params['clock_id'] }).update({ state: 'paused', record });
  });
  return params;
};

const tasked: Maker = async (world, org) => {
  const { id } = await report(world, org);
  const task = await created(world, org, `/incidents/${id}/tasks`, { title: 'Rotate the keys' });
  await created(world, org, `/incidents/${id}/tasks`, { title: 'Tell the users' });
  return { incident_id: id, task_id: task.id };
};

/** As its workflow leaves it when somebody has established that it is known. */
const obliged: Maker = async (world, org) => {
  const { id: incident_id } = await report(world, org);
  const anchored_at = Date.now();
  const happening = { anchor: { event: 'awareness_confirmed' as const }, at: anchored_at };
  const obligations = startedBy(happening, [], newId);
  await withTenant(world.db, org.tenant, async (trx) => {
    await saveObligations(trx, org.org_id, incident_id, { obligations, entries: [] }, null);
  });
  return { incident_id, obligation_id: obligations[0]?.id ?? '' };
};

const noted: Maker = async (world, org) => {
  const params = await reported(world, org);
  await created(world, org, `/incidents/${params['incident_id'] ?? ''}/timeline`, { description: 'Seen.' });
  return params;
};

/** As its workflow leaves it: whoever follows it is told the end. */
const closed: Maker = async (world, org) => {
  const params = await reported(world, org);
  await withTenant(world.db, org.tenant, async (trx) => {
    const state = {
      phase: 'post_incident',
      status: 'closed',
      resolution: 'resolved',
      closed_at: trx.fn.now(),
    };
    await trx('incident').where({ id: params['incident_id'] }).update(state);
  });
  return params;
};

export const INCIDENTS: Entries = {
  'incidents.list': { may: 'read', object: several },
  'incidents.create': { may: 'write' },
  'incidents.get': { may: 'read', object: reported },
  'incidents.update': {
    may: 'write',
    object: reported,
    body: () => ({ severity: 'critical', review: REVIEW }),
  },
  'incidents.transition': { may: 'write', object: reported },
  'incidents.acknowledge': { may: 'write', object: reported, body: () => ({ notes: 'Mine' }) },
  'incidents.severity.confirm': { may: 'write', object: awaitingConfirmation, body: () => ({ notes: 'So' }) },
  'incidents.clocks.pause': {
    may: 'write',
    object: reported,
    body: () => ({ reason: 'waiting_on_vendor' }),
  },
  'incidents.clocks.resume': { may: 'write', object: clockPaused, body: () => ({ notes: 'On' }) },
  'incidents.timeline.list': { may: 'read', object: noted },
  'incidents.timeline.verify': { may: 'read', object: reported },
  'incidents.timeline.add': { may: 'write', object: reported },
  'incidents.timeline.redact': { may: 'manage', object: reported, body: () => ({ reason: 'A name' }) },
  'incidents.export': { may: 'download', object: reported },
  'incidents.events.follow': { may: 'read', object: closed },
  'incidents.events.record': { may: 'write', object: reported },
  'incidents.obligations.decide': { may: 'write', object: obliged },
  'incidents.obligations.submit': { may: 'write', object: obliged },
  // the analyst of the matrix is not in command of it; that a commander may is told in test/incidents
  'incidents.obligations.waive': { may: 'command', object: obliged },
  'incidents.tasks.list': { may: 'read', object: tasked },
  'incidents.tasks.add': { may: 'write', object: reported },
  'incidents.tasks.update': { may: 'write', object: tasked, body: () => ({ status: 'in_progress' }) },
  'incidents.tasks.all': { may: 'read', object: tasked },
};

export const INCIDENT_REFERENCES: References = {
  incident_id: async (world, org) => (await report(world, org)).id,
  depends_on: async (world, org, params = {}) => {
    const { incident_id = (await report(world, org)).id } = params;
    return (await created(world, org, `/incidents/${incident_id}/tasks`, { title: 'Before that' })).id;
  },
};
