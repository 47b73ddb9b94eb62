// R4 for clocks: working time in IANA zones, over weekends, holidays and changes of summer time.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addDays,
  addElapsed,
  addMonths,
  type BusinessCalendar,
  elapsedBetween,
  fitsHorizon,
} from '../../domain/incidents/calendar.js';

const NINE_TO_FIVE = [540, 1020] as const;
const WEEK: BusinessCalendar['hours'] = [
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  NINE_TO_FIVE,
  null,
  null,
];
const amsterdam: BusinessCalendar = { zone: 'Europe/Amsterdam', hours: WEEK, holidays: ['2026-12-25'] };
const HOUR = 3_600_000;
const at = (iso: string) => Date.parse(iso);
const iso = (ms: number) => new Date(ms).toISOString();

describe('working time', () => {
  test.each([
    // 09:00 in Amsterdam is 08:00Z in winter and 07:00Z in summer
    ['within a day', '2026-11-24T09:00:00Z', '2026-11-24T11:00:00Z', 2],
    ['before opening to after closing', '2026-11-24T00:00:00Z', '2026-11-24T23:00:00Z', 8],
    ['over a weekend', '2026-11-27T15:00:00Z', '2026-11-30T09:00:00Z', 2],
    ['on a weekend', '2026-11-28T09:00:00Z', '2026-11-29T09:00:00Z', 0],
    ['over a holiday', '2026-12-24T15:00:00Z', '2026-12-28T09:00:00Z', 2],
    ['over the end of summer time', '2026-10-23T14:00:00Z', '2026-10-26T09:00:00Z', 2],
    ['over the begin of summer time', '2026-03-27T15:00:00Z', '2026-03-30T08:00:00Z', 2],
    ['backwards', '2026-11-24T11:00:00Z', '2026-11-24T09:00:00Z', 0],
  ])('%s', (_, from, to, hours) => {
    expect(elapsedBetween(amsterdam, at(from), at(to)) / HOUR).toBe(hours);
  });

  test('is added where it was measured', () => {
    for (const from of ['2026-03-27T15:30:00Z', '2026-10-23T14:10:00Z', '2026-12-24T12:00:00Z'])
      for (const hours of [0.25, 1, 8, 9, 40, 100]) {
        const end = addElapsed(amsterdam, at(from), hours * HOUR);
        expect(elapsedBetween(amsterdam, at(from), end)).toBe(hours * HOUR);
      }
  });

  test('four working days are days, not 32 hours: a half day counts as one', () => {
    const short: BusinessCalendar = { ...amsterdam, hours: [...WEEK.slice(0, 4), [540, 780], null, null] };
    // Tuesday 14:00 in Amsterdam; Wednesday, Thursday, Friday (closes at 13:00), Monday
    expect(iso(addDays(short, at('2026-11-24T13:00:00Z'), 4))).toBe('2026-11-30T13:00:00.000Z');
    expect(iso(addDays(short, at('2026-11-24T13:00:00Z'), 3))).toBe('2026-11-27T12:00:00.000Z');
  });

  test('from outside working time it counts from the next opening', () => {
    expect(iso(addDays(amsterdam, at('2026-11-28T20:00:00Z'), 1))).toBe('2026-12-01T08:00:00.000Z');
  });

  test('around the clock a day is 24 hours', () => {
    expect(addDays(null, 0, 2)).toBe(48 * HOUR);
    expect(elapsedBetween(null, 0, 90)).toBe(90);
  });

  test('a calendar that never works is refused, not waited for', () => {
    const never: BusinessCalendar = { ...amsterdam, hours: WEEK.map(() => null) };
    expect(() => addElapsed(never, 0, 1)).toThrow(RangeError);
  });
});

test('months are clamped to their end', () => {
  expect(iso(addMonths(at('2027-01-31T10:00:00Z'), 1))).toBe('2027-02-28T10:00:00.000Z');
  expect(iso(addMonths(at('2028-01-31T10:00:00Z'), 1))).toBe('2028-02-29T10:00:00.000Z');
  expect(iso(addMonths(at('2026-12-15T10:00:00Z'), 1))).toBe('2027-01-15T10:00:00.000Z');
});

test('what fits the horizon is reached from any day, whatever the week is like', () => {
  const week = fc.array(fc.option(fc.constantFrom<[number, number]>([0, 1440], [540, 1020], [0, 1])), {
    minLength: 7,
    maxLength: 7,
  });
  const target = fc.record({
    days: fc.integer({ min: 0, max: 3_000 }),
    ms: fc.integer({ min: 0, max: 500 * 24 * HOUR }),
  });
  fc.assert(
    fc.property(week, target, fc.constantFrom(1, 1.5, 10), fc.nat(30), (hours, { days, ms }, times, day) => {
      const calendar = { zone: 'UTC', hours, holidays: ['2026-11-30', '2026-12-25'] };
      fc.pre(hours.some((each) => each !== null) && fitsHorizon(calendar, { days, ms }, times));
      const from = Date.UTC(2026, 10, 15 + day, 7);
      const needed = elapsedBetween(calendar, from, addDays(calendar, from, days)) + ms;
      expect(addElapsed(calendar, from, needed * times)).toBeGreaterThanOrEqual(from);
    }),
    { numRuns: 60 },
  );
});
