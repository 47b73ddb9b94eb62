// S9: the guard before user-written SQL. Attacks are refused to the last one, honest queries pass, nothing crashes it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { guardQuery } from '../../db/kris/sql-guard.js';
import { ATTACKS } from './corpus/attacks.js';
import { HONEST } from './corpus/honest.js';

const SCHEMAS = ['aws'];
const guard = (sql: string) => guardQuery(sql, SCHEMAS);

test('the corpus is as large as promised, and repeats nothing', () => {
  expect(new Set(ATTACKS).size).toBe(ATTACKS.length);
  expect(ATTACKS.length).toBeGreaterThanOrEqual(150);
  expect(new Set(HONEST).size).toBe(HONEST.length);
  expect(HONEST.length).toBeGreaterThanOrEqual(60);
});

describe('refuses', () => {
  test.each(ATTACKS.map((sql) => [sql.slice(0, 120), sql]))('%s', async (_, sql) => {
    const verdict = await guard(sql);
    expect(verdict.ok).toBe(false);
    if (!verdict.ok) expect(verdict.detail.length).toBeGreaterThan(10);
  });
});

describe('accepts', () => {
  test.each(HONEST.map((sql) => [sql.slice(0, 120), sql]))('%s', async (_, sql) => {
    expect(await guard(sql)).toMatchObject({ ok: true });
  });
});

describe('says', () => {
  test.each([
    ['where the parser stopped', 'select count(*)\nfrm x y', 'line 2, column 5: syntax error at or near "x"'],
    ['what is not allowed', 'select 1, pg_sleep(1)', 'line 1, column 11: function "pg_sleep" is not allowed'],
    [
      'it after letters of more than a byte',
      `select 'ééé', pg_sleep(1)`,
      'line 1, column 15: function "pg_sleep"',
    ],
    ['it where the parser stopped after such', `select 'ééé' frm x y`, 'line 1, column 18: syntax error'],
    [
      'it in words that a person has written',
      'select count(*) from aws_x where name = $1',
      'a parameter such as $1 is not',
    ],
    ['that of a sample, too', 'select 1 from aws_x tablesample system (1)', 'TABLESAMPLE is not allowed'],
    ['which statement it is', 'delete from x', 'only a SELECT is allowed, not delete'],
    ['whose schema it is not', 'select 1 from other.x', 'schema "other" is not one of the organization'],
  ])('%s', async (_, sql, said) => {
    const verdict = await guard(sql);
    expect(verdict).toMatchObject({ ok: false });
    expect(verdict.ok ? '' : verdict.detail).toContain(said);
  });

  test('which tables it reads, without those of a WITH', async () => {
    const sql = 'with a as (select 1 from aws_x) select 1 from a, aws.aws_y, (select 1 from aws_x) z';
    expect(await guard(sql)).toMatchObject({ ok: true, tables: ['aws.aws_y', 'aws_x'] });
  });

  test('the statement alone, without what is before and behind it', async () => {
    const guarded = await guard(`/* é */ select 1 ; -- é`);
    expect(guarded).toMatchObject({ ok: true });
    expect(guarded.ok ? guarded.sql : '').toMatch(/select 1 $/);
  });
});

test('a schema may be named only by the organization that has it', async () => {
  expect(await guardQuery('select count(*) from aws.aws_s3_bucket', [])).toMatchObject({ ok: false });
  expect(await guardQuery('select count(*) from aws_s3_bucket', [])).toMatchObject({ ok: true });
});

// what a query is made of, honest or not
const WORDS =
  `select from where with as ( ) ( ) , ; . * + - count sum pg_sleep aws_s3_bucket other secret pg_shadow a b 1 2.5
  'x' "y" U&"\\0061" $$z$$ $1 null true :: int jsonb -> ->> @> union all group by order limit lateral case when then else
  end not in any array [ ] exists over partition filter /* */ -- \n recursive delete insert into values for update
  e'\\x41' interval 'a 0x1f 1_000 row collate`.split(/\s+/);

const expression = fc.letrec<{ any: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom('1', `'x'`, 'b.name', 'tags', 'null', '*', 'now()', 'current_user', 'pg_sleep(1)'),
  any: fc.oneof(
    { maxDepth: 6 },
    tie('leaf'),
    fc
      .tuple(tie('any'), fc.constantFrom('+', '->', '||', 'and', 'in', '~'), tie('any'))
      .map((p) => p.join(' ')),
    tie('any').map((inner) => `(select ${inner} from aws_s3_bucket b)`),
    tie('any').map((inner) => `count(${inner}) filter (where ${inner} is null)`),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([one, two]) => `case when ${one} then ${two} else other.f(${one}) end`),
    tie('any').map((inner) => `with a as (select ${inner}) select 1 from a`),
  ),
})).any;

/** Longer where somebody has the time: FUZZ_EXAMPLES=100000. */
const numRuns = Number(process.env['FUZZ_EXAMPLES'] ?? '') || 3_000;

test('whatever is written, there is an answer', { timeout: 600_000 }, async () => {
  const texts = fc.oneof(
    fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => `select ${words.join(' ')}`),
    expression.map((text) => `select ${text}`),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .tuple(fc.constantFrom(...ATTACKS, ...HONEST), fc.nat(), fc.string({ maxLength: 3 }))
      .map(
        ([sql, at, more]) => sql.slice(0, at % (sql.length + 1)) + more + sql.slice(at % (sql.length + 1)),
      ),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const verdict = await guard(text);
      if (!verdict.ok) {
        expect(verdict.detail).not.toBe('');
        return;
      }
      expect(verdict.tables.filter((table) => !/^(aws\.)?(?!pg_)[a-z][a-z0-9_]*$/.test(table))).toEqual([]);
      // what is run is what was judged
      expect(await guard(verdict.sql)).toEqual(verdict);
    }),
    { numRuns },
  );
});
