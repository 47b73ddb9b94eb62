// Every list is a fixed number of statements, however many rows it shows: counted at the driver, for each list route.
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { exampleOf, ROUTES } from '../security/routes.js';
import { createWorld, type World } from '../support/world.js';

/** Who asks, in which organization, and the page; the transaction around it is not counted. */
const MOST = 4;
const ROWS = 6;

const LISTS = ROUTES.filter(
  ({ method, query }) => method === 'get' && query?.safeParse({ limit: '1' }).success === true,
).filter(({ query }) => query?.safeParse({ no_such: '1' }).success === false);

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

test('there are lists to ask', () => {
  expect(LISTS.length).toBeGreaterThan(8);
});

test.each(LISTS.map((spec) => [spec.name, spec] as const))('%s', async (_, spec) => {
  const { params } = await exampleOf(world, world.ours, spec);
  for (let row = 1; row < ROWS; row += 1) await exampleOf(world, world.ours, spec);
  const statements = async (limit: number): Promise<{ count: number; rows: number }> => {
    const queries = vi.spyOn(pg.Client.prototype, 'query');
    try {
      const query = `limit=${String(limit)}`;
      const answer = await world.call(world.ours.people.admin, spec, { params, query });
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      const texts = queries.mock.calls.map(([first]) => textOf(first));
      const counted = texts.filter((text) => !/^(begin|commit|select set_config)/i.test(text));
      return { count: counted.length, rows: answer.body.items.length };
    } finally {
      queries.mockRestore();
    }
  };
  await statements(1); // the caller is known from here on
  const [one, twenty, many] = [await statements(1), await statements(20), await statements(200)];
  expect(many.rows).toBeGreaterThanOrEqual(one.rows);
  expect([one.count, twenty.count, many.count]).toEqual([one.count, one.count, one.count]);
  expect(one.count).toBeGreaterThan(0);
  expect(one.count).toBeLessThanOrEqual(MOST);
});

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const text: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, 'text') : '';
  return typeof text === 'string' ? text.trim() : '';
}
