// What a value means: colours both ways, one episode per breach, a trend, and when a schedule comes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCron } from '../../domain/kris/cron.js';
import { type Breach, statusOf, stepBreach, trendOf } from '../../domain/kris/rules.js';

const UP = { green_threshold: 100, amber_threshold: 500 };
const DOWN = { green_threshold: 99, amber_threshold: 95 };
const SAME = { green_threshold: 10, amber_threshold: 10 };
const number = fc.integer({ min: -1_000, max: 1_000 });
const thresholds = fc.record({ green_threshold: number, amber_threshold: number });

describe('colour', () => {
  test.each([
    [
      UP,
      [
        [0, 'green'],
        [100, 'green'],
        [100.01, 'amber'],
        [500, 'amber'],
        [500.01, 'red'],
      ],
    ],
    [
      DOWN,
      [
        [100, 'green'],
        [99, 'green'],
        [98.9, 'amber'],
        [95, 'amber'],
        [94.9, 'red'],
      ],
    ],
    [
      SAME,
      [
        [9, 'green'],
        [10, 'green'],
        [10.1, 'red'],
      ],
    ],
  ] as const)('%j', (given, cases) => {
    for (const [value, status] of cases) expect(statusOf(value, given)).toBe(status);
  });

  test('equal thresholds leave two colours', () => {
    fc.assert(
      fc.property(number, number, (value, at) => {
        expect(statusOf(value, { green_threshold: at, amber_threshold: at })).not.toBe('amber');
      }),
    );
  });

  test('further in the bad direction is never better, and the mirror image has the same colour', () => {
    const rank = { green: 0, amber: 1, red: 2 };
    fc.assert(
      fc.property(thresholds, number, fc.nat({ max: 500 }), (given, value, more) => {
        const { green_threshold: green, amber_threshold: amber } = given;
        const worse = green <= amber ? value + more : value - more;
        expect(rank[statusOf(worse, given)]).toBeGreaterThanOrEqual(rank[statusOf(value, given)]);
        if (green === amber) return;
        const mirror = { green_threshold: -green, amber_threshold: -amber };
        expect(statusOf(-value, mirror)).toBe(statusOf(value, given));
      }),
    );
  });
});

function play(values: readonly number[], hysteresis: number, given = UP) {
  let open: Breach | undefined;
  const events: string[] = [];
  for (const value of values) {
    const step = stepBreach(open, value, hysteresis, given);
    open = step.open;
    if (step.event) events.push(step.event);
  }
  return { open, events };
}

describe('an episode', () => {
  test('is one from green over amber to red, and ends after two good samples in a row', () => {
    expect(play([50, 200, 300, 600, 700, 400, 90], 2)).toEqual({
      open: { worst_status: 'red', worst_value: 700, good_samples: 1 },
      events: ['opened', 'worsened'],
    });
    expect(play([200, 90, 300, 90, 80], 2).events).toEqual(['opened', 'closed']);
    expect(play([200, 90, 200, 90], 1).events).toEqual(['opened', 'closed', 'opened', 'closed']);
    expect(play([94, 93, 97], 2, DOWN).open).toMatchObject({ worst_status: 'red', worst_value: 93 });
  });

  test('opens once, closes at most once, and never while a bad sample is among the last ones', () => {
    const series = fc.array(fc.integer({ min: 0, max: 800 }), { maxLength: 60 });
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 5 }), (values, hysteresis) => {
        const { open, events } = play(values, hysteresis);
        const turns = events.filter((event) => event !== 'worsened');
        turns.forEach((event, index) => expect(event).toBe(index % 2 === 0 ? 'opened' : 'closed'));
        const bad = values.slice(-hysteresis).some((value) => statusOf(value, UP) !== 'green');
        if (bad) expect(open).toBeDefined();
        if (values.every((value) => statusOf(value, UP) === 'green')) expect(events).toEqual([]);
        expect(turns.length % 2 === 1).toBe(open !== undefined);
      }),
    );
  });
});

