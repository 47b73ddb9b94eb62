// S15: nothing changes without a trace. Each call that changes something, and each that a member may not make, leaves
// exactly one entry that says who, what, when, from where and how it ended; if the entry cannot be written, nothing is.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouteFacts } from '../../api/http/spec.js';
import { PERMISSIONS } from '../../domain/permissions.js';
import { ROLES } from '../../domain/tenant.js';
import { withClient } from '../../local/postgres/databases.js';
import { createWorld, entryOf, type Person, type World, type WorldOrg } from '../support/world.js';
import { exampleOf, routeNamed, ROUTES, snapshot, statusOf, TENANT_ROUTES } from './routes.js';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const changes = ({ method, permission }: RouteFacts): boolean => method !== 'get' && permission !== 'public';
const CHANGES = ROUTES.filter(changes);
const named = (specs: readonly RouteFacts[]) => specs.map((spec) => [spec.name, spec] as const);

interface Row {
  org_id: string;
  seq: number;
  at: Date;
  actor_id: string;
  body: string;
}

async function entries(): Promise<Row[]> {
  return await withClient(world.api.database.owner_url, async (client) => {
    const { rows } = await client.query<Row>('select org_id, seq, at, actor_id, body from audit_log');
    return rows;
  });
}

/** The entries that a call has left, in whatever organization. */
async function tracesOf<T>(call: () => Promise<T>): Promise<{ result: T; rows: Row[] }> {
  const key = ({ org_id, seq }: Row): string => `${org_id} ${String(seq)}`;
  const before = new Set((await entries()).map(key));
  const result = await call();
  return { result, rows: (await entries()).filter((row) => !before.has(key(row))) };
}

async function stage(spec: RouteFacts): Promise<WorldOrg> {
  return entryOf(spec).disposable === true ? await world.found() : world.ours;
}

test.each(named(CHANGES))('%s leaves one entry', async (_, spec) => {
  const org = await stage(spec);
  const who = org.people.admin;
  const example = await exampleOf(world, org, spec);
  const started = Date.now();
  const { result, rows } = await tracesOf(() => world.call(who, spec, example));
  expect(result.status, JSON.stringify(result.body)).toBe(statusOf(spec));
  expect(rows).toHaveLength(1);
  const [row] = rows;
  const things = [result.body.id, result.body.evidence_id, ...Object.values(example.params)];
  // where the path names none, it is the one that was founded or that the body is about
  const named_in_path = spec.path.startsWith('/orgs/:org_id');
  expect(row?.org_id).toBe(named_in_path ? org.org_id : (result.body.id ?? org.org_id));
  expect(row?.actor_id).toBe(who.user_id);
  const entry = JSON.parse(row?.body ?? '');
  expect(entry).toMatchObject({
    actor_id: who.user_id,
    action: expect.stringMatching(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/),
    resource_type: expect.stringMatching(/^[a-z_]+$/),
    outcome: 'done',
    address: '127.0.0.1',
    request_id: result.headers.get('x-request-id'),
  });
  expect(things).toContain(entry.resource_id);
  expect(Date.parse(entry.at)).toBeGreaterThanOrEqual(started - 1000);
  expect(Date.parse(entry.at)).toBeLessThanOrEqual(Date.now() + 1000);
});

/** Some member who may not make the call; a machine, because they are people enough to be held to account. */
function whoMayNot({ permission }: RouteFacts): Person | undefined {
  if (permission === 'public' || permission === 'signed-in') return undefined;
  const allowed: readonly string[] = PERMISSIONS[permission];
  const role = ROLES.find((each) => !allowed.includes(each));
  return role && world.ours.machines[role];
}

const GUARDED = TENANT_ROUTES.filter(({ permission }) => !isOpenToAll(permission));

function isOpenToAll(permission: RouteFacts['permission']): boolean {
  if (permission === 'public' || permission === 'signed-in') return true;
  return PERMISSIONS[permission].length === ROLES.length;
}

