// What exists in the world that is fuzzed. A new resource adds a seeder here, and nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Role } from '../../domain/tenant.js';
import type { Caller, TestApi } from '../support/app.js';
import { buildEvidence } from '../support/factories/evidence.js';

/** `*` or an operationId -> field -> values that exist; an empty list leaves the field out. */
export type Seeds = Record<string, Record<string, unknown[]>>;

export interface World {
  email: string;
  seeds: Seeds;
}

interface Ground {
  api: TestApi;
  role: Role;
  /** The organization's founder, who prepares what the role may not. */
  founder: Caller;
  email: string;
  org_id: string;
  framework_id: string;
}

type Seeder = (ground: Ground) => Promise<Seeds>;

const SEEDERS: readonly Seeder[] = [seedLists, seedOrgs, seedUsers, seedAssessments];

/** An organization in which somebody has that role, with something behind every path parameter. */
export async function seedWorld(api: TestApi, role: Role): Promise<World> {
  const founder = api.as(`founder@${role}.example`);
  const email = `someone@${role}.example`;
  const org_id = await founded(founder, `${role}.example`, email, role);
  const framework_id = (await founder.get('/frameworks')).body.items[0].id;
  const seeds: Seeds = {};
  for (const seeder of SEEDERS) {
    const more = await seeder({ api, role, founder, email, org_id, framework_id });
    for (const [operation, fields] of Object.entries(more)) {
      seeds[operation] = { ...seeds[operation], ...fields };
    }
  }
  return { email, seeds };
}

async function founded(founder: Caller, domain: string, email: string, role: Role): Promise<string> {
  const org_id = (await founder.post('/orgs', { name: domain, domain })).body.id;
  await created(founder, `/orgs/${org_id}/users`, { email, name: 'Someone', role });
  return org_id;
}

async function created(caller: Caller, path: string, body: unknown): Promise<string> {
  const answer = await caller.post(path, body);
  if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

function seedLists(): Promise<Seeds> {
  // a cursor is good for one list with one set of filters: no document can say which
  return Promise.resolve({ '*': { cursor: [] } });
}

const DAY = { from: '09:00', to: '17:00' };
const WEEK = [DAY, DAY, DAY, DAY, DAY, null, null];

async function seedOrgs({ founder, role, email, org_id, framework_id }: Ground): Promise<Seeds> {
  const spare = await Promise.all(
    [1, 2].map((index) => founded(founder, `spare-${String(index)}.${role}.example`, email, role)),
  );
  // rules between fields, and names that stand in a list elsewhere
  const settings = {
    appetite: [
      { approaching: 1, exceeds: 5, critical: 10 },
      { approaching: 0, exceeds: 0.5, critical: 125 },
    ],
    escalation: [[], [{ percent: 50, notify: ['admins'] }]],
    zone: ['UTC', 'Europe/Amsterdam'],
    calendar: ['business'],
    calendars: [{ business: { zone: 'UTC', hours: WEEK, holidays: ['2026-12-25'] } }],
  };
  return {
    '*': { org_id: [org_id], framework_id: [framework_id], ...settings },
    'orgs.delete': { org_id: spare },
  };
}

async function seedUsers({ founder, role, org_id }: Ground): Promise<Seeds> {
  const add = async (name: string): Promise<string> =>
    await created(founder, `/orgs/${org_id}/users`, {
      email: `${name}@${role}.example`,
      name,
      role: 'viewer',
    });
  const kept = [await add('first'), await add('second')];
  return {
    '*': { user_id: kept, owner_id: kept },
    'users.delete': { user_id: [await add('third'), await add('fourth')] },
  };
}

const CONTROLS = ['CC6.1', 'CC6.2'];

/** Runs in every state: a fast one that has ended, slow ones to pause, resume and cancel, others not begun. */
async function seedAssessments(ground: Ground): Promise<Seeds> {
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
  await until(founder, `${path}/${ended}`, 'completed');
  const findings = (await founder.get(`/orgs/${org_id}/findings`)).body.items;
  await buildDocument(ground);
  const paused = await running();
  await founder.post(`${path}/${paused}/pause`);
  await until(founder, `${path}/${paused}`, 'paused');
  const fresh = async (): Promise<string[]> => [await add('rules', CONTROLS), await add('rules', CONTROLS)];
  return {
    '*': {
      assessment_id: [ended, await add('rules')],
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
async function buildDocument({ api, founder, org_id, framework_id }: Ground): Promise<void> {
  const { body } = await founder.get(`/frameworks/${framework_id}/controls?limit=200`);
  const tenant = {
    org_id,
    actor_id: (await founder.get('/users/me')).body.id,
    request_id: 'test',
    role: 'admin' as const,
    address: '127.0.0.1',
  };
  await buildEvidence(api.database.db, tenant, 'All access is reviewed every quarter by the owner.', {
    control_refs: body.items.map(({ ref }: { ref: string }) => ref),
  });
}

async function until(caller: Caller, path: string, status: string): Promise<void> {
  const end = Date.now() + 60_000;
  for (;;) {
    const { body } = await caller.get(path);
    if (body.status === status) return;
    if (Date.now() > end) throw new Error(`${path} is still ${String(body.status)}`);
    await sleep(100);
  }
}
