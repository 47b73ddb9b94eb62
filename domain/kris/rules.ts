// What a key risk indicator's value means: its colour, the episodes of a breach, where it is heading. Pure.

export const KRI_STATUSES = ['green', 'amber', 'red'] as const;
export type KriStatus = (typeof KRI_STATUSES)[number];

export const COLLECTION_METHODS = ['manual', 'steampipe'] as const;

export const VALUE_SOURCES = ['manual', 'steampipe'] as const;

export const DEFAULT_SCHEDULE = '0 * * * *';
/** Good samples in a row that end a breach: one may be luck. */
export const DEFAULT_HYSTERESIS = 2;
/** A double keeps whole numbers and a few decimals up to here. */
export const LARGEST_VALUE = 1e15;

export interface Thresholds {
  green_threshold: number;
  amber_threshold: number;
}

/** More is worse unless green lies above amber; equal thresholds leave two colours. */
export function statusOf(value: number, { green_threshold, amber_threshold }: Thresholds): KriStatus {
  if (green_threshold <= amber_threshold) {
    if (value <= green_threshold) return 'green';
    return value <= amber_threshold ? 'amber' : 'red';
  }
  if (value >= green_threshold) return 'green';
  return value >= amber_threshold ? 'amber' : 'red';
}

export interface Breach {
  worst_status: Exclude<KriStatus, 'green'>;
  worst_value: number;
  /** In a row, up to now. */
  good_samples: number;
}

/** What a sample makes of an episode; `open` is undefined before and after it. */
export interface BreachStep {
  open: Breach | undefined;
  event: 'opened' | 'worsened' | 'closed' | undefined;
}

/** One episode from the first bad sample to the last of enough good ones, however often it changes colour between. */
export function stepBreach(
  open: Breach | undefined,
  value: number,
  hysteresis: number,
  thresholds: Thresholds,
): BreachStep {
  const status = statusOf(value, thresholds);
  if (status === 'green') {
    if (!open) return { open: undefined, event: undefined };
    const good_samples = open.good_samples + 1;
    if (good_samples >= hysteresis) return { open: undefined, event: 'closed' };
    return { open: { ...open, good_samples }, event: undefined };
  }
  if (!open) return { open: { worst_status: status, worst_value: value, good_samples: 0 }, event: 'opened' };
  const worse = status === 'red' && open.worst_status === 'amber';
  const upward = thresholds.green_threshold <= thresholds.amber_threshold;
  const worst_value = upward ? Math.max(open.worst_value, value) : Math.min(open.worst_value, value);
  return {
    open: { worst_status: worse ? 'red' : open.worst_status, worst_value, good_samples: 0 },
    event: worse ? 'worsened' : undefined,
  };
}

export interface Sample {
  value: number;
  /** Milliseconds. */
  at: number;
}

export const TREND_DIRECTIONS = ['rising', 'falling', 'flat'] as const;
export const TREND_MEANINGS = ['improving', 'worsening', 'steady'] as const;

export interface Trend {
  direction: (typeof TREND_DIRECTIONS)[number];
  meaning: (typeof TREND_MEANINGS)[number];
  /** Of the fitted line, from the first sample to the last. */
  change: number;
  slope_per_day: number;
  samples: number;
}

const DAY_MS = 86_400_000;
/** Of the distance between the thresholds: less is noise. */
const NOISE = 0.1;

/** The line that fits the samples best; null with fewer than two, or with all of them at one moment. */
export function trendOf(samples: readonly Sample[], thresholds: Thresholds): Trend | null {
  const n = samples.length;
  const first = samples[0];
  if (n < 2 || !first) return null;
  // relative to the first, so that neither the epoch nor a large offset costs digits
  const points = samples.map(({ value, at }) => ({ x: (at - first.at) / DAY_MS, y: value - first.value }));
  const mean = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / n;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = mean((point) => (point.x - x) ** 2);
  if (spread === 0) return null;
  const slope_per_day = mean((point) => (point.x - x) * (point.y - y)) / spread;
  const xs = points.map((point) => point.x);
  const change = slope_per_day * (Math.max(...xs) - Math.min(...xs));
  const { green_threshold, amber_threshold } = thresholds;
  const band = Math.abs(amber_threshold - green_threshold) || Math.max(Math.abs(green_threshold), 1);
  const shared = { change, slope_per_day, samples: n };
  if (Math.abs(change) <= NOISE * band) return { ...shared, direction: 'flat', meaning: 'steady' };
  const upIsWorse = green_threshold <= amber_threshold;
  return {
    ...shared,
    direction: change > 0 ? 'rising' : 'falling',
    meaning: change > 0 === upIsWorse ? 'worsening' : 'improving',
  };
}
