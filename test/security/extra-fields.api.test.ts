// S5: nothing can be set that is not meant to be set. Fields that the server owns, whatever an answer shows beyond what
// a body takes, and the names that poison objects are refused by name, at every depth of every body and in queries.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RouteFacts } from '../../api/http/spec.js';
import { createWorld, type Input, type World } from '../support/world.js';
import { exampleOf, MISSING_ID, ROUTES, snapshot, statusOf } from './routes.js';
import { answeredFields, closedObjects, type Path, withField } from './schemas.js';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const EXTRAS: Record<string, unknown> = {
  org_id: MISSING_ID,
  id: MISSING_ID,
  user_id: MISSING_ID,
  actor_id: MISSING_ID,
  role: 'admin',
  status: 'completed',
  slot: 1,
  created_at: '2020-01-01T00:00:00Z',
  deleted_at: null,
  ['__proto__']: { polluted: true },
  constructor: { prototype: { polluted: true } },
  prototype: { polluted: true },
};
const DEEP = ['org_id', '__proto__', 'constructor'];

const takesBody = ({ method }: RouteFacts): boolean => ['post', 'put', 'patch'].includes(method);
const BODIES = ROUTES.filter(({ permission }) => permission !== 'public').filter(takesBody);
const CLOSED = ROUTES.filter((spec) => spec.hidden !== true);
const named = (specs: readonly RouteFacts[]) => specs.map((spec) => [spec.name, spec] as const);

/** What a body may not hold at its top: fixed names, and all that the answer shows beyond it. */
function extrasOf({ body, response }: RouteFacts): string[] {
  const taken =
    body === undefined
      ? []
      : closedObjects(body).flatMap(({ path, fields }) => (path.length === 0 ? fields : []));
  const shown = 'raw' in response ? [] : answeredFields(response);
  return [...new Set([...Object.keys(EXTRAS), ...shown])].filter((name) => !taken.includes(name));
}

async function refuses(spec: RouteFacts, input: Input, path: Path): Promise<void> {
  const name = path.at(-1) ?? '';
  const value = Object.hasOwn(EXTRAS, name) ? Reflect.get(EXTRAS, name) : 'x';
  const body = withField(input.body ?? {}, path, value);
  const answer = await world.call(world.ours.people.admin, spec, { ...input, body: JSON.stringify(body) });
  const field = path.join('.');
  expect(answer, field).toMatchObject({ status: 422, body: { code: 'VALIDATION_ERROR' } });
  expect(answer.body.errors, field).toContainEqual({ field, detail: 'unknown field' });
  expect(Object.prototype).not.toHaveProperty('polluted');
}

test.each(named(BODIES))('%s refuses fields that are not its own', async (_, spec) => {
  const { ours } = world;
  const example = await exampleOf(world, ours, spec);
  const before = await snapshot(world);
  for (const name of extrasOf(spec)) await refuses(spec, example, [name]);
  const nested =
    spec.body === undefined ? [] : closedObjects(spec.body).filter(({ path }) => path.length > 0);
  for (const { path } of nested) for (const name of DEEP) await refuses(spec, example, [...path, name]);
  expect(await snapshot(world)).toEqual(before);
  // it was refused for those, and for nothing else
  const accepted = await world.call(ours.people.admin, spec, example);
  expect(accepted.status, JSON.stringify(accepted.body)).toBe(statusOf(spec));
});

test.each(named(CLOSED))('%s refuses parameters that are not its own', async (_, spec) => {
  const { ours } = world;
  const { body, ...example } = await exampleOf(world, ours, spec);
  const known = spec.query === undefined ? [] : closedObjects(spec.query).flatMap(({ fields }) => fields);
  const before = await snapshot(world);
  for (const name of ['org_id', 'role', 'offset', '__proto__', 'constructor'].filter(
    (each) => !known.includes(each),
  )) {
    const input = { ...example, query: `${name}=1`, ...(takesBody(spec) && { body: body ?? {} }) };
    const answer = await world.call(ours.people.admin, spec, input);
    expect(answer, name).toMatchObject({ status: 422, body: { code: 'VALIDATION_ERROR', field: name } });
  }
  expect(await snapshot(world)).toEqual(before);
});
