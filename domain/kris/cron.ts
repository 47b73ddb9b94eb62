// Cron expressions of five fields, in UTC: which are right, and how far apart their times are. Temporal runs them.

const NAMED: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface FieldSpec {
  name: string;
  min: number;
  max: number;
  words?: readonly string[];
}

const FIELDS: readonly FieldSpec[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of week', min: 0, max: 7, words: DAYS },
];

const DAY_MS = 86_400_000;
const DAY_S = 86_400;
/** Four years and a bit, with a leap day: every yearly expression comes round. */
const FIRST_DAY = Date.UTC(2024, 0, 1);
const HORIZON_DAYS = 1_827;

export type Cron =
  | {
      ok: true;
      /** As Temporal gets it. */
      expression: string;
      /** The longest time between two of its moments. */
      interval_s: number;
    }
  | { ok: false; detail: string };

export function readCron(text: string): Cron {
  const trimmed = text.trim().toLowerCase();
  const expression = Object.hasOwn(NAMED, trimmed) ? (NAMED[trimmed] ?? '') : trimmed.replaceAll(/\s+/g, ' ');
  const parts = expression.split(' ');
  if (parts.length !== FIELDS.length)
    return refuse('five fields are needed: minute, hour, day of month, month, day of week');
  const sets: ReadonlySet<number>[] = [];
  for (const [index, spec] of FIELDS.entries()) {
    const values = valuesOf(parts[index] ?? '', spec);
    if (!values) return refuse(`${spec.name} is wrong: ${JSON.stringify((parts[index] ?? '').slice(0, 40))}`);
    sets.push(values);
  }
  if (parts[2] !== '*' && parts[4] !== '*')
    return refuse(
      'a day of month and a day of week together mean different things to different clocks: give one',
    );
  const interval_s = longestGap(sets);
  return interval_s === undefined ? refuse('it never comes') : { ok: true, expression, interval_s };
}

function refuse(detail: string): Cron {
  return { ok: false, detail };
}

function valuesOf(text: string, spec: FieldSpec): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const every = step === undefined ? 1 : wholeNumber(step);
    const ends = range === '*' ? [spec.min, spec.max] : range.split('-').map((end) => numberOf(end, spec));
    const [from, to = step === undefined ? from : spec.max, ...others] = ends;
    if (more.length > 0 || others.length > 0 || from === undefined || to === undefined) return undefined;
    if (every === undefined || every < 1 || every > spec.max) return undefined;
    if (!(from >= spec.min && from <= to && to <= spec.max)) return undefined;
    for (let value = from; value <= to; value += every) values.add(value);
  }
  return values;
}

function numberOf(text: string, { min, words = [] }: FieldSpec): number {
  const place = words.indexOf(text);
  return place >= 0 ? place + min : (wholeNumber(text) ?? Number.NaN);
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

/** Undefined when no day has all of it. */
function longestGap([minutes, hours, days, months, weekdays]: readonly ReadonlySet<number>[]):
  number | undefined {
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 3_600 + minute * 60));
  times.sort((a, b) => a - b);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  let longest = times.reduce((most, time, index) => Math.max(most, time - (times[index - 1] ?? time)), 0);
  let before: number | undefined;
  for (let day = 0; day < HORIZON_DAYS; day += 1) {
    const date = new Date(FIRST_DAY + day * DAY_MS);
    const weekday = date.getUTCDay();
    const here = days.has(date.getUTCDate()) && months.has(date.getUTCMonth() + 1);
    if (!here || !(weekdays.has(weekday) || (weekday === 0 && weekdays.has(7)))) continue;
    if (before !== undefined) longest = Math.max(longest, (day - before) * DAY_S + first - last);
    before = day;
  }
  return before === undefined || longest === 0 ? undefined : longest;
}