test.each(named(GUARDED))('%s, refused to a member, leaves one entry', async (_, spec) => {
  const who = whoMayNot(spec);
  const example = await exampleOf(world, world.ours, spec);
  const { result, rows } = await tracesOf(() => world.call(who, spec, example));
  expect(result.status).toBe(403);
  expect(rows).toHaveLength(1);
  expect(rows[0]?.org_id).toBe(world.ours.org_id);
  expect(JSON.parse(rows[0]?.body ?? '')).toMatchObject({
    actor_id: who?.user_id,
    action: spec.permission,
    resource_type: 'route',
    resource_id: spec.name,
    outcome: 'refused',
    address: '127.0.0.1',
    request_id: result.headers.get('x-request-id'),
  });
});

test('a refusal that comes from the matter and not from the role leaves one entry too', async () => {
  const spec = routeNamed('incidents.severity.confirm');
  const { ours, db } = world;
  const example = await exampleOf(world, ours, spec);
  const asked_by = ours.people.analyst;
  await db.transaction(async (trx) => {
    await trx.raw(`select set_config('app.org_id', ?, true)`, [ours.org_id]);
    const pending = { pending_severity_by: asked_by.user_id };
    await trx('incident').where({ id: example.params['incident_id'] }).update(pending);
  });
  const { result, rows } = await tracesOf(() => world.call(asked_by, spec, example));
  expect(result).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  expect(rows.map((row) => JSON.parse(row.body))).toMatchObject([
    { actor_id: asked_by.user_id, action: spec.permission, resource_id: spec.name, outcome: 'refused' },
  ]);
});

test('a token of somebody else for a member’s address leaves one entry', async () => {
  const { api, ours } = world;
  const { viewer } = ours.people;
  const { email } = (await world.call(viewer, routeNamed('users.me'), {})).body;
  const token = api.access.mint({ ...api.access.person(email), sub: 'somebody-else' });
  const ask = () =>
    world.call({ ...viewer, token }, routeNamed('orgs.get'), { params: { org_id: ours.org_id } });
  const { result, rows } = await tracesOf(ask);
  expect(result).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  expect(rows.map((row) => JSON.parse(row.body))).toMatchObject([
    { actor_id: null, action: 'user.sign_in', resource_id: viewer.user_id, outcome: 'refused' },
  ]);
});

const BROKEN_AUDIT = `
create function refuse_audit() returns trigger language plpgsql as $$
begin raise exception 'no entry can be written'; end $$;
create trigger refuse_audit before insert on audit_log for each row execute function refuse_audit()`;

async function withBrokenAudit(work: () => Promise<void>): Promise<void> {
  const { owner_url } = world.api.database;
  await withClient(owner_url, (client) => client.query(BROKEN_AUDIT));
  try {
    await work();
  } finally {
    await withClient(owner_url, (client) => client.query('drop function refuse_audit cascade'));
  }
}

test.each(named(CHANGES))('%s changes nothing when the entry cannot be written', async (_, spec) => {
  const org = await stage(spec);
  const example = await exampleOf(world, org, spec);
  const before = await snapshot(world);
  await withBrokenAudit(async () => {
    const answer = await world.call(org.people.admin, spec, example);
    expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR' } });
  });
  expect(await snapshot(world)).toEqual(before);
});

test.each(named(GUARDED))('%s stays refused when the entry cannot be written', async (_, spec) => {
  const example = await exampleOf(world, world.ours, spec);
  const before = await snapshot(world);
  await withBrokenAudit(async () => {
    expect((await world.call(whoMayNot(spec), spec, example)).status).toBe(500);
  });
  expect(await snapshot(world)).toEqual(before);
});

test('after all of that every chain still verifies', async () => {
  for (const org of [world.ours, world.theirs]) {
    const input = { params: { org_id: org.org_id } };
    const verdict = await world.call(org.people.auditor, routeNamed('audit.verify'), input);
    expect(verdict.body).toMatchObject({ valid: true });
  }
});
