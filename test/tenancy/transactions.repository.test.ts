// A transaction whose BEGIN and whose last statements travel with others is as one whose statements go one by one.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../db/connection.js';
import { leaveToEnd } from '../../db/dialect.js';
import { readTenant, type TenantDb, withTenant } from '../../db/tenancy.js';
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

const ROUNDS = 5;

const rename = (trx: TenantDb, name: string) => trx('org').update({ name });
const nameOf = async ({ tenant }: TestOrg): Promise<string> =>
  (await readTenant(db, tenant, (rows) => rows('org').first('name'))).name;

/** The instant of a transaction does not move. */
async function isOpen(): Promise<boolean> {
  const instants = [await db.raw('select now()::text'), await db.raw('select now()::text')];
  return new Set(instants.map(({ rows }) => rows[0]?.now)).size === 1;
}

test.each<[string, (trx: TenantDb) => Promise<{ id: string }[]>]>([
  ['with values', (trx) => trx('org').select('id').whereNot({ name: '' })],
  ['without', (trx) => trx('org').select('id')],
  [
    'of several',
    async (trx) =>
      (await trx.raw<{ rows: { id: string }[] }[]>('select 1; select id from org'))[1]?.rows ?? [],
  ],
  [
    'travelling together',
    async (trx) => (await together<[{ id: string }]>(trx, [trx('org').select('id')]))[0],
  ],
  ['in a savepoint', (trx) => trx.transaction((nested) => nested('org').select('id'))],
])('the first statement, %s, is within the organization and within the transaction', async (_, first) => {
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { tenant } of [ours, theirs]) {
      const [found, ids] = await withTenant(db, tenant, async (trx) => {
        const rows = await first(trx);
        const instants = [await trx.raw('select now()'), await trx.raw('select now()')];
        return [rows, new Set(instants.map((answer) => JSON.stringify(answer.rows)))] as const;
      });
      expect(found).toEqual([{ id: tenant.org_id }]);
      expect(ids.size).toBe(1);
    }
});

test('where nothing is asked nothing is begun, whatever becomes of it', async () => {
  await withTenant(db, ours.tenant, async () => await Promise.resolve());
  await expect(withTenant(db, ours.tenant, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await isOpen()).toBe(false);
  const { rows } = await db.raw(`select current_setting('app.org_id', true) as org`);
  expect(rows).toEqual([{ org: '' }]);
});

test('a first statement that fails leaves nothing open', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const failing = withTenant(db, ours.tenant, (trx) => trx.raw('select 1 / ?::int', [0]));
    await expect(failing).rejects.toThrow('division by zero');
    expect(await nameOf(theirs)).not.toBe('');
  }
});

test('what is left to the end is committed, is seen by what follows, and keeps its place', async () => {
  await withTenant(db, ours.tenant, async (trx) => {
    await leaveToEnd(trx, [rename(trx, 'one'), rename(trx, 'two')]);
    await leaveToEnd(trx, [rename(trx, 'three')]);
    expect(await trx('org').first('name')).toEqual({ name: 'three' });
    await rename(trx, 'four');
    await leaveToEnd(trx, [rename(trx, 'five')]);
  });
  expect(await nameOf(ours)).toBe('five');
  await withTenant(db, ours.tenant, (trx) => leaveToEnd(trx, [rename(trx, 'alone')]));
  expect(await nameOf(ours)).toBe('alone');
});

test.each([true, false])(
  'what is undone is undone with what was left to its end (asked before: %s)',
  async (asked) => {
    const undone = withTenant(db, ours.tenant, async (trx) => {
      if (asked) await rename(trx, 'undone');
      await leaveToEnd(trx, [rename(trx, 'left')]);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await nameOf(ours)).toBe('alone');
    expect(await withTenant(db, theirs.tenant, (trx) => trx('org').pluck('id'))).toEqual([
      theirs.tenant.org_id,
    ]);
  },
);

test('what is left to the end and fails undoes all, says why, and leaves nothing open', async () => {
  const taken: { domain: string } = await readTenant(db, theirs.tenant, (rows) =>
    rows('org').first('domain'),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    const failing = withTenant(db, ours.tenant, async (trx) => {
      await rename(trx, 'undone');
      await leaveToEnd(trx, [trx('org').update(taken)]);
    });
    await expect(failing).rejects.toMatchObject({
      code: 'CONFLICT',
      extras: { field: 'domain' },
    });
    expect(await isOpen()).toBe(false);
  }
  expect(await nameOf(ours)).toBe('alone');
});

test('a savepoint takes with it what was left to its end', async () => {
  await withTenant(db, ours.tenant, async (trx) => {
    await leaveToEnd(trx, [rename(trx, 'outside')]);
    const nested = trx.transaction(async (savepoint) => {
      await leaveToEnd(savepoint, [savepoint('org').update({ name: 'inside' })]);
      throw new Error('undone');
    });
    await expect(nested).rejects.toThrow('undone');
  });
  expect(await nameOf(ours)).toBe('outside');
});
