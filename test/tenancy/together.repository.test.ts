// Statements that travel together are as those that are sent one by one, also when one of them fails.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../db/connection.js';
import { readTenant, withTenant } from '../../db/tenancy.js';
import { together } from '../../db/together.js';
import type { TestOrg } from '../support/factories/orgs.js';
import { openOneConnection } from './one-connection.js';

let close: () => Promise<void>;
let db: Database;
let ours: TestOrg;
let theirs: TestOrg;

beforeAll(async () => {
  ({ db, ours, theirs, close } = await openOneConnection());
});
afterAll(() => close());

/** Asked so often, a statement has a name on its connection. */
const ROUNDS = 6;

test('each sees what its organization may see, and answers in its place', async () => {
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { tenant } of [ours, theirs]) {
      const answers = await readTenant(db, tenant, (rows) =>
        together<[{ id: string }, { n: number }, { none: string }, { name: string }]>(rows, [
          rows('org').select('id'),
          rows.raw('select ?::int as n union all select 2 order by n', [round + 10]),
          rows('org').select({ none: 'name' }).where({ id: randomUUID() }),
          undefined,
        ]),
      );
      expect(answers).toEqual([[{ id: tenant.org_id }], [{ n: 2 }, { n: round + 10 }], [], []]);
    }
  expect(await readTenant(db, ours.tenant, (rows) => together(rows, [undefined]))).toEqual([[]]);
});

test('in a transaction a later one sees what an earlier one has written, and nothing stays of what is undone', async () => {
  const before = await withTenant(db, ours.tenant, (trx) => trx('org').first('name'));
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `renamed ${String(round)}`;
    const undone = withTenant(db, ours.tenant, async (trx) => {
      const [, [seen]] = await together<[never, { name: string }]>(trx, [
        trx('org').update({ name }),
        trx('org').select('name'),
      ]);
      expect(seen).toEqual({ name });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
  }
  expect(await withTenant(db, ours.tenant, (trx) => trx('org').first('name'))).toEqual(before);
});

test('a read cannot write', async () => {
  const write = readTenant(db, ours.tenant, (rows) =>
    together(rows, [rows('org').select('id'), rows('org').update({ name: 'written' })]),
  );
  await expect(write).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
});

test.each([0, 1, 2])('what fails at place %i fails all, whatever was named before', async (place) => {
  const texts = ['first', 'second', 'third'].map((name) => `select ?::int + ${String(place)} as ${name}`);
  const ask = (divisor: number) =>
    readTenant(db, ours.tenant, (rows) =>
      together<Record<string, number>[]>(
        rows,
        texts.map((text, index) =>
          index === place
            ? rows.raw(text.replace('?::int', '10 / ?::int'), [divisor])
            : rows.raw(text, [index]),
        ),
      ),
    );
  for (let round = 0; round < ROUNDS; round += 1) {
    // the first rounds fail while the statements are being named
    await expect(ask(0)).rejects.toThrow('division by zero');
    if (round > 3) expect((await ask(5))[place]?.map((row) => Object.values(row))).toEqual([[2 + place]]);
    const { rows } = await db.raw(`select current_setting('app.org_id') as org`);
    expect(rows).toEqual([{ org: '' }]);
  }
});

test('a value that cannot be sent is refused before anything is', async () => {
  const ask = readTenant(db, ours.tenant, (rows) =>
    together(rows, [rows('org').select('id'), rows.raw('select ?::jsonb', [{ big: 1n }])]),
  );
  await expect(ask).rejects.toThrow('BigInt');
  expect(await readTenant(db, ours.tenant, (rows) => rows('org').pluck('id'))).toEqual([ours.tenant.org_id]);
});
