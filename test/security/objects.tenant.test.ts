// S3: can another organization see or change it? Every route is asked for what belongs to somebody else: by members of
// another organization, by nobody's member, by those who were removed, and in an organization that was deleted. What
// is foreign answers exactly like what is not there, and stays as it was.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouteFacts } from '../../api/http/spec.js';
import { PERMISSIONS } from '../../domain/permissions.js';
import { ROLES } from '../../domain/tenant.js';
import { withClient } from '../../local/postgres/databases.js';
import {
  createWorld,
  endOrg,
  everybody,
  type Input,
  type Params,
  type Person,
  type World,
  type WorldOrg,
} from '../support/world.js';
import {
  each,
  exampleOf,
  MISSING_ID,
  objectParams,
  refusalOf,
  routeNamed,
  ROUTES,
  snapshot,
  TENANT_ROUTES,
} from './routes.js';

type Example = Input & { params: Params };

let world: World;
const inGone = new Map<string, Example>();
beforeAll(async () => {
  world = await createWorld();
  for (const spec of [...TENANT_ROUTES, ...SHARED]) {
    inGone.set(spec.name, await exampleOf(world, world.gone, spec));
  }
  await endOrg(world, world.gone);
});
afterAll(() => world.stop());

/** Outside organizations, but of things that an organization may own. */
const SHARED = ROUTES.filter((spec) => spec.permission === 'signed-in' && objectParams(spec).length > 0)
  // what ships belongs to no organization
  .filter(({ name }) => name !== 'playbooks.library.get');
const OBJECTS = TENANT_ROUTES.filter((spec) => objectParams(spec).length > 0)
  // every organization has its own of that name; test/policies shows that nobody gets another's
  .filter(({ path }) => !path.includes('/policies/:name'));
const LISTS = TENANT_ROUTES.filter((spec) => spec.query !== undefined && hasCursor(spec));
const ORG = routeNamed('orgs.get');
const named = (specs: readonly RouteFacts[]) => specs.map((spec) => [spec.name, spec] as const);

function hasCursor({ query }: RouteFacts): boolean {
  return query?.safeParse({ cursor: 'x' }).success === true;
}

const UUID = /^[0-9a-f]{8}-/;

/** The nearest GET above the route that shows what its path names. */
function readerOf(spec: RouteFacts): RouteFacts {
  const above = TENANT_ROUTES.filter(
    ({ method, path, response }) =>
      method === 'get' &&
      !('raw' in response) &&
      /:\w+$/.test(path) &&
      `${spec.path}/`.startsWith(`${path}/`),
  );
  const nearest = above.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (!nearest) throw new Error(`${spec.name}: no GET shows what it works on`);
  return nearest;
}

async function proveItExists(spec: RouteFacts, org: WorldOrg, { params }: Example): Promise<void> {
  const seen = await world.call(org.people.admin, readerOf(spec), { params });
  expect(seen.status, spec.name).toBe(200);
  const text = JSON.stringify(seen.body);
  for (const name of objectParams(spec)) {
    const id = params[name] ?? '';
    if (UUID.test(id)) expect(text, `${spec.name}: ${name}`).toContain(id);
  }
}

/** The same call for an id that nobody has. */
function withoutObject(spec: RouteFacts, example: Example): Example {
  const missing = objectParams(spec).map((name) => [
    name,
    UUID.test(example.params[name] ?? '') ? MISSING_ID : '1',
  ]);
  return { ...example, params: { ...example.params, ...Object.fromEntries(missing) } };
}

async function refusesAll(
  who: readonly Person[],
  spec: RouteFacts,
  asked: Example,
  like: Example,
): Promise<void> {
  const [first] = who;
  const missing = await world.call(first, spec, like);
  const before = await snapshot(world);
  await each(who, async (person) => {
    const foreign = await world.call(person, spec, asked);
    expect(foreign.status, person.words).toBe(404);
    expect(refusalOf(foreign), person.words).toEqual(refusalOf(missing));
    expect([...foreign.headers.keys()], person.words).toEqual([...missing.headers.keys()]);
  });
  expect(await snapshot(world)).toEqual(before);
}

const inOrg = (example: Example, org_id: string): Example => ({
  ...example,
  params: { ...example.params, org_id },
});

