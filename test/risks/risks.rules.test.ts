// Scores, appetite and cells for every possible risk, and the picture made of them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escaped, heatmapPicture } from '../../domain/risks/heatmap.js';
import {
  acceptanceChange,
  appetiteOf,
  assuranceOf,
  cellsOf,
  changesBetween,
  computedScore,
  effectivenessOf,
  inherentScore,
  RISK_STATUSES,
  residualCell,
  residualScore,
} from '../../domain/risks/rules.js';

const BOUNDS = { approaching: 25, exceeds: 50, critical: 75 };
const level = fc.integer({ min: 1, max: 5 });
const cell = fc.record({ likelihood: level, impact: level });
const status = fc.constantFrom(
  'pass' as const,
  'fail' as const,
  'partial' as const,
  'not_applicable' as const,
  null,
);
const latest = fc.array(status, { maxLength: 30 });

describe('scores', () => {
  test.each([
    [1, 1, [], 5, 0, 5],
    [5, 5, [], 125, 0, 125],
    [5, 5, ['pass'], 125, 1, 25],
    [3, 4, ['partial'], 60, 0.5, 36],
    [3, 4, ['pass', 'partial', 'fail', 'not_applicable', null], 60, 0.5, 36],
    [3, 4, ['not_applicable', null], 60, 0, 60],
    [4, 4, ['pass', 'fail', 'fail'], 80, 0.3333, 58.67],
  ] as const)('%d × %d with %j', (likelihood, impact, found, inherent, effectiveness, residual) => {
    const assurance = assuranceOf(found);
    expect(inherentScore({ likelihood, impact })).toBe(inherent);
    expect(effectivenessOf(assurance)).toBe(effectiveness);
    expect(residualScore({ likelihood, impact }, assurance, null)).toBe(residual);
  });

  test('what a person has set goes before what the controls say', () => {
    const manual = { likelihood: 2, impact: 3 };
    const assurance = assuranceOf(['pass']);
    expect(residualScore({ likelihood: 5, impact: 5 }, assurance, manual)).toBe(30);
    expect(residualCell({ likelihood: 5, impact: 5 }, assurance, manual)).toEqual(manual);
  });

  test('lie between a fifth of the inherent score and all of it, and follow the formula', () => {
    fc.assert(
      fc.property(cell, latest, (inherent, found) => {
        const assurance = assuranceOf(found);
        const score = computedScore(inherent, assurance);
        const exact =
          inherentScore(inherent) * (1 - (assurance.halves / (2 * Math.max(assurance.of, 1))) * 0.8);
        expect(Math.abs(score - exact)).toBeLessThanOrEqual(0.005 + 1e-9);
        expect(score).toBeGreaterThanOrEqual(inherentScore(inherent) / 5);
        expect(score).toBeLessThanOrEqual(inherentScore(inherent));
      }),
    );
  });

  test('never rise when a verdict gets better', () => {
    fc.assert(
      fc.property(cell, latest, (inherent, found) => {
        const before = computedScore(inherent, assuranceOf([...found, 'fail']));
        const between = computedScore(inherent, assuranceOf([...found, 'partial']));
        const after = computedScore(inherent, assuranceOf([...found, 'pass']));
        expect(before).toBeGreaterThanOrEqual(between);
        expect(between).toBeGreaterThanOrEqual(after);
      }),
    );
  });

  test('cells stay on the map, keep their impact and are never above the inherent one', () => {
    fc.assert(
      fc.property(cell, latest, (inherent, found) => {
        const { likelihood, impact } = residualCell(inherent, assuranceOf(found), null);
        expect(impact).toBe(inherent.impact);
        expect(likelihood).toBeGreaterThanOrEqual(1);
        expect(likelihood).toBeLessThanOrEqual(inherent.likelihood);
      }),
    );
    expect(residualCell({ likelihood: 5, impact: 2 }, assuranceOf(['pass']), null).likelihood).toBe(1);
    expect(residualCell({ likelihood: 5, impact: 2 }, assuranceOf(['pass', 'fail']), null).likelihood).toBe(
      3,
    );
  });

  test('counts by cell hold every risk once, the gravest first', () => {
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 60 }), (cells) => {
        const counts = cellsOf(cells);
        expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(cells.length);
        expect(new Set(counts.map(({ likelihood, impact }) => `${likelihood}/${impact}`)).size).toBe(
          counts.length,
        );
        const scores = counts.map(inherentScore);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });
});

test.each([
  [0, 'within'],
  [24.99, 'within'],
  [25, 'approaching'],
  [49.99, 'approaching'],
  [50, 'exceeds'],
  [74.99, 'exceeds'],
  [75, 'critical'],
  [125, 'critical'],
] as const)('a score of %d is %s', (score, appetite) => {
  expect(appetiteOf(score, BOUNDS)).toBe(appetite);
});

test('the bounds are the organization’s', () => {
  expect(appetiteOf(10, { approaching: 5, exceeds: 8, critical: 12 })).toBe('exceeds');
});

