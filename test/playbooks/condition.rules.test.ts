// Conditions of playbooks: what they mean, and that nothing else is taken for one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConditionError, isTrue, parseCondition, variablesIn } from '../../domain/playbooks/condition.js';

const HOST = { __host__: 'web-01', __n__: '7', __empty__: '', __big__: '10' };

test.each([
  ["__host__:value = 'web-01'", true],
  ["__host__:value == 'web-02'", false],
  ["__host__:value != 'web-02'", true],
  ['__n__:value < __big__:value', true],
  ["__n__:value < '10'", true],
  ["__host__:value < 'x'", true],
  ['__n__:value >= 7 AND __n__:value <= 7', true],
  ["NOT __host__:value = 'web-01'", false],
  ["[__host__:value = 'web-01'] OR [__n__:value = 1]", true],
  ['__n__:value = 1 OR __n__:value = 2 AND __n__:value = 7', false],
  ["(__n__:value = 7 OR __n__:value = 2) AND __host__:value LIKE 'web-%'", true],
  ["__host__:value LIKE 'web_0_'", true],
  ["__host__:value NOT LIKE '%x%'", true],
  ['__n__:value IN (1, 5, 7)', true],
  ["__host__:value NOT IN ('a', 'b')", true],
  ["__nowhere__:value = ''", true],
  ["__empty__:value = 'it\\'s'", false],
])('%s is %s', (source, expected) => {
  expect(isTrue(parseCondition(source), HOST)).toBe(expected);
});

test.each([
  '',
  '__host__ = 1',
  '__host__:value =',
  '__host__:value = 1 __n__:value = 2',
  "__host__:value = 'open",
  '(__n__:value = 1',
  'process.exit()',
  '__n__:value = 1; __n__:value = 2',
  '__n__:value NOT = 1',
  '__n__:value LIKE __host__:value',
  '('.repeat(40) + '__n__:value = 1' + ')'.repeat(40),
])('refuses %s', (source) => {
  expect(() => parseCondition(source)).toThrow(ConditionError);
});

test('names what it reads', () => {
  expect(
    variablesIn(parseCondition("NOT (__a__:value = __b__:value OR __c__:value IN ('x', __d__:value))")),
  ).toEqual(['__a__', '__b__', '__c__', '__d__']);
});

test('whatever it is given, it answers or refuses; it throws nothing else', () => {
  const piece = fc.constantFrom(
    '__a__:value',
    "'x'",
    '1',
    '=',
    '<',
    'AND',
    'OR',
    'NOT',
    'IN',
    'LIKE',
    '(',
    ')',
    ',',
    '[',
    ']',
    '\\',
    '%',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(' ')),
      ),
      (source) => {
        try {
          expect(typeof isTrue(parseCondition(source), { __a__: 'x' })).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(ConditionError);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
