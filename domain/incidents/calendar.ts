// Working time in an IANA zone. All instants are UTC milliseconds; a null calendar is 24×7. Pure.

export interface BusinessCalendar {
  /** IANA time zone. */
  zone: string;
  /** Working hours per weekday, Monday first: [start, end) in minutes since local midnight; null is a day off. */
  hours: readonly (readonly [number, number] | null)[];
  /** Local dates without work, `YYYY-MM-DD`. */
  holidays: readonly string[];
}

export type Calendar = BusinessCalendar | null;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** Nothing is promised for longer than ten years, and a calendar that does not work in them never does. */
const HORIZON_DAYS = 3660;

interface LocalDay {
  year: number;
  month: number;
  day: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}

/** Local wall time as if it were UTC. */
function wallClock(zone: string, at: number): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(at)) part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The instant at which clocks in the zone show this; in a gap of summer time, the moment after it. */
function instantOf(zone: string, wall: number): number {
  let at = wall;
  // offsets differ by hours and change seldom, so two steps settle it
  for (let step = 0; step < 3; step += 1) {
    const difference = wall - wallClock(zone, at);
    if (difference === 0) return at;
    at += difference;
  }
  return at;
}

function localDay(zone: string, at: number): LocalDay {
  const wall = new Date(wallClock(zone, at));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth(), day: wall.getUTCDate() };
}

/** The working hours of a local day as instants, or undefined on a day off. */
function workOf(
  calendar: BusinessCalendar,
  { year, month, day }: LocalDay,
  offset: number,
): [number, number] | undefined {
  const midnight = Date.UTC(year, month, day + offset);
  const date = new Date(midnight);
  const hours = calendar.hours[(date.getUTCDay() + 6) % 7];
  if (!hours || calendar.holidays.includes(date.toISOString().slice(0, 10))) return undefined;
  const [from, to] = hours;
  return [
    instantOf(calendar.zone, midnight + from * MINUTE_MS),
    instantOf(calendar.zone, midnight + to * MINUTE_MS),
  ];
}

/** Working milliseconds in [from, to); 0 when `to` is not after `from`. */
export function elapsedBetween(calendar: Calendar, from: number, to: number): number {
  if (to <= from) return 0;
  if (calendar === null) return to - from;
  const first = localDay(calendar.zone, from);
  const days = Math.ceil((to - from) / DAY_MS) + 1;
  let total = 0;
  for (let offset = 0; offset <= days; offset += 1) {
    const work = workOf(calendar, first, offset);
    if (work) total += Math.max(0, Math.min(to, work[1]) - Math.max(from, work[0]));
  }
  return total;
}

/**
 * The instant at which `amount` working milliseconds have passed since `from`.
 * @throws RangeError for a calendar that never works
 */
export function addElapsed(calendar: Calendar, from: number, amount: number): number {
  if (calendar === null) return from + amount;
  const first = localDay(calendar.zone, from);
  let left = amount;
  for (let offset = 0; offset < HORIZON_DAYS; offset += 1) {
    const work = workOf(calendar, first, offset);
    if (!work) continue;
    const begin = Math.max(from, work[0]);
    const length = Math.max(0, work[1] - begin);
    if (length > 0 && left <= length) return begin + left;
    left -= length;
  }
  throw new RangeError('the calendar has no working time');
}

/**
 * The same time of day, `days` working days later: days are counted, not their hours. From outside working time
 * it counts from the next opening.
 * @throws RangeError for a calendar that never works
 */
export function addDays(calendar: Calendar, from: number, days: number): number {
  if (calendar === null) return from + days * DAY_MS;
  const start = addElapsed(calendar, from, 0);
  const first = localDay(calendar.zone, start);
  const opening = workOf(calendar, first, 0);
  const into = opening ? start - opening[0] : 0;
  let counted = 0;
  for (let offset = 1; offset < HORIZON_DAYS; offset += 1) {
    const work = workOf(calendar, first, offset);
    if (!work) continue;
    counted += 1;
    if (counted >= days) return Math.min(work[0] + into, work[1]);
  }
  throw new RangeError('the calendar has no working time');
}

/**
 * Whether so many working days, and so much working time after them, all of it so many times, surely pass within the ten
 * years that `addElapsed` and `addDays` look ahead, wherever they begin. By the week: day by day would cost a tenth of a
 * second.
 */
export function fitsHorizon(
  { hours, holidays }: BusinessCalendar,
  { days = 0, ms = 0 }: { days?: number; ms?: number },
  times: number,
): boolean {
  const worked = hours.filter((day) => day !== null);
  const week_ms = worked.reduce((sum, [from, to]) => sum + (to - from) * MINUTE_MS, 0);
  // the first week may be all of one long day, and a holiday may be the only day of its week
  const weeks = 1 + Math.ceil(days / worked.length) + Math.ceil(ms / week_ms);
  return (weeks * times + holidays.length + 1) * 7 <= HORIZON_DAYS;
}

/** Calendar months in UTC, clamped to the month's end: 31 January and a month is 28 or 29 February. */
export function addMonths(from: number, months: number): number {
  const date = new Date(from);
  const day = date.getUTCDate();
  const target = new Date(from);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const last = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(day, last));
  return target.getTime();
}

export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}
