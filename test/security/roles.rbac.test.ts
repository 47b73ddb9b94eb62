// S3: who may do what. Each route is called by each role, as a person and as a machine; what the contract says is
// written here once more and held against domain/permissions.ts and against what the API answers.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouteFacts } from '../../api/http/spec.js';
import { PERMISSIONS } from '../../domain/permissions.js';
import { type Role, ROLES } from '../../domain/tenant.js';
import {
  createWorld,
  ENTRY_NAMES,
  entryOf,
  everybody,
  type ContractRow,
  type Person,
  type World,
} from '../support/world.js';
import { each, exampleOf, routeNamed, ROUTES, snapshot, statusOf, TENANT_ROUTES } from './routes.js';

/** The contract's table of roles. */
const CONTRACT: Readonly<Record<Exclude<ContractRow, 'public' | 'signed-in'>, readonly Role[]>> = {
  read: ['viewer', 'analyst', 'auditor', 'admin'],
  download: ['analyst', 'auditor', 'admin'],
  audit: ['auditor', 'admin'],
  write: ['analyst', 'admin'],
  review: ['analyst', 'auditor', 'admin'],
  command: ['admin'],
  manage: ['admin'],
};

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

function rolesOf(spec: RouteFacts): readonly Role[] {
  const { may } = entryOf(spec);
  if (may === 'public' || may === 'signed-in') throw new Error(`${spec.name}: asks for no role`);
  return CONTRACT[may];
}

/** The incident's commander is no role: the door lets in whoever could be it, the row decides. */
function doorOf(spec: RouteFacts): Role[] {
  return [...(entryOf(spec).may === 'command' ? CONTRACT.write : rolesOf(spec))];
}

test('every route is in the table', () => {
  expect(ROUTES.map(({ name }) => name).filter((name) => !ENTRY_NAMES.includes(name))).toEqual([]);
  expect(TENANT_ROUTES.length).toBeGreaterThan(20);
});

test.each(ROUTES.map((spec) => [spec.name, spec] as const))(
  '%s asks for what the contract says',
  (_, spec) => {
    const { may } = entryOf(spec);
    const { permission } = spec;
    if (permission === 'public' || permission === 'signed-in') expect(may).toBe(permission);
    else expect([...PERMISSIONS[permission]].toSorted()).toEqual(doorOf(spec).toSorted());
  },
);

test.each(TENANT_ROUTES.map((spec) => [spec.name, spec] as const))('%s, role by role', async (_, spec) => {
  const may = rolesOf(spec);
  const { ours } = world;
  const refused = everybody(
    ours,
    ROLES.filter((role) => !may.includes(role)),
  );
  const shared = await exampleOf(world, ours, spec);
  const before = await snapshot(world);
  await each(refused, async (who) => {
    const answer = await world.call(who, spec, shared);
    expect(answer, who.words).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });
  expect(await snapshot(world)).toEqual(before);
  for (const role of may) {
    for (const kind of ['people', 'machines'] as const) await succeeds(spec, role, kind);
  }
});

async function succeeds(spec: RouteFacts, role: Role, kind: 'people' | 'machines'): Promise<void> {
  const org = entryOf(spec).disposable === true ? await world.found() : world.ours;
  const answer = await world.call(org[kind][role], spec, await exampleOf(world, org, spec));
  expect(answer.status, `${org[kind][role].words}: ${JSON.stringify(answer.body)}`).toBe(statusOf(spec));
}

const open = ROUTES.filter(({ permission }) => permission === 'public');
test.each(open.map((spec) => [spec.name, spec] as const))('%s needs no sign-in', async (_, spec) => {
  expect((await world.call(undefined, spec, await exampleOf(world, world.ours, spec))).status).toBe(
    statusOf(spec),
  );
});

const signedIn = ROUTES.filter(({ permission }) => permission === 'signed-in');
test.each(signedIn.map((spec) => [spec.name, spec] as const))('%s needs sign-in only', async (_, spec) => {
  const anonymous = await world.call(undefined, spec, await exampleOf(world, world.ours, spec));
  expect(anonymous).toMatchObject({ status: 401, body: { code: 'UNAUTHORIZED' } });
  const members: Person[] = ROLES.map((role) => world.ours.people[role]);
  for (const who of members) {
    const answer = await world.call(who, spec, await exampleOf(world, world.ours, spec));
    expect(answer.status, who.words).toBe(statusOf(spec));
  }
});

test('a machine founds no organization: it would be admin of one that nobody gave it', async () => {
  const spec = routeNamed('orgs.create');
  const before = await snapshot(world);
  const refused = await world.call(world.ours.machines.admin, spec, await exampleOf(world, world.ours, spec));
  expect(refused).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  expect(await snapshot(world)).toEqual(before);
});