const mayCall = (org: WorldOrg, { permission }: RouteFacts): Person[] => {
  if (permission === 'public' || permission === 'signed-in') return everybody(org);
  return everybody(org, PERMISSIONS[permission]);
};

test.each(named(OBJECTS))('%s does not find what another organization has', async (_, spec) => {
  const { ours, theirs } = world;
  const foreign = await exampleOf(world, theirs, spec);
  await proveItExists(spec, theirs, foreign);
  const asked = inOrg(foreign, ours.org_id);
  // whoever may not is told so, whatever the path names
  await refusesAll(mayCall(ours, spec), spec, asked, withoutObject(spec, asked));
  await proveItExists(spec, theirs, foreign);
});

test.each(named(TENANT_ROUTES))('%s hides its organization from outsiders', async (_, spec) => {
  const { ours, theirs, stranger } = world;
  const example = await exampleOf(world, theirs, spec);
  const visible = await world.call(theirs.people.admin, ORG, { params: example.params });
  expect(visible).toMatchObject({ status: 200, body: { id: theirs.org_id } });
  const removed = ROLES.map((role) => theirs.removed[role]);
  const outsiders = [...everybody(ours), ...removed, stranger];
  await refusesAll(outsiders, spec, example, inOrg(example, MISSING_ID));
});

test.each(named(TENANT_ROUTES))('%s is gone with its organization', async (_, spec) => {
  const { gone, theirs } = world;
  const example = inGone.get(spec.name);
  if (!example) throw new Error(`${spec.name}: made nothing before the end`);
  const people = [...everybody(gone), theirs.people.admin];
  await refusesAll(people, spec, example, inOrg(example, MISSING_ID));
});

test.each(named(SHARED))('%s shows what an organization imported to its members only', async (_, spec) => {
  const { ours, theirs, gone, stranger } = world;
  const example = await exampleOf(world, theirs, spec);
  expect((await world.call(theirs.people.viewer, spec, example)).status).toBe(200);
  const removed = ROLES.map((role) => theirs.removed[role]);
  const outsiders = [...everybody(ours), ...removed, stranger, ...everybody(gone)];
  await refusesAll(outsiders, spec, example, withoutObject(spec, example));
  const lost = inGone.get(spec.name);
  if (!lost) throw new Error(`${spec.name}: made nothing before the end`);
  await refusesAll(everybody(gone), spec, lost, withoutObject(spec, lost));
});

test.each(named(LISTS))('%s takes no cursor of another organization', async (_, spec) => {
  const { ours, theirs } = world;
  const example = await exampleOf(world, theirs, spec);
  const page = await world.call(theirs.people.admin, spec, { ...example, query: 'limit=1' });
  expect(page, spec.name).toMatchObject({ status: 200, body: { next_cursor: expect.any(String) } });
  const own = await exampleOf(world, ours, spec);
  const query = `limit=1&cursor=${encodeURIComponent(page.body.next_cursor)}`;
  const refused = await world.call(ours.people.admin, spec, { ...own, query });
  expect(refused).toMatchObject({ status: 422, body: { field: 'cursor' } });
});

test('no answer to a member holds an id of another organization', async () => {
  const { ours, theirs } = world;
  const reads = ROUTES.filter(({ method, permission }) => method === 'get' && permission !== 'public');
  for (const spec of reads) await exampleOf(world, theirs, spec);
  const foreign = await idsOf(theirs);
  expect(foreign.length).toBeGreaterThan(20);
  for (const spec of reads) {
    const answer = await world.call(ours.people.admin, spec, await exampleOf(world, ours, spec));
    const text = JSON.stringify(answer.body ?? null);
    expect(
      foreign.filter((id) => text.includes(id)),
      spec.name,
    ).toEqual([]);
  }
});

/** Of whatever the organization has, and of its people. */
async function idsOf({ org_id }: WorldOrg): Promise<string[]> {
  return await withClient(world.api.database.owner_url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = 'public' and column_name in ('id', 'org_id')
       group by table_name having count(*) = 2`,
    );
    const parts = tables.map(({ name }) => `select id::text from "${name}" where org_id = $1`);
    const people = `select user_id::text from membership where org_id = $1`;
    const { rows } = await client.query<{ id: string }>([...parts, people].join(' union '), [org_id]);
    return [org_id, ...rows.map(({ id }) => id)];
  });
}
