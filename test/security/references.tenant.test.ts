// S4: every id in every body and query is exchanged for one of another organization. It is refused exactly like one that
// nobody has, and nothing is applied; in a filter it finds nothing.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouteFacts } from '../../api/http/spec.js';
import { createWorld, entryOf, PEOPLE_FIELDS, referenceOf, type World } from '../support/world.js';
import { exampleOf, MISSING_ID, refusalOf, ROUTES, snapshot, statusOf } from './routes.js';
import { idFields, nameOf, type Path, withField } from './schemas.js';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

type Row = readonly [title: string, spec: RouteFacts, path: Path];
const rows = (part: 'body' | 'query'): Row[] =>
  ROUTES.filter(({ permission }) => permission !== 'public').flatMap((spec) =>
    idFields(spec[part]).map((path) => [`${spec.name}: ${path.join('.')}`, spec, path] as const),
  );
const IN_BODIES = rows('body');
const IN_QUERIES = rows('query');

test('there are such places', () => {
  expect(IN_BODIES.length).toBeGreaterThan(8);
  expect(IN_QUERIES.length).toBeGreaterThan(4);
});

test.each(IN_BODIES)('%s in a body', async (_, spec, path) => {
  const { ours, theirs } = world;
  const who = ours.people.admin;
  const reference = referenceOf(nameOf(path));
  const example = await exampleOf(world, ours, spec);
  const ask = async (id: string) =>
    await world.call(who, spec, { ...example, body: withField(example.body, path, id) });

  const people = PEOPLE_FIELDS.includes(nameOf(path)) ? [ours.removed.admin.user_id] : [];
  const foreign = [await reference(world, theirs), ...people];
  const before = await snapshot(world);
  const missing = await ask(MISSING_ID);
  for (const id of foreign) {
    const refused = await ask(id);
    expect([404, 422]).toContain(refused.status);
    if (refused.status === 422) expect(refused.body.field).toBe(path.join('.'));
    expect(refusalOf(refused)).toEqual(refusalOf(missing));
  }
  expect(await snapshot(world)).toEqual(before);

  // it was refused for that id, and for nothing else
  const accepted = await ask(await reference(world, ours, example.params));
  expect(accepted.status, JSON.stringify(accepted.body)).toBe(statusOf(spec));
});

test.each(IN_QUERIES)('%s in a query', async (_, spec, path) => {
  const { ours, theirs } = world;
  const reference = referenceOf(nameOf(path));
  const example = await exampleOf(world, ours, spec);
  await entryOf(spec).object?.(world, theirs);
  const ask = async (id: string) =>
    await world.call(ours.people.admin, spec, { params: example.params, query: `${path[0] ?? ''}=${id}` });

  const [foreign, missing] = [await ask(await reference(world, theirs)), await ask(MISSING_ID)];
  expect(refusalOf(foreign)).toEqual(refusalOf(missing));
  if (foreign.status === 200) expect(foreign.body).toEqual({ items: [], next_cursor: null });
  expect((await ask(await reference(world, ours, example.params))).status).toBe(200);
});