describe('an acceptance', () => {
  const NOW = Date.parse('2026-11-24T12:00:00Z');
  const open = { status: 'open' as const, acceptance: null };
  const accepted = {
    status: 'accepted' as const,
    acceptance: { reason: 'Insured', expires_at: '2027-01-01T00:00:00.000000Z' },
  };
  const change = (
    ...[before, wanted]: [typeof open | typeof accepted, Parameters<typeof acceptanceChange>[1]]
  ) => acceptanceChange(before, wanted, NOW);

  test('needs a reason, and the status that goes with it', () => {
    expect(change(open, { status: 'accepted' })).toMatchObject({ field: 'acceptance' });
    expect(change(open, { acceptance: { reason: 'Insured' } })).toMatchObject({ field: 'acceptance' });
    expect(change(open, { status: 'accepted', acceptance: { reason: 'Insured' } })).toEqual({
      begins: { reason: 'Insured', expires_at: null },
    });
  });

  test('lasts neither into the past nor for ever', () => {
    const until = (expires_at: string) =>
      change(open, { status: 'accepted', acceptance: { reason: 'x', expires_at } });
    expect(until('2026-11-24T12:00:00Z')).toMatchObject({ field: 'acceptance.expires_at' });
    expect(until('2037-11-24T12:00:00Z')).toMatchObject({ field: 'acceptance.expires_at' });
    expect(until('2026-11-24T12:00:01Z')).toMatchObject({ begins: {} });
  });

  test('is replaced by another, stays as it is by the same, and ends with the status', () => {
    const acceptance = { reason: 'Insured', expires_at: '2027-01-01T00:00:00Z' };
    expect(change(accepted, { acceptance })).toEqual({});
    expect(change(accepted, {})).toEqual({});
    expect(change(accepted, { acceptance: { ...acceptance, reason: 'Moved' } })).toMatchObject({
      ends: 'replaced',
    });
    expect(change(accepted, { status: 'open' })).toEqual({ ends: 'withdrawn' });
    expect(change(accepted, { status: 'open', acceptance })).toMatchObject({ field: 'acceptance' });
  });
});

test('a change is told field by field, and what stayed is not', () => {
  expect(changesBetween({ a: 1, b: [1], c: null }, { a: 2, b: [1], c: { x: 1 } })).toEqual([
    { field: 'a', from: 1, to: 2 },
    { field: 'c', from: null, to: { x: 1 } },
  ]);
});

describe('the picture', () => {
  const map = {
    inherent: [{ likelihood: 5, impact: 4, count: 1234 }],
    residual: [{ likelihood: 2, impact: 4, count: 1 }],
    total: 1234,
    bounds: BOUNDS,
  };
  const draw = (change: Partial<Parameters<typeof heatmapPicture>[0]> = {}): string =>
    heatmapPicture({
      map,
      organization: 'Acme',
      date: '2026-11-24',
      view: 'both',
      statuses: ['open'],
      ...change,
    });

  test('says what it shows to those who do not see it', () => {
    const svg = draw();
    expect(svg).toContain(
      '<title id="heatmap-title">Risk heatmap, Acme · 1,234 open risks · 24 November 2026</title>',
    );
    expect(svg).toContain('Inherent risk, before controls: 1,234 at likelihood 5 and impact 4 (critical).');
    expect(svg).toContain('Residual risk, after controls: 1 at likelihood 2 and impact 4 (approaching).');
    expect(svg).toContain('<title>Likelihood 5, impact 4, score 100, critical: 1,234 risks</title>');
    expect(svg.match(/<rect [^>]*rx="6"/g)).toHaveLength(50);
    for (const words of ['Very low 1', 'Very high 5', 'Likelihood', 'Impact', 'Critical: from 75'])
      expect(svg).toContain(`>${words}<`);
  });

  test('shows one of the two alone', () => {
    const svg = draw({ view: 'residual' });
    expect(svg).toContain('Risk heatmap: residual');
    expect(svg).not.toContain('Inherent');
    expect(svg.match(/<rect [^>]*rx="6"/g)).toHaveLength(25);
  });

  test.each([
    ['both', 145],
    ['residual', 68],
  ] as const)('of %s has room for its longest lines', (view, letters) => {
    const statuses = ['transferred', 'accepted', 'mitigated', 'accepted'];
    const svg = draw({ view, statuses, organization: 'Long name '.repeat(20), date: '2026-09-30' });
    const lines = [...svg.matchAll(/font-size="17"[^>]*>([^<]*)</g)].map(([, text = '']) => text);
    expect(lines[0]).toContain('…');
    expect(lines.join(' ')).toContain('1,234 mitigated, accepted or transferred risks · 30 September 2026');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(letters);
  });

  test('of all statuses counts just risks', () => {
    expect(draw({ statuses: RISK_STATUSES })).toContain('Acme · 1,234 risks · 24 November 2026');
  });

  test('loads nothing and runs nothing, whatever the organization is called', () => {
    const hostile = `<script>alert(1)</script>" onload='x' & \u0000\uffff ]]> ${'長'.repeat(200)}`;
    const svg = draw({ organization: hostile });
    expect(svg).not.toMatch(/<script|[\u0000\uffff]|<image|href|url\(/); // oxlint-disable-line no-control-regex -- these must be gone
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).toContain('…');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escaped(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });

  test('ink and ground have a contrast of at least 4.5', () => {
    const pairs = [
      ['#1d232b', '#8ccba0'],
      ['#1d232b', '#fbd968'],
      ['#1d232b', '#f59a4c'],
      ['#ffffff', '#b3261e'],
      ...['#dcf0e2', '#fdf3cf', '#fce2cb', '#f3d3d0', '#ffffff'].map((ground) => ['#56606d', ground]),
    ];
    const svg = draw({
      map: { ...map, inherent: [1, 2, 4, 5].map((n) => ({ likelihood: n, impact: n, count: 1 })) },
    });
    for (const [ink = '', ground = ''] of pairs) {
      expect(svg).toContain(ink);
      expect(svg).toContain(ground);
      expect(contrast(ink, ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});

/** As WCAG 2 counts it. */
function contrast(one: string, other: string): number {
  const light = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const [low = 1, high = 1] = [light(one), light(other)].toSorted((a, b) => a - b);
  return high / low;
}