describe('a trend', () => {
  const DAY = 86_400_000;
  const daily = (values: readonly number[], from = 1.7e12) =>
    values.map((value, index) => ({ value, at: from + index * DAY }));

  test('needs two moments', () => {
    expect(trendOf([], UP)).toBeNull();
    expect(trendOf(daily([1]), UP)).toBeNull();
    expect(
      trendOf(
        [
          { value: 1, at: 5 },
          { value: 9, at: 5 },
        ],
        UP,
      ),
    ).toBeNull();
  });

  test('says where it goes, and whether that is good', () => {
    expect(trendOf(daily([100, 200, 300]), UP)).toEqual({
      direction: 'rising',
      meaning: 'worsening',
      change: expect.closeTo(200, 6),
      slope_per_day: expect.closeTo(100, 6),
      samples: 3,
    });
    expect(trendOf(daily([90, 95, 99]), DOWN)).toMatchObject({ direction: 'rising', meaning: 'improving' });
    expect(trendOf(daily([100, 104, 98]), UP)).toMatchObject({ direction: 'flat', meaning: 'steady' });
  });

  test('is the same wherever the series stands, and the other way round for its mirror image', () => {
    const series = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 2, maxLength: 30 });
    const opposite = { rising: 'falling', falling: 'rising', flat: 'flat' };
    fc.assert(
      fc.property(series, fc.nat({ max: 1e9 }), (values, shift) => {
        const trend = trendOf(daily(values), UP);
        expect(trendOf(daily(values, 1.7e12 + shift), UP)?.slope_per_day).toBeCloseTo(
          trend?.slope_per_day ?? 0,
          6,
        );
        const mirrored = trendOf(daily(values.map((value) => -value)), UP);
        if (!trend || !mirrored || Math.abs(Math.abs(trend.change) - 40) < 1e-6) return;
        expect(mirrored.direction).toBe(opposite[trend.direction]);
      }),
    );
  });
});

describe('a schedule', () => {
  const HOUR = 3_600;
  const DAY = 86_400;
  test.each([
    ['0 * * * *', HOUR],
    ['@hourly', HOUR],
    ['*/5 * * * *', 300],
    ['* * * * *', 60],
    ['0,30 8-17 * * *', 14.5 * HOUR],
    ['0 9 * * mon-fri', 3 * DAY],
    ['0 9 * * 1-5/2', 3 * DAY],
    ['15 3 * * 7', 7 * DAY],
    ['@daily', DAY],
    ['0 0 1 * *', 31 * DAY],
    ['0 0 31 * *', 61 * DAY],
    ['0 0 29 feb *', 1_461 * DAY],
    // from the last of July to the first of January
    ['  30   6  *  JAN,jul * ', 154 * DAY],
  ])('%s comes at the latest after %d seconds', (text, interval_s) => {
    const cron = readCron(text);
    expect(cron.ok).toBe(true);
    if (cron.ok) expect(cron.interval_s).toBe(interval_s);
  });

  test.each([
    '',
    'x',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    '*/99 * * * *',
    '1/2/3 * * * *',
    '1-2-3 * * * *',
    '-1 * * * *',
    '1, * * * *',
    '0 0 30 2 *',
    '0 0 1 * 1',
    '@reboot',
    '@every 1h',
    '0 0 * * L',
    '# * * * *',
    '0 0 ? * *',
  ])('refuses %j with a reason', (text) => {
    const cron = readCron(text);
    expect(cron).toMatchObject({ ok: false });
    expect(cron.ok ? '' : cron.detail).not.toBe('');
  });

  test('whatever is written, there is an answer', () => {
    const part = fc.stringMatching(/^[0-9*/,a-z-]{0,8}$/);
    fc.assert(
      fc.property(fc.tuple(part, part, part, part, part), (parts) => {
        const cron = readCron(parts.join(' '));
        if (cron.ok) expect(cron.interval_s).toBeGreaterThanOrEqual(60);
      }),
    );
  });
});
